/** What a provider posts as a form, read so that what is checked and what is believed cannot differ. */
import type { RawReport } from '../domain/provider.ts'

/** The fields of a form, by name. */
export type Fields = ReadonlyMap<string, string>

/**
 * The fields of a posted form, or of the address where the request has no body. Null when a name comes twice: one reader
 * takes the first and another the last, and a checksum would prove only one of them.
 */
export function fieldsOf({ method, url, body }: RawReport): Fields | null {
  const text = method === 'GET' ? new URL(url).search : new TextDecoder().decode(body)
  const fields = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(text)) {
    if (fields.has(name)) return null
    fields.set(name, value)
  }
  return fields
}

/** The values of these fields in this order; null when one is missing. */
export function valuesOf(fields: Fields, names: readonly string[]): string[] | null {
  const values = names.map((name) => fields.get(name))
  return values.includes(undefined) ? null : (values as string[])
}
