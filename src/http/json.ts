/**
 * JSON as callers send it, read more strictly than `JSON.parse`: a name given twice, a name that would reach an object's
 * prototype, text that is not Unicode, a fraction that would be rounded away, and depths that no request needs are refused
 * instead of being resolved quietly.
 */

export type ReadJson = { kind: 'json'; value: unknown } | { kind: 'malformed'; why: string }

const DEEPEST = 20

/** Reads UTF-8 JSON. Never throws. */
export function readJson(bytes: Uint8Array): ReadJson {
  let text: string
  let value: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch {
    return { kind: 'malformed', why: 'The body is not UTF-8.' }
  }
  try {
    value = JSON.parse(text)
  } catch {
    return { kind: 'malformed', why: 'The body is not JSON.' }
  }
  const why = objection(text)
  return why === null ? { kind: 'json', value } : { kind: 'malformed', why }
}

/**
 * What is wrong with a text that `JSON.parse` has accepted; null when nothing is. Since the text is known to be JSON,
 * only strings, numbers and brackets matter: a string is a name exactly when a colon follows it.
 */
function objection(text: string): string | null {
  const token = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]|-?\d[\d.eE+-]*/g
  const open: Set<string>[] = []
  for (const match of text.matchAll(token)) {
    const [raw, colon] = match
    if (raw === '{' || raw === '[') {
      open.push(new Set())
      if (open.length > DEEPEST) return `The body is nested deeper than ${DEEPEST} levels.`
    } else if (raw === '}' || raw === ']') {
      open.pop()
    } else if (raw[0] !== '"') {
      if (isRounded(raw)) return 'The body has a number with more digits than can be kept.'
    } else {
      const said: string = JSON.parse(colon === undefined ? raw : raw.slice(0, raw.length - colon.length))
      if (!said.isWellFormed() || said.includes('\0'))
        return 'The body has text that is not Unicode, or holds a NUL.'
      if (colon === undefined) continue
      if (said === '__proto__') return 'The body has a field named __proto__.'
      if (open.at(-1)?.has(said)) return `The body has the field ${said.slice(0, 64)} twice in one object.`
      open.at(-1)?.add(said)
    }
  }
  return null
}

/** Fifteen digits always survive; of whole numbers the schemas know how large they may be. */
function isRounded(number: string): boolean {
  const [digits = '', exponent] = number.toLowerCase().split('e')
  const isWhole = exponent === undefined && !digits.includes('.')
  return !isWhole && digits.replace(/[-.]/g, '').replace(/^0+/, '').length > 15
}
