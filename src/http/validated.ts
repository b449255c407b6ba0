/** Bodies and queries against their schemas: what is wrong is named by its place, and never repeated by its value. */
import { zValidator } from '@hono/zod-validator'
import type { Context, MiddlewareHandler } from 'hono'
import type * as z from 'zod'
import { type BodyError, GatewayError } from '../domain/errors.ts'
import type { Gateway } from './gateway.ts'
import { readJson } from './json.ts'
import { telling } from './traits.ts'

const MOST_ERRORS = 20

/** A route's JSON body, found in `c.req.valid('json')`. With `mayBeAbsent` no body at all is read as `{}`. */
export function validated<S extends z.ZodType>(schema: S, options: { mayBeAbsent?: boolean } = {}) {
  type Valid = { in: { json: z.input<S> }; out: { json: z.output<S> } }
  const validate: MiddlewareHandler<Gateway, string, Valid> = async function validateBody(c, next) {
    c.req.addValidatedData('json', (await readBody(c, schema, options)) as object)
    await next()
  }
  return telling({ kind: 'body', schema, mayBeAbsent: options.mayBeAbsent ?? false }, validate)
}

/** A route's query, found in `c.req.valid('query')`. Unknown names and repeated ones are errors too. */
export function validatedQuery<S extends z.ZodType>(schema: S) {
  const validate = zValidator('query', schema, (result) => {
    if (!result.success) throw invalid(result.error.issues.flatMap(placesOf), 'query')
  })
  return telling({ kind: 'query', schema }, validate)
}

/**
 * The request's JSON body, for routes whose schema depends on the caller. Throws `unsupported_media_type`,
 * `malformed_body`, or `validation_failed` with a pointer to each wrong place.
 */
export async function readBody<S extends z.ZodType>(
  c: Context<Gateway>,
  schema: S,
  options: { mayBeAbsent?: boolean } = {},
): Promise<z.output<S>> {
  const bytes = new Uint8Array(await c.req.arrayBuffer())
  if (bytes.length === 0 && options.mayBeAbsent) return checked(schema, {}, 'body')
  if (!/^application\/json(\s*;.*)?$/i.test(c.req.header('content-type') ?? ''))
    throw new GatewayError({
      code: 'unsupported_media_type',
      detail: 'Send the body as JSON with `Content-Type: application/json`.',
    })
  const read = readJson(bytes)
  if (read.kind === 'malformed') throw new GatewayError({ code: 'malformed_body', detail: read.why })
  return checked(schema, read.value, 'body')
}

/** A value against a schema; throws `validation_failed`. */
export function checked<S extends z.ZodType>(schema: S, value: unknown, part: 'body' | 'query'): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw invalid(result.error.issues.flatMap(placesOf), part)
}

/** The refusal of a body whose fields are wrong in a way that its schema cannot see. */
export function invalid(errors: BodyError[], part: 'body' | 'query' = 'body'): GatewayError {
  const shown = errors.slice(0, MOST_ERRORS)
  const first = shown[0]
  const place =
    first === undefined ? '' : ` At ${first.pointer === '' ? 'its root' : first.pointer}: ${first.detail}`
  return new GatewayError({
    code: 'validation_failed',
    detail: `The ${part} is not valid.${place}`,
    errors: shown,
  })
}

/** RFC 6901, cut where a name was sent only to be long. */
export function pointerTo(path: readonly PropertyKey[]): string {
  return path
    .map((part) => `/${String(part).slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('')
}

function placesOf(issue: z.core.$ZodIssue): BodyError[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ pointer: pointerTo([...issue.path, key]), detail: 'Unknown field.' }))
  if (issue.code === 'invalid_union') return closestOf(issue)
  return [{ pointer: pointerTo(issue.path), detail: issue.message }]
}

/** Of a union's branches, the one with the fewest complaints is the one that was meant. */
function closestOf(issue: z.core.$ZodIssueInvalidUnion): BodyError[] {
  const [closest] = [...issue.errors].sort((a, b) => a.length - b.length)
  if (closest === undefined || closest.length === 0)
    return [{ pointer: pointerTo(issue.path), detail: issue.message }]
  return closest.flatMap((inner) => placesOf({ ...inner, path: [...issue.path, ...inner.path] }))
}
