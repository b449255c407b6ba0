import { describe, expect, it } from 'vitest'
import { openException, raise, resolve } from '../../../src/domain/exceptions.ts'
import type { ExceptionKind, RunningCommand } from '../../../src/domain/payment.ts'
import {
  aPayment,
  CORE,
  captured,
  NOW,
  of,
  sessionId,
  withSessions,
  written,
} from '../../support/a-payment.ts'

const trouble = { kind: 'delivery_exhausted', cause: 'dlv_1', detail: 'It never got there.' } as const
const inDoubt = { doubt: 'report_mismatch', doubtSince: NOW }

describe('an exception', () => {
  it('is raised with what it is about, and nothing else', () => {
    expect(raise(aPayment(), { ...trouble, deliveryId: 'dlv_1', destinationId: 'dst_1' })).toEqual([
      {
        type: 'exception.raised',
        data: {
          ...{ id: `exc_${CORE}0001`, ...trouble },
          ...{ sessionId: null, deliveryId: 'dlv_1', destinationId: 'dst_1' },
        },
      },
    ])
  })

  it('is raised once per kind and cause while it is open', () => {
    const payment = written(aPayment(), raise(aPayment(), trouble))
    expect(raise(payment, trouble)).toEqual([])
    expect(raise(payment, { ...trouble, cause: 'dlv_2' })).toHaveLength(1)
    expect(raise(payment, { ...trouble, kind: 'contradiction' })).toHaveLength(1)
  })

  it('is raised anew, under a new id, when the same happens after it was resolved', () => {
    const raised = written(aPayment(), raise(aPayment(), trouble))
    const resolved = written(raised, resolve(raised, trouble, 'fixed', 'done'))
    expect(resolved.exceptions).toEqual([])
    expect(raise(resolved, trouble)).toMatchObject([{ data: { id: `exc_${CORE}0002` } }])
  })

  it('gets its own id beside others of the same step', () => {
    expect(raise(aPayment(), trouble, 2)).toMatchObject([{ data: { id: `exc_${CORE}0003` } }])
  })

  it.each<[ExceptionKind, string[]]>([
    ['late_payment', ['late_payment']],
    ['duplicate_payment', ['duplicate_payment']],
    ['report_mismatch', []],
    ['delivery_exhausted', []],
    ['contradiction', []],
    ['in_doubt_too_long', []],
  ])('of kind %s leaves the flags %j, and they stay when it is resolved', (kind, flags) => {
    const raised = written(aPayment(), raise(aPayment(), { ...trouble, kind }))
    expect(raised.flags).toEqual(flags)
    expect(written(raised, resolve(raised, { kind, cause: 'dlv_1' }, 'ok', 'seen')).flags).toEqual(flags)
  })
})

describe('resolving', () => {
  const payment = written(withSessions({}), raise(aPayment(), trouble))

  it('finds it by its id, or by what it is about, and tells who wants to know', () => {
    const entry = {
      type: 'exception.resolved',
      data: { id: `exc_${CORE}0001`, kind: 'delivery_exhausted', resolution: 'fixed', note: 'done' },
    }
    expect(resolve(payment, { id: `exc_${CORE}0001` }, 'fixed', 'done')).toEqual([entry])
    expect(resolve(payment, trouble, 'fixed', 'done')).toEqual([entry])
    expect(openException(payment, trouble)?.raisedAt).toBe(NOW)
  })

  it.each([{ id: `exc_${CORE}0002` }, { kind: 'contradiction', cause: 'dlv_1' } as const])(
    'does nothing for one that is not open: %j',
    (key) => {
      expect(resolve(payment, key, 'fixed', null)).toEqual([])
    },
  )

  it.each<[ExceptionKind, boolean]>([
    ['report_mismatch', true],
    ['in_doubt_too_long', true],
    ['late_payment', false],
    ['duplicate_payment', false],
    ['contradiction', false],
    ['delivery_exhausted', false],
  ])('one of kind %s decides about the session’s doubt: %s', (kind, decides) => {
    const doubted = withSessions({}, inDoubt)
    const about = { kind, cause: sessionId(2), detail: 'Look.', sessionId: sessionId(2) }
    const raised = written(doubted, raise(doubted, about))
    const resolved = written(raised, resolve(raised, about, 'ok', 'seen'))
    expect(of(resolved, 2).doubt).toBe(decides ? null : 'report_mismatch')
  })

  it.each<[RunningCommand['status'], ExceptionKind, boolean]>([
    ['in_doubt', 'in_doubt_too_long', true],
    ['running', 'in_doubt_too_long', false],
    ['accepted', 'in_doubt_too_long', false],
    ['in_doubt', 'report_mismatch', false],
    ['in_doubt', 'late_payment', false],
  ])('lets a command that is %s go when it was %s: %s', (status, kind, lets) => {
    const command: RunningCommand = {
      ...{ type: 'refund', amount: 1, key: 'k', reason: null, capturedBefore: 0, refundedBefore: 0 },
      ...{ begunAt: NOW, status },
    }
    const doubted = withSessions({ ...captured(), ...inDoubt, command })
    const about = { kind, cause: sessionId(1), detail: 'Look.', sessionId: sessionId(1) }
    const raised = written(doubted, raise(doubted, about))
    const resolved = written(raised, resolve(raised, about, 'ok', 'seen'))
    expect(of(resolved, 1).command === null).toBe(lets)
    // Without another doubt only such a command is there to be decided about.
    const quiet = withSessions({ ...captured(), command })
    const entries = resolve(written(quiet, raise(quiet, about)), about, 'ok', 'seen')
    expect(entries.some(({ type }) => type === 'session.cleared')).toBe(lets)
  })

  it('touches no session that is in no doubt', () => {
    const about = {
      kind: 'report_mismatch',
      cause: sessionId(1),
      detail: 'Look.',
      sessionId: sessionId(1),
    } as const
    const raised = written(withSessions({}), raise(withSessions({}), about))
    expect(resolve(raised, about, 'ok', 'seen').map(({ type }) => type)).toEqual(['exception.resolved'])
  })
})
