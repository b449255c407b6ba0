// Every route that takes JSON, with bodies that are nearly right, quite wrong, or no JSON at all.
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { holdings, judged, routes } from './hostile.ts'
import { nasty, spoiled, type Taker, takers, text } from './hostile-input.ts'
import { aKey, anOrderId, aTill, holdsNothing, type Json, type Till } from './till.ts'

const RUNS = 60

let till: Till
let table: Taker[]

beforeAll(async () => {
  till = await aTill()
  table = await takers(till)
}, 30_000)

const takerAt = (n: number) => table[n]!
/** The table is made before the tests and named here, because tests are listed before anything runs. */
const takersListed = [
  ...['POST /v1/payment-sessions', 'POST /v1/payment-sessions', 'PUT /v1/orders/:order_id'],
  ...[
    'POST /v1/payment-sessions/:id/cancel',
    'POST /v1/payments/:id/capture',
    'POST /v1/payments/:id/cancel',
  ],
  ...['POST /v1/payments/:id/refunds', 'POST /v1/payments/:id/sync', 'POST /v1/payments/:id/fiscal-receipts'],
  ...[
    'POST /v1/payments/:id/fulfillment',
    'POST /v1/payments/:id/corrections',
    'POST /v1/deliveries/:id/retry',
  ],
  ...['POST /v1/exceptions/:id/resolve', 'POST /v1/destinations', 'PATCH /v1/destinations/:id'],
  ...['POST /v1/destinations/:id/replay', 'POST /v1/destinations/:id/rotate-secret'],
  ...[
    'POST /v1/destinations/:id/test',
    'POST /v1/destinations/:id/pause',
    'POST /v1/destinations/:id/resume',
  ],
  'POST /v1/reconciliations/:id/run',
  ...['POST /v1/admin/merchants'],
  ...['PATCH /v1/admin/merchants/:merchantId'],
  ...['POST /v1/admin/merchants/:merchantId/rotate-order-signing-secret'],
  ...['POST /v1/admin/merchants/:merchantId/keys', 'POST /v1/admin/merchants/:merchantId/operators'],
  ...['POST /v1/admin/merchants/:merchantId/connections'],
  ...['PATCH /v1/admin/merchants/:merchantId/connections/:connectionId'],
  ...['POST /v1/admin/merchants/:merchantId/connections/:connectionId/test'],
  ...['POST /v1/admin/rebuild'],
]

/** Sends a body to its route and judges the answer; gives its status. */
async function send(
  taker: Taker,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Json> {
  const method = taker.route.split(' ')[0]!
  const startedAt = Date.now()
  const response = await till.call(taker.path, { method, as: taker.as, key: aKey(), body, headers })
  const answer = await judged(response, startedAt, `${taker.route} ${String(body).slice(0, 1_000)}`)
  return { status: response.status, answer }
}

/** The body with an order number of its own, and that number. */
function fresh(json: string): { body: string; orderId: string } {
  const orderId = anOrderId()
  return { body: json.replaceAll('ORDER', orderId), orderId }
}

describe('the bodies', () => {
  it('are of every route that takes JSON; a new one must be entered', () => {
    const others = ['/return/', '/webhooks/', '/sandbox/']
    // Their bodies are files.
    const files = ['POST /v1/reconciliations', 'POST /v1/reconciliations/:id/files']
    const taking = routes().filter(
      (route) =>
        !/^(GET|DELETE)/.test(route) &&
        !others.some((part) => route.includes(part)) &&
        !files.includes(route),
    )
    expect(table.map(({ route }) => route)).toEqual(takersListed)
    expect([...new Set(takersListed)].sort()).toEqual(taking)
  })

  it.each(takersListed.map((route, n) => [route, n] as const))(
    'of %s (%i) are judged as they are said',
    async (_, n) => {
      const { body } = fresh(JSON.stringify(takerAt(n).body))
      const { status, answer } = await send(takerAt(n), body)
      // The valid one is refused for what it names, or for the state of things, and never for its shape.
      if (status >= 400) expect(['malformed_body', 'unsupported_media_type']).not.toContain(answer.code)
    },
  )
})

describe('a spoiled body', () => {
  it.each(takersListed.map((route, n) => [route, n] as const))(
    'at %s (%i) is never a 500, and nothing is stored when it is refused',
    async (_, n) => {
      const taker = takerAt(n)
      const before = await holdings()
      let made = 0
      await fc.assert(
        fc.asyncProperty(spoiled(taker.body), async (json) => {
          const { body, orderId } = fresh(json)
          const { status } = await send(taker, body)
          if (status === 201) made += 1
          if (status >= 400 && taker.makes === 'books')
            expect(await holdsNothing(till.paymentId(orderId))).toBe(true)
        }),
        { numRuns: RUNS },
      )
      const after = await holdings()
      if (taker.makes === undefined) expect(after).toEqual(before)
      else expect(after).toEqual({ ...before, [taker.makes]: before[taker.makes] + made })
    },
    60_000,
  )
})

describe('bytes that are nothing', () => {
  it('are refused at every route, whatever type they claim', async () => {
    const type = fc.oneof(
      fc.constantFrom(
        'application/json',
        'application/json; charset=utf-16',
        'text/plain',
        'multipart/form-data',
        '',
      ),
      text.filter((value) => /^[\x20-\x7e]*$/.test(value)),
    )
    const before = await holdings()
    await fc.assert(
      fc.asyncProperty(
        fc.nat(table.length - 1),
        fc.uint8Array({ maxLength: 200 }),
        type,
        async (n, bytes, contentType) => {
          const { status } = await send(takerAt(n), bytes, { 'content-type': contentType })
          // No bytes at all are no body, which some commands take.
          if (bytes.length > 0) expect(status).toBeGreaterThanOrEqual(400)
        },
      ),
      { numRuns: 150 },
    )
    expect(await holdings()).toEqual(before)
  }, 60_000)
})

describe('an order’s number in the address', () => {
  it('is the merchant’s own and nothing else, however it is written', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          text,
          nasty.map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value))),
        ),
        async (id) => {
          fc.pre(id.isWellFormed() && id !== '' && id !== '.' && id !== '..')
          const path = `/v1/orders/${encodeURIComponent(id)}`
          const body = { amount: 1_000, currency: 'AMD' }
          const response = await till.call(path, { method: 'PUT', body })
          await judged(response, Date.now(), path)
          const isOne = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(id)
          expect(response.status < 300).toBe(isOne)
        },
      ),
      { numRuns: 100 },
    )
  }, 60_000)
})
