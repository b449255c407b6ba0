import { describe, expect, it } from 'vitest'
import {
  type CorrectedStatus,
  type CorrectionWord,
  decideCorrection,
} from '../../../src/domain/corrections.ts'
import type { Payment, PaymentStatus, Session } from '../../../src/domain/payment.ts'
import { aPayment, captured, HOUR, NOW, sessionId, withSessions, written } from '../../support/a-payment.ts'

const word = (to: CorrectedStatus, amount: number | null = null): CorrectionWord => ({
  ...{ to, amount, reason: 'The bank says so.', evidence: null },
})

interface Around {
  actor?: string
  approvals?: number
  now?: number
  wasEnded?: boolean
}

const decide = (
  payment: Payment,
  said: CorrectionWord,
  { actor = 'opr_1', approvals = 1, now = NOW, ...rest }: Around = {},
) => decideCorrection(payment, said, actor, approvals, now, rest.wasEnded)

const words: CorrectedStatus[] = ['paid', 'failed', 'canceled', 'expired']
const allowedFrom = (payment: Payment, around: Around = {}) =>
  words.filter((to) => decide(payment, word(to), around).kind === 'correct')

const statuses: [PaymentStatus, Payment, CorrectedStatus[]][] = [
  ['created', aPayment(), []],
  ['pending', withSessions({}), ['paid', 'failed', 'canceled', 'expired']],
  ['authorized', withSessions({ state: 'authorized', authorized: 1_000 }), ['paid', 'canceled', 'expired']],
  ['paid', withSessions(captured()), []],
  ['failed', withSessions({ state: 'failed' }), ['paid']],
  ['canceled', withSessions({ state: 'canceled' }), ['paid']],
  ['expired', withSessions({ state: 'expired' }), ['paid']],
]

describe('a person', () => {
  it.each(statuses)('may correct what is %s only as the table says', (_status, payment, allowed) => {
    expect(allowedFrom(payment)).toEqual(allowed)
  })

  it.each(statuses)('is told what does not go where the payment is %s', (status, payment, allowed) => {
    const refused = words.find((to) => !allowed.includes(to))
    if (refused === undefined) return
    expect(decide(payment, word(refused))).toEqual({
      kind: 'refuse',
      refusal: {
        code: 'not_allowed_now',
        detail: `A payment that is ${status} cannot be corrected to ${refused}.`,
        extra: { payment_status: status },
      },
    })
  })

  it('may call over what its own correction has just made the provider end, and nothing else', () => {
    const wasEnded = true
    for (const state of ['failed', 'canceled', 'expired'] as const)
      expect(allowedFrom(withSessions({ state }), { wasEnded })).toEqual(words)
    expect(allowedFrom(withSessions(captured()), { wasEnded })).toEqual([])
    expect(allowedFrom(aPayment(), { wasEnded })).toEqual([])
  })

  it('decides about the session that can still be paid, else about the newest', () => {
    const sessionOf = (...sessions: Partial<Session>[]) => {
      const decision = decide(withSessions(...sessions), word('paid'))
      return decision.kind === 'correct' ? decision.session.id : decision.kind
    }
    expect(sessionOf({ state: 'failed' }, { state: 'expired' })).toBe(sessionId(2))
    expect(sessionOf({}, { state: 'failed' })).toBe(sessionId(1))
  })
})

describe('the amount of a correction', () => {
  const failed = withSessions({ state: 'failed' })

  it('is what was taken: the session’s, or a part of it', () => {
    for (const [said, taken] of [
      [null, 1_000],
      [1_000, 1_000],
      [1, 1],
    ] as const)
      expect(decide(failed, word('paid', said))).toMatchObject({
        entries: [
          { type: 'correction.made', data: { to: 'paid', from: 'failed', amount: said, proposedBy: null } },
          {
            type: 'command.applied',
            data: { fact: { type: 'captured', amount: taken, currency: 'USD' }, references: [] },
          },
        ],
      })
  })

  it.each([
    [
      'more than the session asked for',
      withSessions({ state: 'failed' }),
      'paid',
      1_001,
      'is at most 1000 here',
    ],
    ['with another word', withSessions({}), 'failed', 1_000, 'belongs to a correction to paid'],
  ] as const)('is refused %s', (_what, payment, to, amount, detail) => {
    expect(decide(payment, word(to, amount))).toEqual({
      kind: 'refuse',
      refusal: {
        code: 'validation_failed',
        detail: `/amount ${detail}.`,
        errors: [{ pointer: '/amount', detail }],
      },
    })
  })

  it('of one that calls over is none', () => {
    expect(decide(withSessions({}), word('failed'))).toMatchObject({
      entries: [{ data: { to: 'failed', amount: null } }, { data: { fact: { type: 'failed' } } }],
    })
  })
})

describe('where it takes two people', () => {
  const open = withSessions({})
  const four = { approvals: 2 }
  const proposed = (said: CorrectionWord) => {
    const decision = decide(open, said, four)
    if (decision.kind !== 'propose') throw new Error(decision.kind)
    return written(open, decision.entries)
  }
  const kindBy = (actor: string, said: CorrectionWord, now = NOW, first = word('paid', 700)) =>
    decide(proposed(first), said, { ...four, actor, now }).kind

  it('the first one proposes, and the second who says the same corrects', () => {
    expect(decide(open, word('paid'), four)).toMatchObject({
      kind: 'propose',
      entries: [{ type: 'correction.proposed', data: { to: 'paid', by: 'opr_1' } }],
    })
    expect(decide(proposed(word('paid')), word('paid'), { ...four, actor: 'opr_2' })).toMatchObject({
      kind: 'correct',
      entries: [{ data: { proposedBy: 'opr_1' } }, {}],
    })
  })

  it('nobody approves alone, nor by another word or amount', () => {
    expect(kindBy('opr_1', word('paid', 700))).toBe('propose')
    expect(kindBy('opr_2', word('paid', 701))).toBe('propose')
    expect(kindBy('opr_2', word('failed'), NOW, word('expired'))).toBe('propose')
  })

  it('a proposal waits for a day', () => {
    expect(kindBy('opr_2', word('paid', 700), NOW + 24 * HOUR - 1)).toBe('correct')
    expect(kindBy('opr_2', word('paid', 700), NOW + 24 * HOUR)).toBe('propose')
  })

  it('one is enough where one decides, whoever proposed before', () => {
    expect(decide(proposed(word('paid')), word('paid'))).toMatchObject({ kind: 'correct' })
  })
})
