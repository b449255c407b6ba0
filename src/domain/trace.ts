/**
 * Trace context (W3C Trace Context, level 1): the name under which one cause is found in everybody's logs. It travels
 * from a request to the entries that it leads to, and from their events to business systems. It proves nothing, since
 * whoever calls may choose it, and no rule looks at it.
 */

/** The part that stays the same on the way: 32 hexadecimal digits, a dash and the flags. */
export type Trace = string

const HEADER =
  /^(?<version>(?!ff)[0-9a-f]{2})-(?<id>[0-9a-f]{32})-(?<span>[0-9a-f]{16})-(?<flags>[0-9a-f]{2})(?<more>-.*)?$/
const SAMPLED = 1

/** The trace that a `traceparent` header goes on with; null when it is none. Other versions may be longer (§3.2.4). */
export function traceFrom(header: string | null): Trace | null {
  const parts = header === null ? undefined : HEADER.exec(header)?.groups
  if (parts === undefined) return null
  const { version, id = '', span = '', flags = '', more } = parts
  const isLongerThanKnown = more !== undefined && version === '00'
  if (/^0+$/.test(id) || /^0+$/.test(span) || isLongerThanKnown) return null
  return `${id}-0${Number.parseInt(flags, 16) & SAMPLED}`
}

/** A trace that begins here. `id` is 32 hexadecimal digits, not all of them zero; what we begin is worth recording. */
export function traceOf(id: string): Trace {
  return `${id}-0${SAMPLED}`
}

/** The trace's name, as log lines carry it. */
export function traceIdOf(trace: Trace): string {
  return trace.slice(0, 32)
}

/** The header of a request that we make ourselves. `span` is 16 hexadecimal digits: this one step in the trace. */
export function traceparentOf(trace: Trace, span: string): string {
  return `00-${traceIdOf(trace)}-${span}-${trace.slice(33)}`
}

/** Which trace wrote a journal's entries from this position on. */
export interface TraceMark {
  from: number
  trace: Trace
}

/** More steps than wait for their confirmation in any usual trouble; what is older loses its name, and nothing else. */
const MOST_MARKS = 50

/** The marks once `seq` is written, or is to be. A step that nobody asked for, an alarm's, goes on in the newest trace. */
export function marked(marks: readonly TraceMark[], seq: number, trace: Trace | null): TraceMark[] {
  if (trace === null || trace === marks.at(-1)?.trace) return [...marks]
  return [...marks.filter(({ from }) => from < seq), { from: seq, trace }].slice(-MOST_MARKS)
}

/** The trace of an entry; null when nobody knows it any more. */
export function traceAt(marks: readonly TraceMark[], seq: number): Trace | null {
  return marks.findLast((mark) => mark.from <= seq)?.trace ?? null
}

/** The marks that entries above `confirmed` still need, and the newest one, in which alarms go on. */
export function marksAbove(marks: readonly TraceMark[], confirmed: number): TraceMark[] {
  return marks.filter((_, index) => (marks[index + 1]?.from ?? Number.POSITIVE_INFINITY) > confirmed + 1)
}
