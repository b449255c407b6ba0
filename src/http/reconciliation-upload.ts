/** A settlement file as a request brings it: what its headers and mapping say of it, and what is answered when it is wrong. */
import type { Context } from 'hono'
import * as z from 'zod'
import { GatewayError } from '../domain/errors.ts'
import { exponentOf } from '../domain/money.ts'
import { fields } from '../domain/settlement/layout.ts'
import { type LayoutName, layoutOf, type Mapping } from '../domain/settlement/layouts.ts'
import { type Encoding, encodings, FileRefused, type Reading } from '../reconciliation/read-file.ts'
import { MOST_BYTES, TooLarge, Upload } from '../reconciliation/receive.ts'
import type { Gateway } from './gateway.ts'
import { readJson } from './json.ts'
import { invalid, pointerTo } from './validated.ts'

const mappingShape = z.lazy(() => {
  const kind = z.enum(['payment', 'refund', 'reversal', 'fee', 'other'])
  const heading = z.string().trim().min(1).max(100)
  return z.strictObject({
    columns: z
      .partialRecord(z.enum(fields), z.union([heading.transform((one) => [one]), z.array(heading).max(10)]))
      .optional(),
    types: z
      .record(heading, kind)
      .refine((types) => Object.keys(types).length <= 50, { error: 'At most 50 words.' })
      .optional(),
    otherwise: kind.nullable().optional(),
    amounts: z.enum(['decimal', 'minor']).optional(),
    decimal: z.enum(['auto', '.', ',']).optional(),
    currency: z
      .string()
      .refine((code) => exponentOf(code) !== undefined, { error: 'Not a currency that can be paid in.' })
      .optional(),
    delimiter: z.enum([',', ';', '\t', '|']).optional(),
  })
})

/** The mapping, as JSON in the query. */
export const mapping = z.lazy(() =>
  z
    .string()
    .max(8_192)
    .transform((text, context): unknown => {
      const read = readJson(new TextEncoder().encode(text))
      if (read.kind === 'json') return read.value
      context.addIssue({ code: 'custom', message: `Not a mapping as JSON. ${read.why}` })
      return z.NEVER
    })
    .pipe(mappingShape),
)

/** How this request's file is to be read. Throws `unsupported_media_type`. */
export function readingOf(c: Context<Gateway>, layout: LayoutName, said: Mapping = {}): Reading {
  const type = /^text\/csv\s*(?:;(.*))?$/i.exec(c.req.header('content-type') ?? '')
  const charset = /(?:^|;)\s*charset="?([\w-]+)"?/i.exec(type?.[1] ?? '')?.[1]?.toLowerCase() ?? 'utf-8'
  if (type === null || !(encodings as readonly string[]).includes(charset))
    throw new GatewayError({
      code: 'unsupported_media_type',
      detail: `Send the file itself as \`Content-Type: text/csv\`, with a charset of ${encodings.join(', ')} where it is not UTF-8.`,
    })
  return { layout: layoutOf(layout, said), encoding: charset as Encoding, delimiter: said.delimiter }
}

/** The body, which is read as it comes. Throws `malformed_body` when there is none. */
export function uploadOf(c: Context<Gateway>): Upload {
  const { body } = c.req.raw
  if (body === null)
    throw new GatewayError({ code: 'malformed_body', detail: 'The body is the file, and there is none.' })
  return new Upload(body)
}

/** What reading a file throws, as the refusal that its sender reads. */
export async function receiving<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof TooLarge)
      throw new GatewayError({
        code: 'body_too_large',
        detail: `A settlement file is at most ${MOST_BYTES / 1_048_576} MiB. Split it and send the parts one by one.`,
      })
    if (error instanceof FileRefused)
      throw invalid(
        error.wrong.map(({ line, field, detail }) => ({
          pointer: pointerTo(['lines', line, ...(field === null ? [] : [field])]),
          detail,
        })),
      )
    throw error
  }
}
