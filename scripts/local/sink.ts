/**
 * The demo business systems: CRM, ERP, fiscal and notification in one small HTTP server. They verify what they get as a
 * customer's system would, with the `standardwebhooks` package and nothing of Tollgate's own.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { Webhook } from 'standardwebhooks'
import { type Behaviour, type Mode, nextOf, readBehaviour } from './behaviour.ts'
import { Inbox, type Received } from './received.ts'

export interface SinkSetup {
  /** Where received events are kept. */
  folder: string
  /** The port of an earlier start, preferred so that old links go on working; null takes any. */
  port: number | null
  /** Says whether a request is for the demo store, and answers it then. */
  store(request: IncomingMessage, response: ServerResponse, body: string): Promise<boolean>
}

export interface Sink {
  url: string
  port: number
  /** Tells each system the secret of its destination; until then it asks for patience with a 503. */
  setSecrets(secrets: Record<string, string>): void
  /** What a system received of one payment, newest first. */
  received(system: string, paymentId: string): Received[]
  stop(): Promise<void>
}

export const systems = ['crm', 'erp', 'fiscal', 'notification'] as const

interface System {
  inbox: Inbox
  behaviour: Behaviour
  secret: string | null
}

const slowMs = 3_000
const bodyLimit = 262_144

/** Starts the server on loopback only. */
export async function startSink(setup: SinkSetup): Promise<Sink> {
  const all = new Map<string, System>()
  for (const name of systems) {
    const inbox = new Inbox(setup.folder, name)
    all.set(name, { inbox, behaviour: { mode: 'ok', times: null }, secret: null })
  }
  const server = createServer((request, response) => {
    answer(setup, all, request, response).catch((error: Error) => {
      // A caller that hung up while its body was read is not worth a line.
      say(response, { status: 500, body: { error: error.message } })
    })
  })
  const port = await listen(server, setup.port)
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    setSecrets(secrets) {
      for (const [name, system] of all) system.secret = secrets[name] ?? null
    },
    received: (name, paymentId) => all.get(name)?.inbox.list(paymentId) ?? [],
    async stop() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

async function answer(
  setup: SinkSetup,
  all: Map<string, System>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request)
  if (body !== null && (await setup.store(request, response, body))) return
  const made = body === null ? tooLong : await answerOf(all, request, body)
  // Silence is one of the behaviours; the caller's own timeout ends it.
  if (made) say(response, made)
}

interface Answer {
  status: number
  body: unknown
  headers?: Record<string, string>
}

const tooLong: Answer = { status: 413, body: { error: `A body may have at most ${bodyLimit} bytes.` } }

async function answerOf(
  all: Map<string, System>,
  request: IncomingMessage,
  body: string,
): Promise<Answer | null> {
  const url = new URL(request.url ?? '/', 'http://sink')
  const [name = '', what = '', ...rest] = url.pathname.slice(1).split('/')
  const system = all.get(name)
  if (!system || rest.length > 0) {
    return { status: 404, body: { error: `There is no such system here; there are ${systems.join(', ')}.` } }
  }
  switch (`${request.method} ${what}`) {
    case 'POST ':
      return take(system, request, body)
    case 'GET received':
      return {
        status: 200,
        body: { data: system.inbox.list(url.searchParams.get('payment_id')), next_cursor: null },
      }
    case 'GET behaviour':
      return { status: 200, body: system.behaviour }
    case 'PUT behaviour':
      return behave(system, body)
    default:
      return {
        status: 405,
        body: { error: `Use POST /${name}, GET /${name}/received, or GET and PUT /${name}/behaviour.` },
      }
  }
}

/** An event arrives. Nothing unverified is kept, whatever the behaviour. */
async function take(system: System, request: IncomingMessage, body: string): Promise<Answer | null> {
  if (system.secret === null) return { status: 503, body: { error: 'This system is still starting.' } }
  const event = verified(system.secret, request, body)
  if (typeof event === 'string') return { status: 401, body: { error: event } }
  const { now, after } = nextOf(system.behaviour)
  system.behaviour = after
  if (now === 'hang') return null
  if (now === 'slow') await pause(slowMs)
  const refusal = refusals[now]
  if (refusal) return refusal
  const { duplicate } = system.inbox.keep({ ...event, at: new Date().toISOString() })
  return { status: 200, body: { received: true, duplicate } }
}

const refusals: Partial<Record<Mode, Answer>> = {
  fail: { status: 500, body: { error: 'This system fails, as it was told to.' } },
  gone: { status: 410, body: { error: 'This system is gone for good, as it was told to be.' } },
  throttle: {
    status: 429,
    body: { error: 'Too many events, as this system was told to say.' },
    headers: { 'retry-after': '1' },
  },
}

/** The verified event's outline, or a sentence that says why it is not believed. */
function verified(secret: string, request: IncomingMessage, body: string) {
  const headers = Object.fromEntries(
    ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [
      name,
      String(request.headers[name] ?? ''),
    ]),
  )
  try {
    const event = new Webhook(secret).verify(body, headers) as {
      type?: unknown
      data?: { sequence?: unknown; payment?: { id?: unknown } | null }
    }
    const { sequence, payment } = event.data ?? {}
    return {
      webhook_id: headers['webhook-id'] ?? '',
      type: String(event.type),
      payment_id: typeof payment?.id === 'string' ? payment.id : null,
      sequence: typeof sequence === 'number' ? sequence : null,
    }
  } catch (error) {
    return `Not believed: ${(error as Error).message}.`
  }
}

function behave(system: System, body: string): Answer {
  const read = readBehaviour(parsed(body))
  if (typeof read === 'string') return { status: 422, body: { error: read } }
  system.behaviour = read
  return { status: 200, body: read }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}

function say(response: ServerResponse, { status, body, headers }: Answer): void {
  if (response.headersSent || response.destroyed) return
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(`${JSON.stringify(body)}\n`)
}

/** The whole body as text; null when it is too long. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length
    // The rest is read and dropped, so that the caller gets an answer instead of a broken connection.
    if (size <= bodyLimit) pieces.push(piece)
  }
  return size > bodyLimit ? null : Buffer.concat(pieces).toString('utf8')
}

async function listen(server: Server, preferred: number | null): Promise<number> {
  const attempt = (port: number) =>
    new Promise<number>((done, failed) => {
      server.once('error', failed)
      server.listen(port, '127.0.0.1', () => {
        server.off('error', failed)
        done((server.address() as AddressInfo).port)
      })
    })
  if (preferred === null) return attempt(0)
  return attempt(preferred).catch(() => attempt(0))
}
