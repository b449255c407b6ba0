/** Money commands at the object: written before they are sent, sent once, and never repeated on a guess. */
import { describe, expect, it } from 'vitest'
import type { Commanded } from '../../../src/domain/commands.ts'
import type { Capabilities, Fact, Outcome } from '../../../src/domain/provider.ts'
import { beginCommand, type CommandBegun, conclude, ownCommand } from '../../../src/payment/commanding.ts'
import {
  aRig,
  CONNECTION,
  capabilities,
  checksTheBooksAfterEachTest,
  HOUR,
  MINUTE,
  type Rig,
} from '../../support/payment-rig.ts'

checksTheBooksAfterEachTest()

const withoutKeys: Capabilities = { ...capabilities, idempotencySeconds: 0 }
const amd = (amount: number) => ({ amount, currency: 'AMD' })
const lost: Outcome<Fact[]> = { kind: 'unknown', detail: 'No answer.' }
const done = (...facts: Fact[]): Outcome<Fact[]> => ({ kind: 'done', value: facts })

function asks(
  rig: Rig,
  asked: Partial<Commanded>,
  key = 'c1',
  able: Partial<Capabilities> = {},
): CommandBegun | null {
  const command: Commanded = { type: 'capture', amount: null, sessionId: null, reason: null, ...asked }
  const fingerprint = JSON.stringify(command)
  const known = { [CONNECTION]: { ...capabilities, ...able } }
  return rig.step((book) =>
    beginCommand(book, { command, key: { name: key, fingerprint }, actor: 'key_1', capabilities: known }),
  )
}

function hears(rig: Rig, begun: CommandBegun | null, outcome: Outcome<Fact[]>, key = 'c1') {
  if (begun?.kind !== 'call') throw new Error(`There was no call, but ${begun?.kind}.`)
  const { sessionId, epoch } = begun.call
  const fingerprint = rig.storage.exec('SELECT fingerprint FROM journal WHERE key = ?', key)[0]?.fingerprint
  const kept = { name: key, fingerprint: String(fingerprint) }
  return rig.step((book) => conclude(book, { sessionId, epoch, outcome, key: kept, actor: 'key_1' }))
}

/** An order whose money is held, or taken. */
function held(rig = aRig()): Rig {
  rig.open({ captureMethod: 'manual' })
  rig.hear({ type: 'authorized' })
  return rig
}

function paid(): Rig {
  const rig = aRig()
  rig.open()
  rig.hear({ type: 'captured' })
  return rig
}

describe('a capture', () => {
  it('is written with its provider key before the provider is called', () => {
    const rig = held()
    const begun = asks(rig, { amount: 600 })
    expect(begun).toMatchObject({ kind: 'call', call: { action: { type: 'capture', amount: 600 } } })
    expect(rig.types.at(-1)).toBe('command.begun')
    expect(rig.session().command).toMatchObject({ status: 'running', amount: 600 })
  })
  it('of a part is paid by that part, and its answer is kept under its key', () => {
    const rig = held()
    const answer = hears(rig, asks(rig, { amount: 600 }), done({ type: 'captured', ...amd(600) }))
    expect(answer).toMatchObject({ kind: 'body', status: 200 })
    expect(rig.status).toBe('paid')
    expect(rig.session().captured).toBe(600)
    expect(asks(rig, { amount: 600 })).toMatchObject({ kind: 'answer', replayed: true, answer })
  })
  it('counts what was given back of it already, and was told before its answer', () => {
    const rig = held()
    const begun = asks(rig, {})
    expect(rig.hear({ type: 'refunded', amount: 400 })).toBe('premature')
    hears(rig, begun, done({ type: 'captured', ...amd(1_000) }))
    expect(rig.session()).toMatchObject({ captured: 1_000, refunded: 400, command: null })
  })

  it('meets the provider’s own report of it as one capture, whichever comes first', () => {
    const rig = held()
    const begun = asks(rig, { amount: 600 })
    expect(rig.hear({ type: 'captured', amount: 600 })).toBe('applied')
    hears(rig, begun, done({ type: 'captured', ...amd(600) }))
    expect(rig.session()).toMatchObject({ captured: 600, command: null })
    expect(rig.events.filter((type) => type === 'payment.paid')).toHaveLength(1)
  })
  it('is refused above what is held, and where nothing is held', () => {
    expect(asks(held(), { amount: 1_001 })).toMatchObject({ refusal: { code: 'validation_failed' } })
    expect(asks(paid(), {})).toMatchObject({ refusal: { code: 'not_allowed_now' } })
  })
  it('of another amount than was asked for is a mismatch, not a payment', () => {
    const rig = held()
    asks(rig, { amount: 600 })
    expect(rig.hear({ type: 'captured', amount: 900 })).toBe('mismatched')
    expect(rig.status).toBe('authorized')
  })
  it('that the provider refuses for good is kept as that, and leaves the way free under a new provider key', () => {
    const rig = held()
    const first = asks(rig, {})
    const no: Outcome<Fact[]> = { kind: 'declined', code: 'declined', detail: 'No.' }
    expect(hears(rig, first, no)).toMatchObject({ kind: 'refusal', refusal: { code: 'provider_declined' } })
    expect(asks(rig, {})).toMatchObject({ kind: 'answer', replayed: true, answer: { kind: 'refusal' } })
    const second = asks(rig, {}, 'c2')
    expect(second?.kind).toBe('call')
    if (first?.kind === 'call' && second?.kind === 'call') expect(second.call.key).not.toBe(first.call.key)
  })
  it('that is only accepted waits for the provider’s word, and fails without harm when that is no', () => {
    const rig = held()
    expect(hears(rig, asks(rig, {}), done({ type: 'capture_pending' }))).toMatchObject({ status: 202 })
    expect(rig.session().command?.status).toBe('accepted')
    rig.hear({ fact: { type: 'capture_failed' }, id: 'failed-1' })
    expect(rig.session()).toMatchObject({ state: 'authorized', command: null, captureAsked: null })
  })
})

describe('a command whose answer is lost', () => {
  it('leaves the session in doubt, is answered 202, and blocks every other money command', () => {
    const rig = held()
    expect(hears(rig, asks(rig, {}), lost)).toMatchObject({ status: 202 })
    expect(rig.session().command?.status).toBe('in_doubt')
    expect(asks(rig, {}, 'c2')).toMatchObject({ refusal: { code: 'not_allowed_now' } })
    expect(asks(rig, {})).toMatchObject({ kind: 'answer', replayed: false, answer: { status: 202 } })
  })
  it('is settled by the provider’s totals, and never sent again where there is no native key', () => {
    const rig = held()
    const begun = asks(rig, {}, 'c1', withoutKeys)
    hears(rig, begun, lost)
    rig.now += MINUTE
    expect(rig.step((book) => ownCommand(book, rig.session().id, withoutKeys))).toBeNull()
    rig.learn({
      facts: [
        { type: 'authorized', ...amd(1_000) },
        { type: 'captured', ...amd(1_000) },
      ],
      payable: false,
    })
    expect(rig.session()).toMatchObject({ state: 'captured', command: null })
  })
  it('is repeated under its own key while that key lives at the provider, and not a moment longer', () => {
    const rig = held()
    const begun = asks(rig, {})
    hears(rig, begun, lost)
    rig.now += HOUR
    const again = rig.step((book) => ownCommand(book, rig.session().id, capabilities))
    expect(again?.key).toBe(begun?.kind === 'call' ? begun.call.key : undefined)
    rig.now += 24 * HOUR
    expect(rig.step((book) => ownCommand(book, rig.session().id, capabilities))).toBeNull()
  })
  it('is asked about once more when its repeat was refused: what was sent first may arrive behind it', () => {
    const rig = paid()
    hears(rig, asks(rig, { type: 'refund', amount: 400 }), lost)
    const { id } = rig.session()
    const again = rig.step((book) => ownCommand(book, id, capabilities))!
    const no = { kind: 'declined', code: 'invalid_request', detail: 'No.' } as const
    rig.step((book) => conclude(book, { ...again, outcome: no, key: null, actor: 'tollgate' }))
    expect(rig.session().command).toBeNull()
    rig.now = rig.asks()!.at
    const refunded = { type: 'refunded', ...amd(400) } as const
    rig.learn({
      facts: [{ type: 'captured', ...amd(1_000) }, refunded],
      references: ['ref-1'],
      payable: false,
    })
    expect([rig.session().refunded, rig.asks()]).toEqual([400, undefined])
  })

  it('because its Worker died is in doubt as soon as its lease is over', () => {
    const rig = held()
    asks(rig, {})
    rig.now += 10_000
    rig.learn({ facts: [{ type: 'authorized', ...amd(1_000) }] })
    expect(rig.session().command?.status).toBe('running')
    rig.now += MINUTE
    rig.learn({ facts: [{ type: 'authorized', ...amd(1_000) }] })
    expect(rig.session().command?.status).toBe('in_doubt')
  })
  it('for too long goes to a person, whose decision ends the doubt', () => {
    const rig = held()
    hears(rig, asks(rig, {}, 'c1', withoutKeys), lost)
    rig.now += 25 * HOUR
    rig.learn(null)
    expect(rig.exceptions).toContain('in_doubt_too_long')
    const [exception] = rig.payment.exceptions
    rig.resolve(exception?.id ?? '')
    expect(rig.session().command).toBeNull()
  })
  it('may be answered late only by the holder of its lease', () => {
    const rig = held()
    const begun = asks(rig, {})
    if (begun?.kind !== 'call') throw new Error('There was no call.')
    rig.now += MINUTE
    rig.learn(null)
    rig.step((book) => ownCommand(book, rig.session().id, capabilities))
    expect(hears(rig, begun, { kind: 'declined', code: 'declined', detail: 'Late.' })).toBeNull()
    expect(rig.session().command?.status).toBe('in_doubt')
  })
})

describe('a refund', () => {
  it('of parts adds up to the whole, and no further', () => {
    const rig = paid()
    hears(
      rig,
      asks(rig, { type: 'refund', amount: 400 }),
      done({ type: 'refunded', ...amd(400), reference: 'r1' }),
    )
    expect(rig.payment.refunds).toMatchObject([{ amount: 400, status: 'succeeded', reference: 'r1' }])
    expect(asks(rig, { type: 'refund', amount: 601 }, 'c2')).toMatchObject({
      refusal: { code: 'validation_failed' },
    })
    const rest = asks(rig, { type: 'refund' }, 'c3')
    expect(rest).toMatchObject({ call: { action: { amount: 600 } } })
    hears(rig, rest, done({ type: 'refunded', ...amd(1_000), reference: 'r2' }), 'c3')
    expect(rig.session().refunded).toBe(1_000)
    expect(asks(rig, { type: 'refund' }, 'c4')).toMatchObject({ refusal: { code: 'not_allowed_now' } })
  })
  it('told one by one is counted once, by its reference', () => {
    const rig = paid()
    const one: Fact = { type: 'refunded_one', ...amd(300), reference: 'r1' }
    hears(rig, asks(rig, { type: 'refund', amount: 300 }), done(one))
    rig.hear({ fact: one, id: 'told-again' })
    expect(rig.session().refunded).toBe(300)
    expect(rig.events.filter((type) => type === 'payment.refunded')).toHaveLength(1)
  })
  it('that is pending holds its amount, and gives it back when it fails', () => {
    const rig = paid()
    const pending: Fact = { type: 'refund_pending', ...amd(700), reference: 'r1' }
    expect(hears(rig, asks(rig, { type: 'refund', amount: 700 }), done(pending))).toMatchObject({
      status: 202,
    })
    expect(asks(rig, { type: 'refund', amount: 400 }, 'c2')).toMatchObject({
      refusal: { code: 'validation_failed' },
    })
    rig.hear({ fact: { type: 'refund_failed', reference: 'r1' }, id: 'failed-1' })
    expect(rig.payment.refunds).toMatchObject([{ status: 'failed' }])
    expect(rig.events.at(-1)).toBe('payment.refund_failed')
    expect(asks(rig, { type: 'refund', amount: 400 }, 'c3')?.kind).toBe('call')
  })
  it('that is only accepted is asked about until the provider has said how it ended', () => {
    const rig = paid()
    const pending: Fact = { type: 'refund_pending', ...amd(700), reference: 'r1' }
    hears(rig, asks(rig, { type: 'refund', amount: 700 }), done(pending))
    const taken: Fact = { type: 'captured', ...amd(1_000) }
    const waits: number[] = []
    for (let times = 0; times < 4; times++) {
      const wait = (rig.asks()?.at ?? Number.NaN) - rig.now
      waits.push(wait / MINUTE)
      rig.now += wait
      rig.learn({ facts: [taken, pending], references: ['ref-1'] })
    }
    expect(waits).toEqual([6.75, 20.25, 60, 60])
    rig.learn({
      facts: [taken, { type: 'refunded_one', ...amd(700), reference: 'r1' }],
      references: ['ref-1'],
    })
    expect([rig.session().refunded, rig.asks()]).toEqual([700, undefined])
  })

  it('that is only accepted is still asked about when another one ends, or when the office asked for it', () => {
    const rig = paid()
    const ours: Fact = { type: 'refund_pending', ...amd(300), reference: 'r1' }
    hears(rig, asks(rig, { type: 'refund', amount: 300 }), done(ours))
    const planned = rig.asks()
    rig.hear({ fact: { type: 'refund_pending', ...amd(350), reference: 'r2' }, id: 'office' })
    rig.hear({ fact: { type: 'refund_failed', reference: 'r2' }, id: 'office-failed' })
    expect([planned === undefined, rig.asks()]).toEqual([false, planned])
    const other = paid()
    other.hear({ fact: { type: 'refund_pending', ...amd(350), reference: 'r2' }, id: 'office' })
    expect(other.asks()).toBeDefined()
  })

  it('that is only accepted is not asked about where there is nobody to ask', () => {
    const rig = paid()
    hears(
      rig,
      asks(rig, { type: 'refund', amount: 700 }),
      done({ type: 'refund_pending', ...amd(700), reference: 'r1' }),
    )
    rig.learn(null, { statusCheck: false })
    expect(rig.asks()).toBeUndefined()
  })

  it('that fails after it had succeeded takes its money back into the total', () => {
    const rig = paid()
    rig.hear({ fact: { type: 'refunded_one', ...amd(300), reference: 'r1' }, id: 'one' })
    rig.hear({ fact: { type: 'refund_failed', reference: 'r1' }, id: 'two' })
    expect(rig.session().refunded).toBe(0)
  })
  it('is refused where the provider takes none, or none of a part', () => {
    expect(asks(paid(), { type: 'refund' }, 'c1', { refund: false })).toMatchObject({ kind: 'refused' })
    expect(asks(paid(), { type: 'refund', amount: 1 }, 'c1', { partialRefund: false })).toMatchObject({
      kind: 'refused',
    })
  })
})

describe('a capture that the provider took', () => {
  it('and never tells the end of goes to a person after a day', () => {
    const rig = held()
    hears(rig, asks(rig, {}), done({ type: 'capture_pending' }))
    rig.now += 23 * HOUR
    rig.learn({})
    expect(rig.exceptions).toEqual([])
    rig.now += HOUR
    rig.learn({})
    expect(rig.exceptions).toEqual(['in_doubt_too_long'])
  })
})

describe('a cancel', () => {
  it('gives a hold back', () => {
    const rig = held()
    expect(hears(rig, asks(rig, { type: 'cancel' }), done({ type: 'canceled' }))).toMatchObject({
      status: 200,
    })
    expect(rig.status).toBe('canceled')
    expect(rig.session().command).toBeNull()
  })
  it('is refused once the money was taken', () => {
    expect(asks(paid(), { type: 'cancel' })).toMatchObject({ refusal: { code: 'not_allowed_now' } })
  })
})

describe('a customer’s approval', () => {
  const approving: Capabilities = { ...capabilities, approves: true }
  it('makes the object capture once, for the current session, and pays by what was captured', () => {
    const rig = aRig()
    rig.open()
    expect(rig.hear({ fact: { type: 'approved' }, id: 'approved-1' })).toBe('applied')
    const call = rig.step((book) => ownCommand(book, rig.session().id, approving))
    expect(call?.action).toEqual({ type: 'capture', amount: 1_000 })
    expect(rig.step((book) => ownCommand(book, rig.session().id, approving))).toBeNull()
    const { sessionId, epoch } = call ?? { sessionId: '', epoch: 0 }
    const outcome = done({ type: 'captured', ...amd(1_000) })
    rig.step((book) => conclude(book, { sessionId, epoch, outcome, key: null, actor: 'tollgate' }))
    expect(rig.status).toBe('paid')
  })
  it('of a session that is not the current one is given no yes', () => {
    const rig = aRig()
    const old = rig.open()
    rig.hear({ type: 'failed' })
    rig.open({ key: 'k2' })
    rig.hear({ fact: { type: 'approved' }, id: 'late', sessionId: old, reference: 'ref-1' })
    expect(rig.step((book) => ownCommand(book, old, approving))).toBeNull()
  })
})

describe('a key of a command', () => {
  it('belongs to one request', () => {
    const rig = held()
    hears(rig, asks(rig, { amount: 600 }), done({ type: 'captured', ...amd(600) }))
    expect(asks(rig, { amount: 500 })).toMatchObject({ refusal: { code: 'idempotency_key_reused' } })
  })
  it('waits while its first request is at the provider', () => {
    const rig = held()
    asks(rig, {})
    expect(asks(rig, {})).toEqual({ kind: 'wait' })
  })
})

it('needs the session’s name when several sessions hold money', () => {
  const rig = aRig()
  const first = rig.open()
  rig.hear({ type: 'failed' })
  rig.open({ key: 'k2' })
  rig.hear({ type: 'captured' })
  rig.hear({ type: 'captured', id: 'late', sessionId: first, reference: 'ref-1' })
  expect(asks(rig, { type: 'refund' })).toMatchObject({ refusal: { errors: [{ pointer: '/session_id' }] } })
  expect(asks(rig, { type: 'refund', sessionId: first }, 'c2')?.kind).toBe('call')
})
