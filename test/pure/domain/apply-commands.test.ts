// What the journal's entries about commands, people and goods make of a payment.
import { describe, expect, it } from 'vitest'
import type { CorrectionWord } from '../../../src/domain/corrections.ts'
import type { Entry } from '../../../src/domain/entry.ts'
import { raise } from '../../../src/domain/exceptions.ts'
import type { MoneyCommand, Payment, RunningCommand, Session } from '../../../src/domain/payment.ts'
import { aPayment, captured, NOW, of, sessionId, withSessions, written } from '../../support/a-payment.ts'

const held: Partial<Session> = { state: 'authorized', authorized: 1_000, captureMethod: 'manual' }
const about = (command: MoneyCommand, key = 'k') => ({ sessionId: sessionId(1), command, key })
const begun = (command: MoneyCommand, amount: number): Entry => ({
  ...{ type: 'command.begun', data: { ...about(command), amount, reason: 'Asked.' } },
})

/** The session once these entries are written. */
const once = (session: Partial<Session>, ...entries: Entry[]): Session =>
  of(written(withSessions(session), entries), 1)

const running = (type: MoneyCommand, change: Partial<RunningCommand> = {}): RunningCommand => ({
  ...{ type, amount: 600, key: 'k', reason: 'Asked.', capturedBefore: 0, refundedBefore: 0, begunAt: NOW },
  ...{ status: 'running' },
  ...change,
})

describe('a command that is begun', () => {
  it('runs, and remembers what had moved before', () => {
    const session = once({ ...captured(), refunded: 200 }, begun('refund', 600))
    expect(session.command).toEqual(running('refund', { capturedBefore: 1_000, refundedBefore: 200 }))
  })

  it('says what a capture asked for, and nothing of that when it is another', () => {
    expect(once(held, begun('capture', 600)).captureAsked).toBe(600)
    expect(once({ ...held, captureAsked: 700 }, begun('cancel', 0)).captureAsked).toBe(700)
  })
})

describe('the answer to a command', () => {
  const doubted = (key = 'k'): Entry => ({
    ...{ type: 'command.doubted', data: { ...about('capture', key), detail: 'No answer.' } },
  })
  const accepted = (command: MoneyCommand): Entry => ({ type: 'command.accepted', data: about(command) })
  const declined = (command: MoneyCommand): Entry => ({
    ...{ type: 'command.declined', data: { ...about(command), code: 'declined', detail: 'No.' } },
  })
  const asked = { ...held, captureAsked: 600 }

  it('that is missing leaves it in doubt, and one under another key changes nothing', () => {
    const command = running('capture')
    expect(once({ ...asked, command }, doubted()).command).toEqual({ ...command, status: 'in_doubt' })
    expect(once({ ...asked, command }, doubted('another')).command).toEqual(command)
    expect(once(asked, doubted()).command).toBeNull()
  })

  it('that accepts it waits for its end, where no refund is listed that does', () => {
    for (const type of ['capture', 'cancel'] as const)
      expect(once({ ...asked, command: running(type) }, accepted(type))).toMatchObject({
        ...{ command: running(type, { status: 'accepted' }), captureAsked: 600 },
      })
    const refund = { ...captured(), captureAsked: 600, command: running('refund') }
    expect(once(refund, accepted('refund'))).toMatchObject({ command: null, captureAsked: 600 })
  })

  it('that declines it leaves the way free, for a capture of another amount too', () => {
    expect(once({ ...asked, command: running('capture') }, declined('capture'))).toMatchObject({
      ...{ command: null, captureAsked: null },
    })
    expect(once({ ...asked, command: running('cancel') }, declined('cancel'))).toMatchObject({
      ...{ command: null, captureAsked: 600 },
    })
  })

  it('that its capture failed ends that command, and no other', () => {
    const failed: Entry = {
      type: 'report.applied',
      data: {
        ...{ sessionId: sessionId(1), fact: { type: 'capture_failed' } },
        ...{ references: [], refundId: null, report: null },
      },
    }
    expect(once({ ...asked, command: running('capture') }, failed)).toMatchObject({
      ...{ command: null, captureAsked: null, state: 'authorized' },
    })
    const command = running('cancel')
    expect(once({ ...asked, command }, failed)).toMatchObject({ command, captureAsked: 600 })
    expect(once(asked, failed)).toMatchObject({ command: null, captureAsked: 600 })
  })
})

describe('a person', () => {
  it('who corrects has decided what was in doubt, and what was proposed', () => {
    const doubted = { ...held, doubt: 'report_mismatch', doubtSince: NOW, command: running('capture') }
    const word: CorrectionWord = { to: 'paid', reason: 'Seen.', evidence: null, amount: null }
    const before: Payment = { ...withSessions(doubted), proposal: { ...word, by: 'opr_1', at: NOW } }
    const made: Entry = {
      type: 'correction.made',
      data: { ...word, from: 'authorized', sessionId: sessionId(1), proposedBy: 'opr_1' },
    }
    const payment = written(before, [made])
    expect(payment.proposal).toBeNull()
    expect(of(payment, 1)).toMatchObject({ doubt: null, command: null, state: 'authorized' })
  })

  it('who closes one exception leaves the others open', () => {
    const one = { kind: 'late_payment', cause: 'a', detail: 'Look.' } as const
    const first = written(aPayment(), raise(aPayment(), one))
    const two = written(first, raise(first, { ...one, cause: 'b' }))
    const [closed, open] = two.exceptions
    const resolved: Entry = {
      type: 'exception.resolved',
      data: { id: closed?.id ?? '', kind: 'late_payment', resolution: 'ok', note: null },
    }
    expect(written(two, [resolved]).exceptions).toEqual([open])
  })
})

it('goods that move change the status of the goods, and nothing else', () => {
  const before = withSessions(captured())
  const moved: Entry = { type: 'fulfillment.moved', data: { status: 'in_progress', note: null } }
  expect(written(before, [moved])).toEqual({
    ...before,
    ...{ fulfillmentStatus: 'in_progress', version: before.version + 1 },
  })
})
