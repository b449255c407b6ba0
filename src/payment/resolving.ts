/** The object's step of closing an exception: by a person with a note, or by the facts themselves. */
import { resolve, type Trouble } from '../domain/exceptions.ts'
import type { Book } from './book.ts'

/** What a resolution came to. */
export type Resolution = 'resolved' | 'already' | 'not_found'

export interface Resolve {
  id?: string
  kind?: Trouble['kind']
  cause?: string
  resolution: string
  note: string | null
  actor: string
}

export function resolveException(
  book: Book,
  { id, kind, cause, resolution, note, actor }: Resolve,
): Resolution {
  if (book.payment === null) return 'not_found'
  const key = id !== undefined ? { id } : kind !== undefined && cause !== undefined ? { kind, cause } : null
  if (key === null) return 'not_found'
  const entries = resolve(book.payment, key, resolution, note)
  book.write(entries, actor)
  return entries.length > 0 ? 'resolved' : 'already'
}
