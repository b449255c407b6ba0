// What users of such systems suffer from, each in its own words: here it does not happen.
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { inboxIdOf } from '../../src/crypto/hash.ts'
import { signatureHeaders } from '../../src/crypto/standard-webhooks.ts'
import type { InboxObject } from '../../src/payment/inbox.ts'
import { SandboxBook } from '../../src/sandbox/book.ts'
import { recordsOf } from '../../src/store/database.ts'
import { askForRetry } from '../../src/store/deliveries.ts'
import {
  aDestination,
  aMerchantId,
  aPaymentId,
  aPublication,
  askedAt,
  emptyRecords,
  type Got,
  Rig,
  rowsOf,
  SECRET,
} from './delivery-rig.ts'
import { ADMIN } from './door.ts'
import { secret } from './sandbox-shop.ts'
import { aKey, aTill, click, inside, type Json, type Till } from './till.ts'

let till: Till
beforeAll(async () => {
  till = await aTill()
})
beforeEach(emptyRecords)
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const pass = (ms: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms })
const ring = (session: Json) => runDurableObjectAlarm(env.PAYMENT.getByName(session.payment_id))
const post = (session: Json, name: string, body: object, as?: string) =>
  till.call(`/v1/payments/${session.payment_id}/${name}`, { body, key: aKey(), ...(as && { as }) })

async function paid(): Promise<Json> {
  const session = await till.open()
  await click(session, 'pay')
  return session
}

const idsOf = (got: Got[]) => got.map(({ headers }) => headers['webhook-id'])
const sequenceOf = ({ body }: Got) => JSON.parse(body).data.sequence as number

describe('an event that is told late', () => {
  it('does not carry a state that came after it, as a snapshot taken when it is sent would', async () => {
    const session = await paid()
    expect((await post(session, 'refunds', { amount: 400 })).status).toBe(200)
    const bodies = await inside(session.payment_id, ({ storage }) =>
      storage.sql
        .exec<{ event_body: string }>(
          'SELECT event_body FROM journal WHERE event_id IS NOT NULL ORDER BY seq',
        )
        .toArray()
        .map((row) => JSON.parse(row.event_body)),
    )
    expect(
      bodies.map(({ type, data }) => [
        data.sequence,
        type,
        data.payment.status,
        data.payment.amount_refunded,
      ]),
    ).toEqual([
      [1, 'payment.created', 'created', 0],
      [2, 'payment.pending', 'pending', 0],
      [3, 'payment.paid', 'paid', 0],
      [4, 'payment.refunded', 'paid', 400],
    ])
  })

  it('and behind a newer one says its place, and the same bytes at each try', async () => {
    const rig = new Rig()
    const [merchantId, stream] = [aMerchantId(), aPaymentId()]
    await aDestination(merchantId)
    rig.behaviour = (got, count) =>
      new Response('', { status: sequenceOf(got) === 1 && count < 3 ? 503 : 200 })
    rig.publish(aPublication({ merchantId, stream, from: 1, to: 2 }))
    await rig.settle(10)
    const arrived = rig.got.map(sequenceOf)
    expect([new Set(arrived), arrived.at(-1)]).toEqual([new Set([1, 2]), 1])
    expect(new Set(rig.got.filter((one) => sequenceOf(one) === 1).map(({ body }) => body)).size).toBe(1)
    const { body, headers } = rig.got.at(-1)!
    vi.useFakeTimers({ toFake: ['Date'], now: Number(headers['webhook-timestamp']) * 1_000 })
    expect(new Webhook(SECRET).verify(body, headers)).toMatchObject({ data: { sequence: 1 } })
  })
})

describe('an event whose delivery is on record already', () => {
  it('goes out again when a person asks, however often: no dedupe of ours stands in the way', async () => {
    const rig = new Rig()
    const [merchantId, stream] = [aMerchantId(), aPaymentId()]
    await aDestination(merchantId)
    const publication = aPublication({ merchantId, stream })
    rig.publish(publication)
    await rig.settle(2)
    const [row] = await rowsOf<{ id: string; attempt_count: number }>('deliveries', merchantId)
    for (const attempt of [2, 3]) {
      const whose = { merchantId, livemode: false }
      const due = await askForRetry(recordsOf(env, merchantId), whose, row!.id, askedAt(rig.now))
      expect(due?.attemptCount).toBe(attempt - 1)
      rig.send('tollgate-deliveries', rig.message(row!.id, merchantId, attempt))
      await rig.turn()
    }
    // The range itself, published again, is no reason to send.
    rig.publish(publication)
    await rig.settle(2)
    expect([rig.got.length, new Set(idsOf(rig.got)).size]).toEqual([3, 1])
  })
})

describe('one endpoint that fails', () => {
  it('does not clog the rest: a hundred of its events wait, and a healthy one hears each at once', async () => {
    const rig = new Rig()
    const merchantId = aMerchantId()
    const [failing, healthy] = [await aDestination(merchantId), await aDestination(merchantId)]
    rig.behaviour = ({ url }) => new Response('', { status: url === failing.url ? 500 : 200 })
    for (let n = 0; n < 100; n++) rig.publish(aPublication({ merchantId, stream: aPaymentId() }))
    await rig.turn()
    await rig.turn()
    expect(rig.got.filter(({ url }) => url === healthy.url)).toHaveLength(100)
    const rows = await rowsOf<{ destination_id: string; status: string }>('deliveries', merchantId)
    const owed = rows.filter(({ status }) => status !== 'delivered')
    expect([owed.length, new Set(owed.map((row) => row.destination_id))]).toEqual([
      100,
      new Set([failing.id]),
    ])
  })
})

describe('a report that nothing here answers to, or that is of no use,', () => {
  /** The log line of a genuine report. */
  async function said(body: object): Promise<Json> {
    const { door, connectionId } = till
    door.now = Date.now()
    const text = JSON.stringify(body)
    const headers = await signatureHeaders([secret], crypto.randomUUID(), Math.floor(door.now / 1_000), text)
    const response = await door.call(`/webhooks/sandbox/${connectionId}`, { body: text, headers })
    return { status: response.status, ...JSON.parse(door.lines.at(-1) ?? '{}') }
  }

  it('is not invisible: what names no payment is kept and said to be unmatched, what is ignored is said to be', async () => {
    const data = {
      reference: 'sbx_stray',
      order_id: 'T-stray',
      session_id: 'ps_x',
      amount: 5,
      currency: 'AMD',
    }
    const stray = await said({ type: 'payment.captured', data })
    expect(stray).toMatchObject({ status: 200, heard: 'reports', outcomes: 'unmatched' })
    const inbox = env.INBOX.getByName(inboxIdOf(till.connectionId, 'sbx_stray'))
    const kept = await runInDurableObject(inbox, (_: InboxObject, { storage }) =>
      JSON.stringify(storage.sql.exec('SELECT state FROM inbox').toArray()),
    )
    expect(kept).toContain('T-stray')
    expect(await said({ type: 'other.thing', data: {} })).toMatchObject({ status: 200, heard: 'ignored' })
  })

  it('and a provider that fails is not told as "processing": the answer says that nobody knows', async () => {
    const session = await paid()
    vi.spyOn(SandboxBook.prototype, 'instruct').mockRejectedValue(new Error('down'))
    const answer = await post(session, 'refunds', { amount: 400 })
    expect([answer.status, await answer.json()]).toMatchObject([202, { in_doubt: true, amount_refunded: 0 }])
    expect(await till.paymentOf(session)).toMatchObject({ status: 'paid', in_doubt: true })
  })
})

describe('a report that is lost, of a customer who never comes back,', () => {
  it('does not leave the payment pending for ever: the gateway asks by itself', async () => {
    const session = await till.open()
    await click(session, 'pay', { lost: 'on' })
    expect(await till.paymentOf(session)).toMatchObject({ status: 'pending' })
    pass(Date.parse(session.expires_at) - Date.now() + 1)
    await ring(session)
    expect(await till.paymentOf(session)).toMatchObject({ status: 'paid', amount_captured: 1_000 })
  })
})

describe('operations and security', () => {
  const operator = async () => {
    const body = { name: 'Ani', role: 'operator', livemode: false }
    const path = `/v1/admin/merchants/${till.merchantId}/operators`
    return till.door.json(201, path, { as: ADMIN, body })
  }

  it('a queue that lost its messages leaves no event in limbo', async () => {
    const rig = new Rig()
    const merchantId = aMerchantId()
    await aDestination(merchantId)
    rig.publish(aPublication({ merchantId, stream: aPaymentId() }))
    await rig.turn()
    rig.waiting = []
    await rig.settle(5)
    expect(rig.got).toHaveLength(1)
    expect(await rowsOf('deliveries', merchantId)).toMatchObject([{ status: 'delivered' }])
  })

  it('nobody marks an order paid without saying who and why, and it stands in the journal beside its money', async () => {
    const session = await till.open()
    const { token, id } = await operator()
    const to = { to_status: 'paid', amount: 1_000 }
    const why = { ...to, reason: 'Bank transfer 17' }
    expect((await post(session, 'corrections', why)).status).toBe(403)
    expect((await post(session, 'corrections', to, token)).status).toBe(422)
    expect((await post(session, 'corrections', why, token)).status).toBe(200)
    const { data } = await till.json(200, `/v1/payments/${session.payment_id}/journal`)
    const entry = data.find(({ type }: Json) => type.includes('correct'))
    expect(entry).toMatchObject({ actor: id })
    expect(JSON.stringify(entry)).toContain('Bank transfer 17')
    expect(await till.paymentOf(session)).toMatchObject({ status: 'paid', amount_captured: 1_000 })
  })

  it('an action that fails leaves its audit entry: it is not rolled back with the action', async () => {
    const session = await till.open()
    expect((await post(session, 'capture', {})).status).toBe(409)
    const { data } = await till.json(200, `/v1/payments/${session.payment_id}/journal`)
    const refused = data.filter(({ type }: Json) => type === 'command.refused')
    expect(refused).toMatchObject([{ actor: expect.stringMatching(/^key_/) }])
  })

  it('a merchant has several endpoints, of one kind too, and each hears', async () => {
    const rig = new Rig()
    const merchantId = aMerchantId()
    const both = [await aDestination(merchantId), await aDestination(merchantId)]
    rig.publish(aPublication({ merchantId, stream: aPaymentId() }))
    await rig.settle(2)
    expect(rig.got.map(({ url }) => url).sort()).toEqual(both.map(({ url }) => url).sort())
  })

  it.each([
    'https://169.254.169.254/latest/meta-data/',
    'https://[fd00:ec2::254]/',
    'https://[::ffff:169.254.169.254]/',
    'https://metadata.google.internal/',
    'https://localhost/',
  ])('no destination reaches into the deployment’s own network: %s', async (url) => {
    const body = { kind: 'crm', url, event_types: ['*'] }
    const problem = await till.json(422, '/v1/destinations', { body, key: aKey() })
    expect(problem.errors[0].pointer).toBe('/url')
  })

  it('no merchant reads another one’s payment, by whatever name', async () => {
    const session = await paid()
    const other = await aTill()
    for (const path of [`/v1/payments/${session.payment_id}`, `/v1/payment-sessions/${session.id}`])
      expect((await till.call(path, { as: other.secretKey })).status).toBe(404)
    const { data } = await till.json(200, `/v1/payments?order_id=${session.order_id}`, {
      as: other.secretKey,
    })
    expect(data).toEqual([])
  })
})
