/**
 * What every simulated provider shares: routes over plain `Request` and `Response`, so that tests call it in-process and
 * `npm start` behind a port; ways to misbehave; reports that are kept and, where it knows where to, sent. It listens on
 * this machine only.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

export const modes = [
  'none',
  /** Breaks the connection before anything is done. */
  'hangs_up',
  /** Does what it is asked, then breaks the connection. */
  'loses_answers',
  /** Never answers, and does nothing. */
  'stays_silent',
  'answers_rubbish',
  'answers_500',
  'answers_503',
  'answers_endlessly',
  /** Says one minor unit less than there is, wherever the simulator asks `lies()`. */
  'lies',
  /** Sends each report twice. */
  'repeats',
  /** Keeps its reports to itself. */
  'loses_reports',
] as const
export type Mode = (typeof modes)[number]

/** A request as a route sees it. */
export interface Asked {
  request: Request
  url: URL
  params: Record<string, string>
  /** The body, read once. */
  text: string
}

export type Route = (asked: Asked) => Response | Promise<Response>
/** Keys such as `POST /v1/refunds/:id`; the first that fits answers. */
export type Routes = Record<string, Route>

/** A report as it was sent, or would have been. */
export interface Sent {
  url: string
  headers: Record<string, string>
  body: string
}

export interface Simulator {
  readonly name: string
  /** One request to it. Rejects where a real connection would break. */
  handle(request: Request): Promise<Response>
  /** How the next `times` calls of the API go; without a number, all of them. */
  behave(mode: Mode, times?: number): void
  /** Whether it is to say a wrong amount now. */
  lies(): boolean
  /** Whether it behaves so now. */
  is(mode: Mode): boolean
  /** Keeps the report, and sends it when its address is known; up to five tries. */
  report(sent: Sent): void
  /** Every report so far, oldest first. */
  readonly sent: Sent[]
}

class HungUp extends TypeError {}

/**
 * `api` answers the gateway, and misbehaves when told to; `pages` are for customers, and always work.
 * `PUT /_control { "mode": …, "times"?: … }` sets how it behaves; other members of the body go to `configure`.
 */
export function simulate(
  name: string,
  { api, pages, configure }: { api: Routes; pages: Routes; configure?: (settings: object) => void },
): Simulator {
  let mode: Mode = 'none'
  let left = Number.POSITIVE_INFINITY
  const sent: Sent[] = []

  const behave = (next: Mode, times = Number.POSITIVE_INFINITY) => {
    mode = next
    left = times
  }
  const control: Route = ({ text }) => {
    const { mode: asked, times, ...settings } = JSON.parse(text) as { mode?: Mode; times?: number }
    if (asked !== undefined && !modes.includes(asked))
      return json(422, { error: `modes: ${modes.join(', ')}` })
    if (asked !== undefined) behave(asked, times)
    configure?.(settings)
    return json(200, { name, mode, ...(left !== Number.POSITIVE_INFINITY && { times: left }) })
  }
  const troubled = async (serve: () => Promise<Response>): Promise<Response> => {
    const now = mode
    if (now !== 'none' && now !== 'lies' && now !== 'repeats' && now !== 'loses_reports') {
      left -= 1
      if (left <= 0) mode = 'none'
    }
    const answer = answers[now]
    if (answer !== undefined) return answer()
    const response = await serve()
    if (now === 'loses_answers') throw new HungUp('The connection was lost.')
    return response
  }
  return {
    name,
    sent,
    behave,
    lies: () => mode === 'lies',
    is: (asked) => mode === asked,
    async handle(request) {
      const url = new URL(request.url)
      const text = await request.text()
      const find = (routes: Routes) => matching(routes, request.method, url.pathname)
      const served = (found: Found) =>
        Promise.resolve(found.route({ request, url, text, params: found.params }))
      const page = find({ 'PUT /_control': control, ...pages })
      if (page !== null) return served(page)
      const call = find(api)
      return troubled(() => (call === null ? Promise.resolve(json(404, {})) : served(call)))
    },
    report(one) {
      sent.push(one)
      if (one.url === '' || mode === 'loses_reports') return
      void deliver(one)
      if (mode === 'repeats') void deliver(one)
    },
  }
}

const answers: Partial<Record<Mode, () => Promise<Response>>> = {
  hangs_up: () => Promise.reject(new HungUp('The connection was lost.')),
  stays_silent: () => new Promise(() => {}),
  answers_rubbish: async () => new Response('<html>Welcome to nginx', { status: 200 }),
  answers_500: async () => json(500, { error: { type: 'api_error', message: '?' } }),
  answers_503: async () => new Response('', { status: 503 }),
  answers_endlessly: async () => new Response('x'.repeat(1_000_000)),
}

async function deliver({ url, headers, body }: Sent): Promise<void> {
  for (const waitMs of [0, 500, 1_000, 2_000, 4_000]) {
    await pause(waitMs, undefined, { ref: false }) // waits because a provider does, before it tells once more
    const answer = await fetch(url, { method: 'POST', headers, body }).catch(() => null)
    if (answer?.ok === true) return
  }
}

interface Found {
  route: Route
  params: Record<string, string>
}

function matching(routes: Routes, method: string, pathname: string): Found | null {
  for (const [key, route] of Object.entries(routes)) {
    const [wanted, path = ''] = key.split(' ')
    if (wanted !== method) continue
    const shape = path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')
    const parts = new RegExp(`^${shape}$`).exec(pathname)
    if (parts === null) continue
    const params = Object.entries(parts.groups ?? {}).map(([name, text]) => [name, decodeURIComponent(text)])
    return { route, params: Object.fromEntries(params) }
  }
  return null
}

/**
 * Keeps the first answer to each key and gives it again; what was refused is not kept. `reused` answers the same key with
 * another request.
 */
export function answersByKey(header: string, reused: () => Response): (route: Route) => Route {
  const answers = new Map<string, { said: string; answer: Promise<Response> }>()
  return (route) => async (asked) => {
    const key = asked.request.headers.get(header)
    if (key === null) return route(asked)
    const said = `${asked.url.pathname} ${asked.text}`
    const before = answers.get(key)
    if (before !== undefined) return before.said === said ? (await before.answer).clone() : reused()
    // Kept before it is known, so that two calls at once under one key do one thing.
    const answer = (async () => route(asked))()
    answers.set(key, { said, answer })
    if ((await answer).status >= 400) answers.delete(key)
    return (await answer).clone()
  }
}

/** A JSON answer. */
export const json = (status: number, body: unknown): Response => Response.json(body, { status })

/** A page with one button for each choice, posted to the same address as `choice`. Texts must be plain. */
export function choicePage(title: string, text: string, choices: Record<string, string>): Response {
  const buttons = Object.entries(choices).map(
    ([choice, label]) => `<button name="choice" value="${plain(choice)}">${plain(label)}</button>`,
  )
  return page(`<h1>${plain(title)}</h1><p>${plain(text)}</p><form method="post">${buttons.join('\n')}</form>`)
}

/** A page that only tells something, with a way on. */
export function farewellPage(text: string, href: string): Response {
  return page(`<p>${plain(text)}</p><p><a href="${plain(href)}">Back to the shop</a></p>`)
}

const page = (body: string): Response =>
  new Response(`<!doctype html><meta charset="utf-8"><title>Simulated checkout</title>${body}`, {
    headers: { 'content-type': 'text/html; charset=utf-8' },
  })

const plain = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

/** Where the browser is sent on; 303 turns its POST into a GET. */
export const redirect = (location: string): Response =>
  new Response(null, { status: 303, headers: { location } })

/** Serves a simulator on this machine. `port` 0 takes a free one. */
export async function startSimulator(
  simulator: Simulator,
  port = 0,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((incoming, outgoing) => {
    answer(simulator, incoming, outgoing).catch(() => outgoing.destroy())
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function answer(
  simulator: Simulator,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const { method = 'GET', headers, url = '/' } = incoming
  const body = method === 'GET' || method === 'HEAD' ? null : Buffer.concat(chunks)
  const named = Object.entries(headers).map(([name, value]) => [name, String(value)] as [string, string])
  const request = new Request(`http://${headers.host ?? '127.0.0.1'}${url}`, { method, headers: named, body })
  const response = await simulator.handle(request)
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  outgoing.end(Buffer.from(await response.arrayBuffer()))
}
