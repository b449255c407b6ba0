import { describe, expect, it } from 'vitest'
import type { PublishedEntry } from '../../../src/domain/publication.ts'
import { hashOf, replay, verify } from '../../../src/payment/journal.ts'
import { aRig, checksTheBooksAfterEachTest, type Rig } from '../../support/payment-rig.ts'

checksTheBooksAfterEachTest()

/** A history with events, an exception and rows without either; entry 5 is what the tests tamper with. */
function aHistory(): { rig: Rig; entries: PublishedEntry[]; head: string } {
  const rig = aRig()
  rig.open()
  rig.hear({ type: 'refunded', amount: 100 })
  rig.hear()
  rig.hear({ type: 'failed' })
  return { rig, entries: rig.journal, head: rig.stored.side.head }
}

describe('the chain', () => {
  it('holds for what the steps wrote, and its head is that of the newest entry', () => {
    const { entries, head } = aHistory()
    expect(verify(entries, head)).toEqual({
      valid: true,
      entries: entries.length,
      head: entries.at(-1)!.hash,
    })
  })

  it.each<[string, (row: PublishedEntry) => Partial<PublishedEntry>]>([
    ['time', (row) => ({ at: row.at + 1 })],
    ['type', () => ({ type: 'report.stale' })],
    ['actor', () => ({ actor: 'opr_somebody' })],
    ['data', (row) => ({ data: row.data.replace('1000', '1') })],
    ['link', () => ({ prevHash: '0'.repeat(64) })],
    ['hash', () => ({ hash: '0'.repeat(64) })],
    ['event', () => ({ event: null })],
    ['event’s id', (row) => ({ event: { ...row.event!, id: 'evt_other' } })],
    ['event’s type', (row) => ({ event: { ...row.event!, type: 'payment.failed' } })],
    ['event’s sequence', (row) => ({ event: { ...row.event!, sequence: 9 } })],
    ['event’s body', (row) => ({ event: { ...row.event!, body: row.event!.body.replace('1000', '1') } })],
  ])('names the entry whose %s was tampered with', (_, change) => {
    const { entries, head } = aHistory()
    const tampered = entries.map((row) => (row.seq === 5 ? { ...row, ...change(row) } : row))
    expect(entries[4]?.event).not.toBeNull()
    expect(verify(tampered, head)).toMatchObject({ valid: false, brokenAt: 5 })
  })

  it('names the next entry when one was tampered with and hashed anew', () => {
    const { entries, head } = aHistory()
    const tampered = entries.map((row) => {
      if (row.seq !== 5) return row
      const changed = { ...row, actor: 'opr_somebody' }
      return { ...changed, hash: hashOf(changed) }
    })
    expect(verify(tampered, head)).toMatchObject({ valid: false, brokenAt: 6 })
  })

  it('names the place of an entry that is missing, first, in the middle or last', () => {
    const { entries, head } = aHistory()
    const without = (seq: number) =>
      verify(
        entries.filter((row) => row.seq !== seq),
        head,
      )
    expect(without(1)).toMatchObject({ valid: false, brokenAt: 1 })
    expect(without(4)).toMatchObject({ valid: false, brokenAt: 4 })
    expect(without(entries.length)).toMatchObject({ valid: false, why: 'Newer entries are missing.' })
  })

  it('notices every column of the table itself', () => {
    for (const column of [
      'at',
      'type',
      'actor',
      'data',
      'prev_hash',
      'hash',
      'event_id',
      'event_type',
      'event_body',
    ]) {
      const { rig, head } = aHistory()
      const original = rig.storage.exec(`SELECT ${column} AS was FROM journal WHERE seq = 5`)[0]!.was!
      rig.storage.exec(`UPDATE journal SET ${column} = ? WHERE seq = 5`, column === 'at' ? 1 : 'x')
      expect(verify(rig.journal, head), column).toMatchObject({ valid: false, brokenAt: 5 })
      rig.storage.exec(`UPDATE journal SET ${column} = ? WHERE seq = 5`, original)
    }
  })
})

describe('replaying', () => {
  it('makes the snapshot of every moment, not only of the last', () => {
    const rig = aRig()
    const compare = () => expect(replay(rig.journal)).toEqual(rig.payment)
    rig.begin({ metadata: { a: 'b' } })
    compare()
    rig.now += 30_000
    rig.finish(rig.begin({ metadata: { a: 'b' } }), undefined, {})
    compare()
    for (const type of ['authorized', 'refunded', 'captured', 'disputed', 'failed'] as const) {
      rig.hear(type === 'refunded' ? { type, amount: 400 } : { type })
      compare()
    }
  })

  it('of no entries is no payment, and of a journal without its beginning is an error', () => {
    const { entries } = aHistory()
    expect(replay([])).toBeNull()
    expect(() => replay(entries.slice(1))).toThrow('cannot begin with session.opening')
  })
})
