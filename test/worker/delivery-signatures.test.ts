// The standardwebhooks package, which receivers use, verifies every kind of delivery: with one secret, while an older one
// signs too, and afterwards with the new one alone. It accepts none that was touched on its way.
import { env } from 'cloudflare:workers'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { seal } from '../../src/crypto/seal.ts'
import { sendTestEvent } from '../../src/delivery/test-event.ts'
import { eventId } from '../../src/domain/ids.ts'
import { recordsOf } from '../../src/store/database.ts'
import { addReplay, type Replay } from '../../src/store/replays.ts'
import { aDelivery, failing } from './a-delivery.ts'
import { askedAt, databaseOf, emptyRecords, type Got, SECRET } from './delivery-rig.ts'

beforeEach(emptyRecords)
afterEach(() => vi.useRealTimers())

const NEWER = 'whsec_dG9sbGdhdGUtcm90YXRlZC1zZWNyZXQtMQ=='
const STRANGE = 'whsec_c29tZWJvZHktZWxzZXMtc2VjcmV0LTEyMw=='

type Made = Awaited<ReturnType<typeof aDelivery>>

/** The trigger that the last attempt must have had, or the test has not made what it says. */
interface Kind {
  trigger: 'schedule' | 'manual' | 'replay' | 'probe'
  eventType?: string
  send(made: Made): Promise<void>
}

const kinds: Record<string, Kind> = {
  'a payment event': { trigger: 'schedule', send: async ({ rig }) => void (await rig.turn()) },
  'an event about an exception': {
    ...{ trigger: 'schedule', eventType: 'exception.raised' },
    send: async ({ rig }) => void (await rig.turn()),
  },
  'a scheduled retry': {
    trigger: 'schedule',
    send: async ({ rig }) => {
      rig.behaviour = (_got, count) => new Response('', { status: count === 1 ? 503 : 200 })
      await rig.settle(3)
    },
  },
  'a retry that a person asked for': {
    trigger: 'manual',
    send: async ({ rig, retry }) => {
      rig.schedule = [0]
      rig.behaviour = failing(500)
      await rig.turn()
      rig.behaviour = () => new Response('ok')
      await retry()
      await rig.turn()
    },
  },
  'a replay': {
    trigger: 'replay',
    send: async ({ rig, merchantId, destination }) => {
      await rig.turn()
      const replay: Replay = {
        ...{ id: `rpl_of_${merchantId}`, merchantId, livemode: false, destinationId: destination.id },
        ...{ since: 0, until: 2_000_000_000_000, eventTypes: ['*'], only: 'all', cursorAt: 0, cursorId: '' },
        ...{ events: 0, deliveries: 0, createdAt: rig.now, finishedAt: null },
      }
      await addReplay(recordsOf(env, merchantId), replay, askedAt(rig.now))
      await rig.settle(2)
    },
  },
  'a probe': {
    trigger: 'probe',
    send: async ({ rig, merchantId }) => {
      await databaseOf(merchantId)
        .prepare(
          "update destinations set status = 'paused', paused_because = 'failing', failures = 20, failing_since = ?1, due_at = ?1 where merchant_id = ?2",
        )
        .bind(rig.now, merchantId)
        .run()
      await rig.turn()
      await rig.sweep()
      await rig.turn()
    },
  },
}

/** Sends one of this kind while the destination has these secrets; `olderUntil` counts from now, in milliseconds. */
async function sent(kind: Kind, secrets: string[], olderUntil: number | null): Promise<Got> {
  const { eventType, trigger } = kind
  const made = await aDelivery({ ...(eventType && { eventType }) })
  const { rig, merchantId, destination } = made
  await databaseOf(merchantId)
    .prepare('update destinations set secrets = ?, older_secret_until = ? where id = ?')
    .bind(
      await seal(env, JSON.stringify(secrets), destination.id),
      olderUntil === null ? null : rig.now + olderUntil,
      destination.id,
    )
    .run()
  await kind.send(made)
  const { attempts, status } = await made.read()
  expect({ status, trigger: attempts.at(-1)?.trigger }).toEqual({ status: 'delivered', trigger })
  return rig.got.at(-1)!
}

/** A test event is no delivery, so it goes its own way. */
async function sentTest(secrets: string[], olderUntil: number | null): Promise<Got> {
  const { rig, destination } = await aDelivery()
  const sealed = await seal(env, JSON.stringify(secrets), destination.id)
  const olderSecretUntil = olderUntil === null ? null : rig.now + olderUntil
  await sendTestEvent({ ...destination, secrets: sealed, olderSecretUntil }, eventId('tst', 1), rig.ports())
  return rig.got.at(-1)!
}

const all: [string, (secrets: string[], olderUntil: number | null) => Promise<Got>][] = [
  ...Object.entries(kinds).map(([name, kind]): (typeof all)[number] => [
    name,
    (secrets, olderUntil) => sent(kind, secrets, olderUntil),
  ]),
  ['a test event', sentTest],
]

/** Whether a receiver with this secret, whose clock is right, takes it. */
function isTaken(secret: string, { headers, body }: Got): boolean {
  vi.useFakeTimers({ toFake: ['Date'], now: Number(headers['webhook-timestamp']) * 1_000 })
  try {
    return new Webhook(secret).verify(body, headers) !== undefined
  } catch {
    return false
  } finally {
    vi.useRealTimers()
  }
}

const takenBy = (got: Got) => [NEWER, SECRET, STRANGE].filter((secret) => isTaken(secret, got))

const touched = (got: Got): Record<string, Got> => {
  const withHeader = (name: string, value: string) => ({ ...got, headers: { ...got.headers, [name]: value } })
  return {
    'a byte more': { ...got, body: `${got.body} ` },
    'another type': { ...got, body: got.body.replace('"type":"', '"type":"x') },
    'another id': withHeader('webhook-id', `${got.headers['webhook-id']}x`),
    'another time': withHeader('webhook-timestamp', `${Number(got.headers['webhook-timestamp']) + 1}`),
    'no signature': withHeader('webhook-signature', ''),
    'a signature of nothing': withHeader('webhook-signature', 'v1,AAAA'),
  }
}

describe.each(all)('%s', (_name, send) => {
  it('is verified by the secret, and by no other', async () => {
    expect(takenBy(await send([SECRET], null))).toEqual([SECRET])
  })

  it('is verified by both secrets while one replaces the other', async () => {
    expect(takenBy(await send([NEWER, SECRET], 86_400_000))).toEqual([NEWER, SECRET])
  })

  it('is verified by the new secret alone once the older one\u2019s time is over', async () => {
    expect(takenBy(await send([NEWER, SECRET], 0))).toEqual([NEWER])
  })

  it('is refused by either secret when anything of it was touched', async () => {
    const got = await send([NEWER, SECRET], 86_400_000)
    const taken = Object.entries(touched(got)).filter(([, one]) => takenBy(one).length > 0)
    expect(taken).toEqual([])
  })

  it('is refused when it comes ten minutes late', async () => {
    const { headers, body } = await send([SECRET], null)
    vi.useFakeTimers({ toFake: ['Date'], now: (Number(headers['webhook-timestamp']) + 600) * 1_000 })
    expect(() => new Webhook(SECRET).verify(body, headers)).toThrow('too old')
  })
})
