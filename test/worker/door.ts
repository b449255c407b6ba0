// The gateway's door for worker tests: the real application and the real D1, with a clock and a database to command.
import { createExecutionContext } from 'cloudflare:test'
import { env as bindings } from 'cloudflare:workers'
import type { Env } from '../../src/env.ts'
import { buildApp } from '../../src/http/app.ts'
import { heldToDescription } from '../support/described-shapes.ts'

export const ADMIN = 'admin-token-of-the-tests'

export const credentials = { webhook_secrets: ['whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'] }

export interface Call {
  method?: string
  /** A key or token. */
  as?: string
  /** Sent as JSON, unless it is text or bytes already. */
  body?: unknown
  headers?: Record<string, string>
}

/** One gateway whose time stands still until it is moved, and whose database can be counted and broken. */
export function aDoor(settings: Partial<Env> = {}) {
  const door = {
    now: Date.parse('2026-11-22T12:00:00Z'),
    statements: 0,
    isBroken: false,
    lines: [] as string[],
  }
  const DB = new Proxy(bindings.DB, {
    get(database, name) {
      if (name === 'prepare' || name === 'batch') {
        if (door.isBroken) throw new Error('D1_ERROR: the database is broken by the test')
        door.statements += 1
      }
      const value = Reflect.get(database, name)
      return typeof value === 'function' ? value.bind(database) : value
    },
  })
  const env: Env = { ...bindings, ...settings, DB }
  const app = buildApp({ clock: () => door.now, write: (line) => door.lines.push(line) })

  const held = heldToDescription(app)

  async function call(path: string, { method, as, body, headers = {} }: Call = {}): Promise<Response> {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array || body instanceof ReadableStream
    const request = new Request(`https://pay.example${path}`, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isRaw ? (body as string) : JSON.stringify(body) }),
    })
    return held(request, await app.fetch(request, env, createExecutionContext()))
  }

  /** The JSON of an answer that must have this status. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers as their callers would.
  async function json(status: number, path: string, what: Call = {}): Promise<any> {
    const response = await call(path, what)
    const text = await response.text()
    if (response.status !== status) throw new Error(`${path} answered ${response.status}: ${text}`)
    return JSON.parse(text)
  }

  async function aMerchant(details: Record<string, unknown> = {}) {
    const body = { name: 'Shop', currencies: ['AMD'], allowed_origins: ['https://shop.example'], ...details }
    return json(201, '/v1/admin/merchants', { as: ADMIN, body })
  }

  async function aKey(merchantId: string, kind = 'secret', livemode = false) {
    return json(201, `/v1/admin/merchants/${merchantId}/keys`, { as: ADMIN, body: { kind, livemode } })
  }

  async function aConnection(merchantId: string, details: Record<string, unknown> = {}) {
    const body = { provider: 'sandbox', livemode: false, credentials, ...details }
    return json(201, `/v1/admin/merchants/${merchantId}/connections`, { as: ADMIN, body })
  }

  return Object.assign(door, { app, env, call, json, aMerchant, aKey, aConnection })
}
