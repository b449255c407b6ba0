// A storefront kit in a made-up browser tab before a made-up gateway, which keeps its promises about keys and orders and
// whose answers can be lost, refused or delayed.
import { createStorefront, type Kept, type Socket, type State } from '../../clients/storefront/src/index.ts'

const GATEWAY = 'https://pay.example'

export interface Opened {
  id: string
  client_secret: string
  checkout_url: string
  order_id: string
  status: string
  payment_status: string
}

interface Request {
  method: string
  path: string
  key: string | null
  body: Record<string, unknown>
}

type Fault = 'answer_lost' | 'request_lost' | Response

/** A gateway in memory: one open session for each order, one answer for each key. */
export class FakeGateway {
  readonly requests: Request[] = []
  readonly sessions: Opened[] = []
  /** What goes wrong with the next requests, in turn. */
  readonly faults: Fault[] = []
  /** What the next openings are refused with, in turn. */
  readonly refusals: Response[] = []
  readonly #answers = new Map<string, Opened>()

  fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const { pathname } = new URL(url)
    const headers = new Headers(init.headers)
    const body = typeof init.body === 'string' ? JSON.parse(init.body) : {}
    const request = {
      method: init.method ?? 'GET',
      path: pathname,
      key: headers.get('idempotency-key'),
      body,
    }
    this.requests.push(request)
    const fault = this.faults.shift()
    if (fault instanceof Response) return fault
    if (fault === 'request_lost') throw new TypeError('Failed to fetch')
    const answer = request.method === 'POST' ? this.#open(request) : this.#read(pathname)
    if (fault === 'answer_lost') throw new TypeError('Failed to fetch')
    return answer
  }

  posts = () => this.requests.filter(({ method }) => method === 'POST')
  keys = () => [...new Set(this.posts().map(({ key }) => key))]

  #open({ key, body }: Request): Response {
    const refused = this.refusals.shift()
    if (refused !== undefined) return refused
    const known = this.#answers.get(key ?? '')
    if (known !== undefined) return Response.json(known, { status: 201 })
    const order = String(
      body.order_id ?? (body.quote as { cart?: string } | undefined)?.cart ?? orderIn(body),
    )
    const open = this.sessions.find((one) => one.order_id === order && one.status === 'open')
    const n = this.sessions.length + 1
    const fresh = { id: `ps_${n}`, client_secret: `secret_${n}`, checkout_url: `${GATEWAY}/pay/ps_${n}` }
    const session = open ?? { ...fresh, order_id: order, status: 'open', payment_status: 'pending' }
    if (open === undefined) this.sessions.push(session)
    this.#answers.set(key ?? '', { ...session })
    return Response.json(session, { status: open === undefined ? 201 : 200 })
  }

  #read(path: string): Response {
    const session = this.sessions.find(({ id }) => path.endsWith(`/${id}`))
    return session === undefined ? problem(404, 'not_found') : Response.json(session)
  }

  /** What happened to a session meanwhile. */
  moved(id: string, status: string, paymentStatus: string): Opened {
    const session = this.sessions.find((one) => one.id === id)!
    return Object.assign(session, { status, payment_status: paymentStatus })
  }
}

export const problem = (
  status: number,
  code: string,
  more: object = {},
  headers: Record<string, string> = {},
) => Response.json({ code, ...more }, { status, headers })

const orderIn = ({ order_token: token }: Record<string, unknown>): string =>
  JSON.parse(atob(String(token).split('.')[1]!)).order_id

/** An order token as far as a browser looks into it. */
export const aToken = (orderId: string, exp: number) =>
  ['e30', btoa(JSON.stringify({ order_id: orderId, amount: 500, currency: 'AMD', exp })), 'signature'].join(
    '.',
  )

export class FakeSocket implements Socket {
  readonly #heard = new Map<string, ((event: { data?: unknown }) => void)[]>()
  isClosed = false
  addEventListener(type: string, heard: (event: { data?: unknown }) => void): void {
    this.#heard.set(type, [...(this.#heard.get(type) ?? []), heard])
  }
  close(): void {
    this.isClosed = true
  }
  /** What the network does to it. */
  happen(type: 'open' | 'close' | 'error' | 'message', data?: unknown): void {
    for (const heard of this.#heard.get(type) ?? []) heard({ data })
  }
}

/** A tab of the browser; `storage` is shared by the pages that a reload shows in it one after the other. */
export function aTab(gateway: FakeGateway, storage: Kept = aStorage()) {
  const sockets: FakeSocket[] = []
  const visited: string[] = []
  const told: State[] = []
  let hasSockets = true
  let unique = 0
  const storefront = createStorefront(
    { url: GATEWAY, publishableKey: 'pk_test_made_up' },
    {
      fetch: gateway.fetch,
      storage,
      random: () => 0.5,
      unique: () => `key-${visited.length}-${sockets.length}-${++unique}-${tabs++}`,
      go: (url) => visited.push(url),
      socket() {
        if (!hasSockets) throw new Error('This browser forbids sockets.')
        const socket = new FakeSocket()
        sockets.push(socket)
        return socket
      },
    },
  )
  return {
    ...{ storefront, sockets, visited, told, storage },
    tell: (state: State) => void told.push(state),
    statuses: () => told.map(({ status }) => status),
    /** The same tab with a new page in it. */
    reloaded: () => aTab(gateway, storage),
    withoutSockets() {
      hasSockets = false
    },
  }
}

let tabs = 0

export function aStorage(): Kept {
  const kept = new Map<string, string>()
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
  }
}
