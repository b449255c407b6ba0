/**
 * The console in front of a door whose clock can be moved, or of the Worker itself; and a browser that keeps cookies, sends
 * what browsers send, and fills in forms as they stand in the page.
 */
import { createExecutionContext } from 'cloudflare:test'
import { exports } from 'cloudflare:workers'
import { consoleOn } from '../../src/console/app.ts'
import type { Env } from '../../src/env.ts'
import { ADMIN, aDoor } from './door.ts'
import type { Till } from './till.ts'

const ORIGIN = 'https://pay.example'

export type Role = 'viewer' | 'operator' | 'admin'

/** A door with a console, and a merchant whose operators can be made. */
export async function aConsole(settings: Partial<Env> = {}) {
  const door = aDoor(settings)
  const browser = browsersAt(door)
  const merchant = await door.aMerchant()
  return Object.assign(door, { merchant, browser, ...staffOf(door, merchant.id, browser) })
}

/** Browsers at a door, which gets a console for them. */
function browsersAt(door: ReturnType<typeof aDoor>): () => Browser {
  door.app.route('/console', consoleOn(door.app))
  return () => aBrowser(async (request) => door.app.fetch(request, door.env, createExecutionContext()))
}

/** A console of a deployment with these settings, for whoever looks after a till's payments. */
export function deskWith(settings: Partial<Env>, { merchantId }: Till) {
  const door = Object.assign(aDoor(settings), { now: Date.now() })
  return Object.assign(staffOf(door, merchantId, browsersAt(door)), { door })
}

/** The Worker's own console, for whoever looks after a till's payments. */
export const deskOf = ({ door, merchantId }: Till) =>
  staffOf(door, merchantId, () => aBrowser((request) => exports.default.fetch(request)))

function staffOf({ json }: ReturnType<typeof aDoor>, merchantId: string, browser: () => Browser) {
  async function anOperator(
    role: Role = 'operator',
    more: object = {},
  ): Promise<{ id: string; token: string }> {
    const body = { name: `Ani the ${role}`, role, livemode: false, ...more }
    return json(201, `/v1/admin/merchants/${merchantId}/operators`, { as: ADMIN, body })
  }

  /** A browser that has logged in as a new operator of this role. */
  async function loggedIn(role: Role = 'operator'): Promise<Browser> {
    const logged = browser()
    await logged.logIn((await anOperator(role)).token)
    return logged
  }

  return { anOperator, loggedIn }
}

export type Browser = ReturnType<typeof aBrowser>

/** A page as it came. */
export interface Seen {
  status: number
  headers: Headers
  text: string
  /** Where it leads. */
  to: string | null
}

export function aBrowser(fetch: (request: Request) => Promise<Response>) {
  const cookies = new Map<string, string>()

  /** Sends a request with the cookies that are held and takes those that come. */
  async function send(path: string, init: RequestInit = {}): Promise<Seen> {
    const headers = new Headers(init.headers)
    const jar = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    if (jar !== '' && !headers.has('cookie')) headers.set('cookie', jar)
    const answer = await fetch(new Request(ORIGIN + path, { ...init, headers, redirect: 'manual' }))
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/max-age=0/i.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
    const to = answer.headers.get('location')
    return { status: answer.status, headers: answer.headers, text: await answer.text(), to }
  }

  /** Sends fields as a form of this very site does; a header that is null is left out. */
  function post(
    path: string,
    fields: Record<string, string>,
    { origin = ORIGIN, ...more }: Record<string, string | null> = {},
  ): Promise<Seen> {
    const headers = new Headers({ 'content-type': 'application/x-www-form-urlencoded' })
    if (origin !== null) headers.set('origin', origin)
    for (const [name, value] of Object.entries(more)) if (value !== null) headers.set(name, value)
    return send(path, { method: 'POST', headers, body: new URLSearchParams(fields).toString() })
  }

  /** Fills in the form of this name on the page and sends it, with the hidden fields that it holds. */
  async function fill(path: string, name: string, fields: Record<string, string> = {}): Promise<Seen> {
    const form = formIn(await send(path), name)
    if (form === null) throw new Error(`${path} has no form called ${name}`)
    return post(path, { ...form, ...fields })
  }

  async function logIn(token: string, to?: string): Promise<Seen> {
    return post('/console/login', { token, ...(to === undefined ? {} : { to }) })
  }

  return { cookies, send, post, fill, logIn, see: (path: string) => send(path) }
}

/** The hidden fields of the form of this name; null when the page has no such form. */
export function formIn({ text }: Seen, name: string): Record<string, string> | null {
  const form = text.split('<form').find((part) => part.includes(`id="${name}"`))
  if (form === undefined) return null
  const hidden = form.split('</form>')[0]!.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)
  return Object.fromEntries([...hidden].map(([, field, value]) => [field!, value!]))
}

/** What the forms of a page carry to prove that they are its own. */
export const formTokenIn = ({ text }: Seen): string =>
  /name="form_token" value="([^"]+)"/.exec(text)?.[1] ?? ''
