/** How a trace survives in a payment's object: from the step that was asked for to whatever publishes or rings later. */
import { describe, expect, it } from 'vitest'
import { hashOf } from '../../../src/payment/journal.ts'
import { confirmed, contentOf, plannedAgain, publicationDue } from '../../../src/payment/publishing.ts'
import { load } from '../../../src/payment/storage.ts'
import { aRig, checksTheBooksAfterEachTest, HOUR, MINUTE, type Rig } from '../../support/payment-rig.ts'

checksTheBooksAfterEachTest()

const [ASKED, REPORTED] = [`${'a'.repeat(32)}-01`, `${'b'.repeat(32)}-01`]

const told = (rig: Rig): [string, string | null | undefined][] =>
  rig.step(publicationDue)?.content?.entries.map(({ type, trace }) => [type, trace]) ?? []

/** Opened by one request and paid by another one's report. */
function aStory(): Rig {
  const rig = aRig()
  rig.trace = ASKED
  rig.open()
  rig.trace = REPORTED
  rig.hear()
  rig.trace = null
  return rig
}

const story = [
  ['payment.created', ASKED],
  ['session.opening', ASKED],
  ['session.opened', ASKED],
  ['report.applied', REPORTED],
]

describe('what an object publishes', () => {
  it('names of each entry the trace of the request that wrote it', () => {
    expect(told(aStory())).toEqual(story)
  })

  it('names the same ones when the alarm publishes it again, however often', () => {
    const rig = aStory()
    for (let tries = 0; tries < 3; tries += 1) {
      rig.now += HOUR
      rig.step(plannedAgain)
      expect(told(rig)).toEqual(story)
    }
  })

  it('names them where the range is too large to travel and is fetched', () => {
    const rig = aStory()
    const fetched = contentOf(rig.storage, rig.stored, 2, 4).entries
    expect(fetched.map(({ trace }) => trace)).toEqual([ASKED, ASKED, REPORTED])
  })

  it('forgets them once the records have them, but for the newest', () => {
    const rig = aStory()
    rig.step((book) => confirmed(book, 1, 3))
    expect(told(rig)).toEqual(story.slice(3))
    rig.step((book) => confirmed(book, 4, 4))
    expect(rig.stored.side.traces).toEqual([{ from: 4, trace: REPORTED }])
  })

  it('goes on in the newest trace where the alarm wrote it', () => {
    const rig = aRig()
    rig.trace = ASKED
    rig.open()
    rig.step((book) => confirmed(book, 1, 3))
    rig.trace = null
    rig.now += HOUR
    rig.learn({ facts: [], payable: false, references: ['ref-1'] })
    expect(told(rig)).toEqual([['clock.applied', ASKED]])
  })

  it('goes on in the trace of whoever only made it plan something', () => {
    const rig = aStory()
    rig.trace = `${'c'.repeat(32)}-01`
    rig.step((book) => book.touch())
    expect(told(rig)).toEqual(story)
    rig.trace = null
    rig.hear({ type: 'refunded', amount: 100, id: 'later' })
    expect(told(rig).at(-1)).toEqual(['report.applied', `${'c'.repeat(32)}-01`])
  })
})

describe('a trace', () => {
  it('is no part of the chain: it proves nothing', () => {
    const [entry] = aStory().journal
    const { hash, ...row } = entry!
    expect(hashOf({ ...row, trace: 'another' } as typeof row)).toBe(hash)
  })

  it('costs no row: what it adds stands in rows that are written anyway', () => {
    const withTrace = aStory()
    const without = aRig()
    without.open()
    without.hear()
    const rows = (rig: Rig) => rig.storage.exec('SELECT count(*) AS n FROM journal')[0]!.n
    expect(rows(withTrace)).toBe(rows(without))
  })

  it('is unknown in an object that an older version wrote, which loads all the same', () => {
    const rig = aStory()
    const row = rig.storage.exec('SELECT seq, beside FROM journal ORDER BY seq DESC LIMIT 1')[0]!
    const beside = JSON.parse(String(row.beside))
    delete beside.side.traces
    rig.storage.exec('UPDATE journal SET beside = ? WHERE seq = ?', JSON.stringify(beside), row.seq!)
    expect(load(rig.storage)?.side.traces).toEqual([])
    expect(told(rig).map(([, trace]) => trace)).toEqual([undefined, undefined, undefined, undefined])
    rig.trace = ASKED
    rig.now += MINUTE
    rig.hear({ type: 'refunded', amount: 100, id: 'later' })
    expect(told(rig).at(-1)).toEqual(['report.applied', ASKED])
  })
})
