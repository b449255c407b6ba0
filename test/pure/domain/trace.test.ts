import { describe, expect, it } from 'vitest'
import {
  marked,
  marksAbove,
  type TraceMark,
  traceAt,
  traceFrom,
  traceIdOf,
  traceOf,
  traceparentOf,
} from '../../../src/domain/trace.ts'

const ID = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

describe('a traceparent header', () => {
  it.each([
    ['of the known version', `00-${ID}-${SPAN}-01`, `${ID}-01`],
    ['whose trace begins with zeros', `00-0${ID.slice(1)}-${SPAN}-01`, `0${ID.slice(1)}-01`],
    ['whose trace ends with zeros', `00-${ID.slice(1)}0-${SPAN}-01`, `${ID.slice(1)}0-01`],
    ['whose step ends with zeros', `00-${ID}-${SPAN.slice(1)}0-01`, `${ID}-01`],
    ['that was not sampled', `00-${ID}-${SPAN}-00`, `${ID}-00`],
    ['with flags that we do not know, which are not passed on', `00-${ID}-${SPAN}-ff`, `${ID}-01`],
    ['of a later version', `cc-${ID}-${SPAN}-01`, `${ID}-01`],
    ['of a later version that says more', `cc-${ID}-${SPAN}-01-what-the-future-brings`, `${ID}-01`],
  ])('%s names the trace', (_, header, trace) => {
    expect(traceFrom(header)).toBe(trace)
  })

  it.each([
    ['none', null],
    ['an empty one', ''],
    ['the forbidden version', `ff-${ID}-${SPAN}-01`],
    ['a trace of nothing but zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a step of nothing but zeros', `00-${ID}-${'0'.repeat(16)}-01`],
    ['capital letters', `00-${ID.toUpperCase()}-${SPAN}-01`],
    ['a short trace', `00-${ID.slice(1)}-${SPAN}-01`],
    ['no flags', `00-${ID}-${SPAN}`],
    ['more than version 00 has', `00-${ID}-${SPAN}-01-more`],
    ['a later version that goes on without a dash', `cc-${ID}-${SPAN}-01.more`],
    ['something before it', ` 00-${ID}-${SPAN}-01`],
    ['two of them', `00-${ID}-${SPAN}-01, 00-${ID}-${SPAN}-01`],
    ['a line of log', `00-${ID}-${SPAN}-01\n{"level":"error"}`],
  ])('that is %s names none', (_, header) => {
    expect(traceFrom(header)).toBeNull()
  })

  it('of a trace that begins here is sampled, and is read back as the same trace', () => {
    const header = traceparentOf(traceOf(ID), SPAN)
    expect(header).toBe(`00-${ID}-${SPAN}-01`)
    expect(traceFrom(header)).toBe(traceOf(ID))
    expect(traceIdOf(traceOf(ID))).toBe(ID)
  })

  it('keeps the caller’s decision not to sample', () => {
    expect(traceparentOf(`${ID}-00`, SPAN)).toBe(`00-${ID}-${SPAN}-00`)
  })
})

describe('the marks of a journal', () => {
  const write = (...traces: (string | null)[]): TraceMark[] =>
    traces.reduce<TraceMark[]>((marks, trace, index) => marked(marks, index + 1, trace), [])

  it('tell of each entry which trace wrote it', () => {
    const marks = write('a', 'a', 'b', 'a')
    expect([1, 2, 3, 4].map((seq) => traceAt(marks, seq))).toEqual(['a', 'a', 'b', 'a'])
    expect(marks).toHaveLength(3)
  })

  it('let a step that nobody asked for go on in the newest trace', () => {
    expect(traceAt(write('a', 'b', null), 3)).toBe('b')
  })

  it('know nothing of what came before the first of them', () => {
    expect([traceAt([], 1), traceAt(write(null, 'a'), 1)]).toEqual([null, null])
  })

  it('hold one trace for what is still to be written: the last that asked', () => {
    const marks = marked(marked(write('a'), 2, 'b'), 2, 'c')
    expect(marks).toEqual([
      { from: 1, trace: 'a' },
      { from: 2, trace: 'c' },
    ])
  })

  it('are kept for what is not confirmed, and the newest for the alarms to come', () => {
    const marks = write('a', 'b', 'b', 'c')
    expect(marksAbove(marks, 0)).toEqual(marks)
    expect(marksAbove(marks, 1).map(({ trace }) => trace)).toEqual(['b', 'c'])
    expect(marksAbove(marks, 2).map(({ trace }) => trace)).toEqual(['b', 'c'])
    expect(marksAbove(marks, 3).map(({ trace }) => trace)).toEqual(['c'])
    expect(marksAbove(marks, 4).map(({ trace }) => trace)).toEqual(['c'])
  })

  it('are at most fifty, of which the oldest goes first', () => {
    const marks = write(...Array.from({ length: 51 }, (_, index) => `t${index + 1}`))
    expect([marks.length, traceAt(marks, 1), traceAt(marks, 2), traceAt(marks, 51)]).toEqual([
      ...[50, null],
      ...['t2', 't51'],
    ])
  })
})
