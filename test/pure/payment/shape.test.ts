/** Objects live for years and code does not: what an older version wrote must not break or spin a newer one. */
import { describe, expect, it, vi } from 'vitest'
import { postpone } from '../../../src/payment/asking.ts'
import { replay } from '../../../src/payment/journal.ts'
import { SHAPE } from '../../../src/payment/side.ts'
import { load } from '../../../src/payment/storage.ts'
import { aRig, checksTheBooksAfterEachTest } from '../../support/payment-rig.ts'

checksTheBooksAfterEachTest()

describe('a payment with a long journal', () => {
  /** Sessions opened and declined until the journal is longer than two checkpoints are apart. */
  function aLongStory() {
    const rig = aRig()
    rig.maxAttempts = 100
    for (let n = 1; rig.journal.length < 70; n += 1) {
      rig.open({ key: `k${n}` })
      rig.hear({ type: 'failed', id: `failed-${n}` })
    }
    rig.open({ key: 'last' })
    return rig
  }
  const checkpoints = (rig: ReturnType<typeof aRig>) =>
    rig.storage.exec('SELECT seq, checkpoint FROM journal WHERE checkpoint IS NOT NULL ORDER BY seq')

  it('is made from its newest checkpoint and what came after', () => {
    const rig = aLongStory()
    expect(checkpoints(rig).map(({ seq }) => seq)).toEqual([32, 64])
    expect(load(rig.storage.reopened())?.payment).toEqual(replay(rig.journal))
    const [row] = rig.storage.exec('SELECT data FROM journal WHERE seq = 40')
    rig.storage.exec('UPDATE journal SET data = ? WHERE seq = 40', 'not read')
    expect(load(rig.storage.reopened())?.payment.version).toBe(rig.journal.length)
    rig.storage.exec('UPDATE journal SET data = ? WHERE seq = 40', row!.data!)
  })

  it('is made from the whole journal where the checkpoint is of another shape', () => {
    const rig = aLongStory()
    const { payment } = rig
    const { receipts: _, ...older } = payment
    const checkpoint = JSON.stringify({ shape: SHAPE - 1, payment: { ...older, sessions: [] } })
    rig.storage.exec('UPDATE journal SET checkpoint = ? WHERE seq = 64', checkpoint)
    expect(load(rig.storage.reopened())?.payment).toEqual(payment)
    rig.evict()
    rig.hear({ type: 'captured' })
    rig.hear({ type: 'refunded', amount: 100 })
    expect(rig.session().refunded).toBe(100)
  })
})

describe('an object that stays in memory', () => {
  it('reads each entry once, however often it is asked', () => {
    const rig = aRig()
    rig.open()
    const exec = vi.spyOn(rig.storage, 'exec')
    load(rig.storage)
    exec.mockClear()
    load(rig.storage)
    const reads = exec.mock.calls.map(([query]) => query)
    expect(reads).toEqual(['SELECT seq, beside FROM journal ORDER BY seq DESC LIMIT 1'])
  })

  it('takes nothing for told that a step had written which was undone', () => {
    const rig = aRig()
    rig.open()
    const undone = () =>
      rig.step((book) => {
        book.write(
          [{ type: 'session.ending', data: { sessionId: rig.session().id, why: 'clock' } }],
          'tollgate',
        )
        book.close()
        expect(load(rig.storage)?.payment.sessions[0]?.state).toBe('ending')
        throw new Error('undone')
      })
    expect(undone).toThrow('undone')
    rig.hear({ type: 'captured' })
    expect(load(rig.storage)?.payment).toEqual(replay(rig.journal))
  })
})

describe('who a checkout is for', () => {
  const kept = (rig: ReturnType<typeof aRig>) => JSON.stringify(rig.storage.exec('SELECT * FROM journal'))

  it('is known while the session can still be opened, and stands nowhere afterwards', () => {
    const rig = aRig()
    const begun = rig.begin({ customer: { email: 'ani@example.am' } })
    expect(kept(rig)).toContain('ani@example.am')
    rig.finish(begun)
    expect(kept(rig)).not.toContain('ani@example.am')
  })
})

describe('a question that cannot be put', () => {
  it('is put off further each time, so that a broken object never spins', () => {
    const rig = aRig()
    const sessionId = rig.open()
    const waits = [1, 2, 3].map(() => {
      rig.now = Math.max(rig.now, rig.asks()?.at ?? 0)
      rig.step((book) => postpone(book, sessionId))
      return (rig.asks()?.at ?? 0) - rig.now
    })
    expect(waits).toEqual([5_000, 15_000, 45_000])
  })
})
