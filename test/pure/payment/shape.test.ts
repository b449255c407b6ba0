/** Objects live for years and code does not: what an older version wrote must not break or spin a newer one. */
import { describe, expect, it } from 'vitest'
import { postpone } from '../../../src/payment/asking.ts'
import { SHAPE } from '../../../src/payment/side.ts'
import { load } from '../../../src/payment/storage.ts'
import { aRig, checksTheBooksAfterEachTest } from '../../support/payment-rig.ts'

checksTheBooksAfterEachTest()

describe('a snapshot of another shape', () => {
  it('is made again from the journal, with the fields that the newer code knows', () => {
    const rig = aRig()
    rig.open()
    rig.hear({ type: 'captured' })
    const { payment, side } = rig.stored
    const { receipts: _, ...older } = payment
    const snapshot = JSON.stringify({ ...older, sessions: [] })
    const sideText = JSON.stringify({ ...side, shape: SHAPE - 1 })
    rig.storage.exec('UPDATE payment SET snapshot = ?, side = ?', snapshot, sideText)
    expect(load(rig.storage)?.payment).toEqual(payment)
    rig.hear({ type: 'refunded', amount: 100 })
    expect(rig.stored.side.shape).toBe(SHAPE)
    expect(rig.session().refunded).toBe(100)
  })
})

describe('a question that cannot be put', () => {
  it('is put off further each time, so that a broken object never spins', () => {
    const rig = aRig()
    const sessionId = rig.open()
    const waits = [1, 2, 3].map(() => {
      rig.step((book) => postpone(book, sessionId))
      return (rig.asks()?.at ?? 0) - rig.now
    })
    expect(waits).toEqual([5_000, 15_000, 45_000])
  })
})
