/** Corrections: a person's word, with a reason, from a status that allows it, and with a second person where asked. */
import { describe, expect, it } from 'vitest'
import { type CorrectionWord, correctionTable } from '../../../src/domain/corrections.ts'
import { correct } from '../../../src/payment/correcting.ts'
import { aRig, checksTheBooksAfterEachTest, HOUR, type Rig } from '../../support/payment-rig.ts'

checksTheBooksAfterEachTest()

interface Asked extends Partial<CorrectionWord> {
  actor?: string
  key?: string
  approvals?: number
  wasEnded?: boolean
}

function corrects(
  rig: Rig,
  { actor = 'opr_1', key = 'k', approvals = 1, wasEnded = false, ...said }: Asked = {},
) {
  const word: CorrectionWord = {
    to: 'paid',
    reason: 'The bank says so.',
    evidence: null,
    amount: null,
    ...said,
  }
  const kept = { name: `${actor} ${key}`, fingerprint: JSON.stringify(word) }
  return rig.step((book) => correct(book, { word, key: kept, actor, approvals, wasEnded }))
}

function failed(): Rig {
  const rig = aRig()
  rig.open()
  rig.hear({ type: 'failed' })
  return rig
}

describe('a correction', () => {
  it('to paid counts what the provider has given back already, and had told too early', () => {
    const rig = aRig()
    rig.open()
    expect(rig.hear({ type: 'refunded', amount: 400 })).toBe('premature')
    rig.hear({ type: 'failed' })
    const corrected = corrects(rig)
    expect(rig.session()).toMatchObject({ captured: 1_000, refunded: 400 })
    expect(rig.events.slice(-3)).toEqual(['payment.corrected', 'payment.paid', 'payment.refunded'])
    const { answer } = corrected as { answer: { json: string } }
    expect(JSON.parse(answer.json)).toMatchObject({ status: 'paid', amount_refunded: 400 })
  })

  it('to paid counts the money, tells of itself, and then tells that the payment is paid', () => {
    const rig = failed()
    expect(corrects(rig, { evidence: 'statement 12' })).toMatchObject({
      kind: 'answer',
      answer: { status: 200 },
    })
    expect(rig.status).toBe('paid')
    expect(rig.session().captured).toBe(1_000)
    expect(rig.events.slice(-2)).toEqual(['payment.corrected', 'payment.paid'])
    const entry = rig.journal.find(({ type }) => type === 'correction.made')
    expect(entry).toMatchObject({ actor: 'opr_1' })
    expect(JSON.parse(entry?.data ?? '')).toMatchObject({
      from: 'failed',
      reason: 'The bank says so.',
      evidence: 'statement 12',
    })
  })
  it('never takes paid away', () => {
    expect(correctionTable.paid).toEqual([])
    const rig = aRig()
    rig.open()
    rig.hear({ type: 'captured' })
    expect(corrects(rig, { to: 'failed' })).toMatchObject({ refusal: { code: 'not_allowed_now' } })
    expect(rig.types.at(-1)).toBe('command.refused')
    expect(rig.status).toBe('paid')
  })
  it('of an open session waits until the provider was told to end it', () => {
    const rig = aRig()
    const sessionId = rig.open()
    expect(corrects(rig, { to: 'canceled' })).toMatchObject({
      kind: 'end_first',
      subject: { session: { sessionId } },
    })
    expect(rig.status).toBe('pending')
    expect(corrects(rig, { to: 'canceled', wasEnded: true })).toMatchObject({ kind: 'answer' })
    expect(rig.status).toBe('canceled')
  })
  it('whose end was all there was to do is told all the same', () => {
    const rig = aRig()
    rig.open()
    rig.hear({ type: 'canceled' })
    expect(corrects(rig, { to: 'failed', wasEnded: true })).toMatchObject({ kind: 'answer' })
    expect(rig.events.at(-1)).toBe('payment.corrected')
  })
  it('settles the doubt that a mismatch left', () => {
    const rig = aRig()
    rig.open()
    rig.hear({ type: 'captured', amount: 5 })
    expect(rig.session().doubt).not.toBeNull()
    corrects(rig, { to: 'failed', wasEnded: true })
    expect(rig.session()).toMatchObject({ doubt: null, state: 'failed' })
  })
  it('names an amount only for money that was taken, and not more than was asked for', () => {
    expect(corrects(failed(), { amount: 1_001 })).toMatchObject({
      refusal: { errors: [{ pointer: '/amount' }] },
    })
    const rig = aRig()
    rig.open()
    expect(corrects(rig, { to: 'failed', amount: 1 })).toMatchObject({
      refusal: { errors: [{ pointer: '/amount' }] },
    })
  })
  it('is answered the same again under its key, and refused for another word under it', () => {
    const rig = failed()
    corrects(rig)
    expect(corrects(rig)).toMatchObject({ replayed: true })
    expect(corrects(rig, { to: 'expired' })).toMatchObject({ refusal: { code: 'idempotency_key_reused' } })
  })
})

describe('with four eyes, a correction', () => {
  it('takes effect when a second person says the same', () => {
    const rig = failed()
    expect(corrects(rig, { approvals: 2 })).toMatchObject({ answer: { status: 202 } })
    expect(rig.status).toBe('failed')
    expect(corrects(rig, { approvals: 2, key: 'again' })).toMatchObject({ answer: { status: 202 } })
    expect(rig.status).toBe('failed')
    corrects(rig, { approvals: 2, actor: 'opr_2' })
    expect(rig.status).toBe('paid')
    const made = rig.journal.find(({ type }) => type === 'correction.made')
    expect(JSON.parse(made?.data ?? '')).toMatchObject({ proposedBy: 'opr_1' })
  })
  it('is not approved by another word, or a day later', () => {
    const rig = failed()
    corrects(rig, { approvals: 2 })
    corrects(rig, { approvals: 2, actor: 'opr_2', amount: 900 })
    expect(rig.status).toBe('failed')
    rig.now += 25 * HOUR
    corrects(rig, { approvals: 2, actor: 'opr_3', amount: 900 })
    expect(rig.status).toBe('failed')
  })
})
