/** The shapes that several routes share. Bodies are strict: an unknown field is an error, since it may be a typo. */
import * as z from 'zod'
import { amount, line } from '../delivery/words.ts'
import { exponentOf } from '../domain/money.ts'
import { cursorOf, type Page, placeOf } from '../store/page.ts'

export { amount, line }

/** A currency that can be paid in. */
export const currency = z.lazy(() =>
  z.string().refine((code) => exponentOf(code) !== undefined, {
    error: 'Not an upper-case ISO 4217 code of a currency that can be paid in.',
  }),
)

/** The merchant's own number for an order. */
export const orderId = z.lazy(() =>
  z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
    error: '1 to 64 of A-Z a-z 0-9 . _ - beginning with a letter or digit.',
  }),
)

/** At most 50 pairs of text. */
export const metadata = z.lazy(() =>
  z
    .record(z.string().min(1).max(40), z.string().max(500))
    .refine((pairs) => Object.keys(pairs).length <= 50, { error: 'At most 50 pairs.' }),
)

/** The shape only; whether the address is allowed is `allowedReturnAddress`'s to say. */
export const returnAddress = z.lazy(() => z.string().min(1).max(2_048))

export const customer = z.lazy(() =>
  z.strictObject({
    id: line(255).exactOptional(),
    email: z.email().max(254).exactOptional(),
    phone: z
      .string()
      .regex(/^\+?[0-9 ()-]{3,32}$/, { error: 'Not a telephone number.' })
      .exactOptional(),
    name: line(255).exactOptional(),
  }),
)

/** A language tag such as `hy` or `en-GB`. */
export const locale = z.lazy(() =>
  z.string().regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, { error: 'Not a language tag.' }),
)

/** `?limit=1..100&cursor=…` of every list, to be spread into a strict query schema. */
export const paging = () => ({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z
    .string()
    .transform((text, context) => {
      const place = placeOf(text)
      if (place !== null) return place
      context.addIssue({ code: 'custom', message: 'Not a cursor that this gateway made.' })
      return z.NEVER
    })
    .optional(),
})

/** The body of a route that takes none: no field is known. */
export const noBody = z.lazy(() => z.strictObject({}))

/** The query of a list that can be asked for a page, and for nothing else. */
export const pageQuery = z.lazy(() => z.strictObject(paging()))

/** What a list is asked with, from a query that holds `paging`. */
export const pageRequestOf = (query: { limit: number; cursor?: { at: number; id: string } | undefined }) => ({
  limit: query.limit,
  after: query.cursor ?? null,
})

/** A list as it goes out. */
export const listOf = <Row, View>(page: Page<Row>, view: (row: Row) => View) => ({
  data: page.rows.map(view),
  next_cursor: cursorOf(page.next),
})

/** RFC 3339 with milliseconds. */
export function timeOf(at: number): string
export function timeOf(at: number | null): string | null
export function timeOf(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}
