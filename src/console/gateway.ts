/**
 * The console's way to everything: the gateway's own routes, asked within this Worker as the operator who is logged in. So
 * each write has one path, and what a role may do is decided where it is decided for tokens too.
 */
import type { Context } from 'hono'
import type { BodyError } from '../domain/errors.ts'
import { traceparentOf } from '../domain/trace.ts'
import { actingAs } from '../http/auth.ts'
import type { Console } from './console.ts'

/** What the gateway answered instead of doing something: a problem (RFC 9457). */
export interface Problem {
  status: number
  code: string
  title: string
  detail: string
  errors?: BodyError[]
}

/** Stops a page whose data the gateway refused to give. */
export class Refused extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail)
    this.name = 'Refused'
    this.problem = problem
  }
}

export type Answered<T> = { kind: 'done'; status: number; body: T } | { kind: 'refused'; problem: Problem }

/** A list as the gateway gives it. */
export interface List<T> {
  data: T[]
  next_cursor: string | null
}

/** A route's path with ids in it, none of which can lead elsewhere. */
export const at = (texts: TemplateStringsArray, ...ids: string[]): string =>
  String.raw({ raw: texts }, ...ids.map(encodeURIComponent))

/** A route that administers the operator's own merchant. */
export const ofMerchant = (c: Context<Console>, rest: string): string =>
  at`/v1/admin/merchants/${c.var.operator.merchantId}` + rest

type Query = Record<string, string | number | null | undefined>

/** What a GET route shows. Throws `Refused`. */
export async function read<T>(c: Context<Console>, path: string, query: Query = {}): Promise<T> {
  const given = Object.entries(query).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  )
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]))
  const answered = await asked<T>(c, given.length === 0 ? path : `${path}?${search}`, { method: 'GET' })
  if (answered.kind === 'refused') throw new Refused(answered.problem)
  return answered.body
}

/** The same where there may be nothing: null for `not_found`. */
export async function readIfThere<T>(c: Context<Console>, path: string): Promise<T | null> {
  const answered = await asked<T>(c, path, { method: 'GET' })
  if (answered.kind === 'done') return answered.body
  if (answered.problem.code === 'not_found') return null
  throw new Refused(answered.problem)
}

export interface Act {
  method?: 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  body?: object
  /** Of the form that asks, so that a form which is sent twice acts once. */
  key?: string | undefined
}

/** Does something through its route. A refusal is an answer, to be shown beside the form. */
export function act<T>(c: Context<Console>, path: string, { method = 'POST', body = {}, key }: Act) {
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (key !== undefined) headers['idempotency-key'] = key
  return asked<T>(c, path, { method, headers, body: JSON.stringify(body) })
}

/** The answer itself, for what is not JSON. `init` is that of a request. */
export async function fetchAs(c: Context<Console>, path: string, init: RequestInit): Promise<Response> {
  const request = new Request(new URL(path, c.req.url), init)
  const span = Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString('hex')
  request.headers.set('traceparent', traceparentOf(c.var.trace, span))
  return c.var.gateway.fetch(request, c.env, actingAs(c.var.operator, c.executionCtx))
}

/** Does the same with a request of one's own, for what is no JSON. */
export async function asked<T>(c: Context<Console>, path: string, init: RequestInit): Promise<Answered<T>> {
  const response = await fetchAs(c, path, init)
  const text = await response.text()
  if (response.ok) {
    const body = (text === '' ? null : JSON.parse(text)) as T
    return { kind: 'done', status: response.status, body }
  }
  return { kind: 'refused', problem: JSON.parse(text) as Problem }
}
