/**
 * How a route is described: what its code cannot tell by itself. Who may call it, which body and query it takes, and the
 * refusals that follow from those are read off its middleware (`http/traits.ts`), so they are not said here.
 */
import * as z from 'zod'
import type { ErrorCode } from '../domain/errors.ts'

/** What an answer says, and its body: a shape for JSON, a content type for anything else, nothing for no body. */
export type Answer = readonly [says: string, body?: z.ZodType | string]

export interface Described {
  /** The operation's name in generated clients. */
  id: string
  /** One line, in the imperative. */
  does: string
  /** What a caller must know besides, as Markdown. */
  more?: string
  answers: Readonly<Record<number, Answer>>
  /** Refusals of its own, besides those that its middleware brings. */
  refuses?: readonly ErrorCode[]
  /** Takes an Idempotency-Key, with all that follows (contract: the same request gets the same answer). */
  keyed?: true
  /** The body, where the route reads it by itself: its shape depends on the caller, or it is of this content type. */
  body?: z.ZodType | string
  /** A body that is taken. */
  example?: unknown
  /** Refusals are pages or a provider's dialect, not problems. */
  speaks?: 'problems' | 'dialect'
}

/** `METHOD /path`, as Hono's route table has them. */
export type Route = `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`
export type Routes = Readonly<Record<Route, Described>>

/** The routes of one noun: `parameters` are those of their paths. */
export interface Chapter {
  name: string
  about: string
  parameters: Readonly<Record<string, z.ZodType>>
  routes: Routes
}

/** An object whose fields are exactly those of a view: neither can have one that the other lacks, or it won't compile. */
export const shaped =
  <View extends object>() =>
  <S extends Record<keyof View, z.ZodType>>(shape: S & Record<Exclude<keyof S, keyof View>, never>) =>
    z.object(shape as S)

/** A page of a list. */
export const listOf = <S extends z.ZodType>(row: S) =>
  z.object({
    data: z.array(row),
    next_cursor: z
      .string()
      .nullable()
      .meta({ description: 'Send it as `cursor` for the next page; null on the last one.' }),
  })

const letters = '0123456789abcdefghjkmnpqrstvwxyz'

/** An id that begins with this prefix; what follows is opaque. */
export const idOf = (prefix: string, what: string, length = 26) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}_[${letters}]{${length}}$`))
    .meta({ description: what, example: `${prefix}_${sample(length)}` })

const sample = (length: number) => 'k3q8rfv2m6c1n0dx7twz95hj4bpsga2e8y'.repeat(3).slice(0, length)

/** RFC 3339 in UTC with milliseconds. */
export const time = z.iso.datetime({ precision: 3 }).meta({ example: '2026-11-22T12:00:00.000Z' })

export const livemode = z.boolean().meta({ description: 'Whether real money moves; false in test mode.' })

/** Minor units. */
export const minor = z.int().min(0).meta({
  description: 'Minor units of the currency: 1250000 is 12500.00 AMD, and 500 is 500 JPY.',
  example: 1_250_000,
})

export const currencyCode = z
  .string()
  .regex(/^[A-Z]{3}$/)
  .meta({ example: 'AMD' })

/** The problem of RFC 9457 with which every refusal is answered. */
export const problem = z
  .looseObject({
    type: z.string().meta({ example: 'urn:tollgate:problem:validation_failed' }),
    title: z.string().meta({ example: 'The request is not valid' }),
    status: z.int().meta({ example: 422 }),
    detail: z.string().meta({ example: 'The body is not valid. At /amount: Not an integer.' }),
    instance: z.string().meta({ example: 'urn:tollgate:request:req_…' }),
    code: z.string().meta({ description: 'Stable; program against this.', example: 'validation_failed' }),
    errors: z
      .array(
        z.object({
          pointer: z
            .string()
            .meta({ description: 'RFC 6901, into the body or the query.', example: '/amount' }),
          detail: z.string(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457. Further members tell of the state that did not allow it.' })
