import { describe, expect, it } from 'vitest'
import type { Retold } from '../../../src/domain/publication.ts'
import { confirmed, contentOf } from '../../../src/payment/publishing.ts'
import { retold } from '../../../src/payment/retelling.ts'
import { aRig, checksTheBooksAfterEachTest, type Rig } from '../../support/payment-rig.ts'

checksTheBooksAfterEachTest()

const TRACES = ['a', 'b', 'c', 'd'].map((letter) => `${letter.repeat(32)}-01`)

const confirm = (rig: Rig, to: number) => rig.step((book) => confirmed(book, 1, to))

/** Everything that is told again, piece after piece. */
function toldAgain(rig: Rig) {
  const pieces: Extract<Retold, { kind: 'told' }>['publication'][] = []
  for (;;) {
    const piece = retold(rig.storage, pieces.at(-1)?.to ?? 0)
    if (piece.kind !== 'told') return { pieces, end: piece.kind }
    pieces.push(piece.publication)
  }
}

/** Each step in a trace of its own: opened for a named customer, paid, and two reports that come too late. */
function aHistory(): Rig {
  const rig = aRig()
  rig.trace = TRACES[0]!
  rig.open({ customer: { email: 'ani@shop.example' } })
  for (const [n, type] of (['captured', 'failed', 'expired'] as const).entries()) {
    rig.trace = TRACES[n + 1]!
    rig.hear({ type })
  }
  return rig
}

describe('what was confirmed', () => {
  it('is told again as it was told, traces among it', () => {
    const rig = aHistory()
    const before = contentOf(rig.storage, rig.stored, 1, rig.payment.version)
    expect(new Set(before.entries.map(({ trace }) => trace)).size).toBe(4)
    confirm(rig, rig.payment.version)
    const { pieces, end } = toldAgain(rig)
    expect(pieces).toMatchObject([
      { stream: rig.payment.id, livemode: false, from: 1, to: before.entries.length },
    ])
    expect([pieces[0]!.content, end]).toEqual([before, 'nothing'])
  })

  it('is told with its traces whatever was confirmed in between, and planned since', () => {
    const rig = aRig()
    const before: (string | null | undefined)[] = []
    for (const [n, trace] of TRACES.entries()) {
      rig.trace = trace
      if (n === 0) rig.open()
      else rig.hear({ type: 'failed', id: `rpt_${n}` })
      const { version } = rig.payment
      before.push(...Array.from({ length: version - before.length }, () => trace))
      confirm(rig, version)
      // Somebody makes the object plan something, and writes nothing.
      rig.trace = TRACES[3 - n]!
      rig.step((book) => book.touch())
    }
    expect(toldAgain(rig).pieces[0]!.content.entries.map(({ trace }) => trace)).toEqual(before)
  })

  it('is told in pieces where it is large', () => {
    const rig = aRig()
    rig.open()
    for (let n = 0; n < 12; n += 1)
      rig.hear({ type: 'expired', id: `rpt_${n}`, also: [`ref-${n}-${'x'.repeat(40_000)}`] })
    const { version } = rig.payment
    confirm(rig, version)
    const { pieces } = toldAgain(rig)
    expect(pieces.length).toBeGreaterThan(2)
    expect(pieces.flatMap(({ content }) => content.entries.map(({ seq }) => seq))).toEqual(
      Array.from({ length: version }, (_, index) => index + 1),
    )
  })
})

describe('what is not told again', () => {
  it('is what the records have not confirmed, which is still to be told for the first time', () => {
    const rig = aHistory()
    expect(toldAgain(rig)).toEqual({ pieces: [], end: 'nothing' })
    confirm(rig, 3)
    expect(toldAgain(rig).pieces).toMatchObject([{ from: 1, to: 3 }])
  })

  it('is anything of an object that was never opened', () => {
    expect(retold(aRig().storage, 0)).toEqual({ kind: 'nothing' })
  })

  it('is anything of a journal that was tampered with, even where it cannot be read any more', () => {
    const rig = aHistory()
    confirm(rig, rig.payment.version)
    const [entry] = rig.storage.exec('SELECT data FROM journal WHERE seq = 2')
    rig.storage.exec("UPDATE journal SET data = 'no JSON' WHERE seq = 2")
    const why = 'Its content is not what was written.'
    expect(retold(rig.storage, 0)).toEqual({ kind: 'broken', brokenAt: 2, why })
    rig.storage.exec('UPDATE journal SET data = ? WHERE seq = 2', entry!.data!)
  })
})
