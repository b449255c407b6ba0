// What every answer must keep to, whatever was asked; and which routes there are to ask.
import { listDurableObjectIds } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import { buildApp } from '../../src/http/app.ts'
import { statusOf } from '../../src/http/problem.ts'
import { sandbox } from '../../src/sandbox/app.ts'
import type { Json } from './till.ts'

/** Every route of the deployed Worker as `METHOD /path`, from the router itself; a new one appears here by itself. */
export function routes(): string[] {
  const app = buildApp()
  app.route('/sandbox', sandbox)
  const served = app.routes.filter(({ method }) => method !== 'ALL')
  return [...new Set(served.map(({ method, path }) => `${method} ${path}`))].sort()
}

/** What no answer may show: stacks, paths of sources, statements, causes, and secrets that were not shown once already. */
const inside =
  /\bat (?:async )?\S+ \(|\.[tj]s:\d+|node_modules|SQLITE|D1_|Failed query|(?:Type|Range|Syntax)Error/

/** Longer than any of these took on a busy machine, and far shorter than what hangs. */
const BOUND_MS = 10_000

/** Holds an answer to the contract's §1 and gives its body. Problems must have a known code that fits their status. */
export async function judged(response: Response, startedAt: number, asked: string): Promise<Json> {
  const text = await response.text()
  const about = `${asked}\n→ ${response.status} ${text.slice(0, 500)}`
  expect(response.status, about).toBeLessThan(500)
  expect(response.headers.get('request-id'), about).toMatch(/^req_[0-9a-z]{26}$/)
  expect(response.headers.get('x-content-type-options'), about).toBe('nosniff')
  expect(Date.now() - startedAt, about).toBeLessThan(BOUND_MS)
  expect(inside.test(text), about).toBe(false)
  const type = response.headers.get('content-type') ?? ''
  if (!type.includes('json')) return text
  const body: Json = JSON.parse(text)
  if (type !== 'application/problem+json') return body
  expect(Object.hasOwn(statusOf, body.code), about).toBe(true)
  expect(statusOf[body.code as keyof typeof statusOf], about).toBe(response.status)
  expect(body, about).toMatchObject({
    ...{ status: response.status, type: `urn:tollgate:problem:${body.code}` },
    ...{ title: expect.any(String), detail: expect.any(String), instance: expect.any(String) },
  })
  return body
}

/** Written with the request itself; the records of payments come behind a queue and tell nothing at this moment. */
const tables = ['merchants', 'keys', 'connections', 'destinations']

/** How much there is of what a request could have made: rows, checkouts at the provider, and parked reports. */
export async function holdings(): Promise<Json> {
  const counts = await env.DB.batch<{ n: number }>(
    tables.map((table) => env.DB.prepare(`select count(*) as n from ${table}`)),
  )
  const rows = Object.fromEntries(tables.map((table, n) => [table, counts[n]?.results[0]?.n]))
  const books = await listDurableObjectIds(env.SANDBOX)
  const inboxes = await listDurableObjectIds(env.INBOX)
  return { ...rows, books: books.length, inboxes: inboxes.length }
}
