import { exports } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { GatewayError } from '../../src/domain/errors.ts'
import { idempotencyKey } from '../../src/http/idempotency.ts'
import { amount, currency, metadata, orderId, paging } from '../../src/http/schemas.ts'
import { validated, validatedQuery } from '../../src/http/validated.ts'
import { clearDirectory } from '../../src/store/directory.ts'
import { ADMIN, aDoor } from './door.ts'

const shape = z.strictObject({
  order_id: orderId,
  amount,
  currency,
  metadata: metadata.optional(),
  customer: z.strictObject({ name: z.string() }).optional(),
})
const anOrder = { order_id: 'A-1', amount: 100, currency: 'AMD' }

/** A door with routes that only show what got through it. */
function anEcho() {
  const door = aDoor()
  door.app.post('/echo', validated(shape), (c) => c.json(c.req.valid('json')))
  door.app.post(
    '/command',
    validated(z.strictObject({ amount: amount.optional() }), { mayBeAbsent: true }),
    (c) => c.json(c.req.valid('json')),
  )
  door.app.get(
    '/list',
    validatedQuery(z.strictObject({ ...paging(), status: z.enum(['open']).optional() })),
    (c) => c.json(c.req.valid('query')),
  )
  door.app.post('/keyed', (c) => c.json({ key: idempotencyKey(c) }))
  return door
}

beforeEach(() => clearDirectory())

describe('a problem', () => {
  it('has the members of RFC 9457, the code, and the id that the answer and the log carry', async () => {
    const door = anEcho()
    const response = await door.call('/echo', { body: {} })
    const id = response.headers.get('request-id')
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(id).toMatch(/^req_[0-9a-z]{26}$/)
    expect(await response.json()).toEqual({
      type: 'urn:tollgate:problem:validation_failed',
      title: 'The request is not valid',
      status: 422,
      detail: expect.stringContaining('/order_id'),
      instance: `urn:tollgate:request:${id}`,
      code: 'validation_failed',
      errors: expect.arrayContaining([{ pointer: '/order_id', detail: expect.any(String) }]),
    })
    expect(JSON.parse(door.lines.at(-1)!)).toMatchObject({
      request_id: id,
      status: 422,
      code: 'validation_failed',
    })
  })

  it('tells nothing about a bug but its id, and the log tells all but the parameters of a statement', async () => {
    const door = anEcho()
    door.app.get('/bug', () => {
      const cause = new Error('Failed query: select 1\nparams: ani@example.am,secret-value')
      throw new Error('wires crossed', { cause })
    })
    const response = await door.call('/bug')
    const text = await response.text()
    expect(response.status).toBe(500)
    expect(JSON.parse(text)).toMatchObject({ code: 'internal_error', status: 500 })
    expect(text).not.toMatch(/wires|query|at .*\.ts/)
    const line = JSON.parse(door.lines.at(-1)!)
    expect(line).toMatchObject({ level: 'error', code: 'internal_error' })
    expect(line.error).toMatch(/wires crossed[\s\S]*caused by: .*Failed query: select 1/)
    expect(line.error).not.toMatch(/ani@example|secret-value/)
  })

  it('carries what its refusal adds, but lets that replace nothing', async () => {
    const door = anEcho()
    door.app.get('/refused', () => {
      const extra = { status: 'paid', payment_status: 'paid', code: 'mine' }
      throw new GatewayError({ code: 'not_allowed_now', detail: 'No.', retryAfterSeconds: 1.2, extra })
    })
    const response = await door.call('/refused')
    expect(response.status).toBe(409)
    expect(response.headers.get('retry-after')).toBe('2')
    expect(await response.json()).toMatchObject({ code: 'not_allowed_now', payment_status: 'paid' })
  })

  it('does not honour a request id from outside', async () => {
    const response = await anEcho().call('/healthz', {
      headers: { 'request-id': 'mine', 'x-request-id': 'mine' },
    })
    expect(response.headers.get('request-id')).toMatch(/^req_/)
  })

  it('names an unusable setting in the log and not in the answer', async () => {
    const door = aDoor({ MAX_ATTEMPTS: 'many' })
    const response = await door.call('/healthz')
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('MAX_ATTEMPTS')
    expect(door.lines.at(-1)).toContain('MAX_ATTEMPTS')
  })
})

describe('an address', () => {
  it.each([
    '/nothing',
    '/v1',
    '/v1/payment-sessionz',
    '//healthz',
    '/healthz/',
    '/healthz/../v1/nothing',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/v1/%00',
    '/v1/%zz',
    `/${'a'.repeat(5_000)}`,
  ])('that leads nowhere is 404: %s', async (path) => {
    const response = await anEcho().call(path)
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ code: 'not_found' })
  })

  it.each([
    ['DELETE', '/healthz', 'GET'],
    ['POST', '/healthz', 'GET'],
    ['GET', '/echo', 'POST'],
    ['PUT', '/webhooks/sandbox/con_1', 'GET, POST'],
  ])('does not take %s at %s, and says that it takes %s', async (method, path, allow) => {
    const response = await anEcho().call(path, { method })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe(allow)
    expect(await response.json()).toMatchObject({ code: 'method_not_allowed' })
  })

  it('is logged as its pattern, without the query or what stands in its place', async () => {
    const door = anEcho()
    door.app.get('/things/:id', (c) => c.text('ok'))
    await door.call('/things/cs_secret?client_secret=hidden')
    expect(door.lines.join()).not.toMatch(/cs_secret|hidden/)
    expect(JSON.parse(door.lines.at(-1)!)).toMatchObject({ route: '/things/:id', method: 'GET', status: 200 })
  })
})

describe('a body', () => {
  it('that is right gets through', async () => {
    const body = { ...anOrder, metadata: { constructor: 'x', colour: 'կարմիր' } }
    expect(await anEcho().json(200, '/echo', { body })).toEqual(body)
  })

  it.each([
    ['no JSON', 'hello'],
    ['half of it', '{"order_id":"A-1"'],
    ['nothing', ''],
    ['a field twice', '{"order_id":"A-1","amount":1,"amount":2,"currency":"AMD"}'],
    ['a prototype', '{"__proto__":{"isAdmin":true},"order_id":"A-1"}'],
    ['nesting without end', `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
    ['bytes that are no text', new Uint8Array([0x7b, 0xff, 0xfe, 0x7d])],
  ])('of %s is malformed', async (_, body) => {
    expect(await anEcho().json(400, '/echo', { body })).toMatchObject({ code: 'malformed_body' })
  })

  it.each([
    ['an array', [], ''],
    ['null', 'null', ''],
    ['a text', '"text"', ''],
    ['an unknown field', { ...anOrder, amonut: 1 }, '/amonut'],
    [
      'an unknown field deeper down',
      { ...anOrder, customer: { name: 'Ani', 'a/b~c': 1 } },
      '/customer/a~1b~0c',
    ],
    ['amount 0', { ...anOrder, amount: 0 }, '/amount'],
    ['a negative amount', { ...anOrder, amount: -5 }, '/amount'],
    ['a fractional amount', { ...anOrder, amount: 1.5 }, '/amount'],
    ['an amount as text', { ...anOrder, amount: '100' }, '/amount'],
    ['an amount above 2^53 - 1', '{"order_id":"A","amount":9007199254740993,"currency":"AMD"}', '/amount'],
    ['an endless amount', '{"order_id":"A","amount":1e999,"currency":"AMD"}', '/amount'],
    ['an amount that is nothing', { ...anOrder, amount: null }, '/amount'],
    ['an unknown currency', { ...anOrder, currency: 'ABC' }, '/currency'],
    ['a currency in lower case', { ...anOrder, currency: 'amd' }, '/currency'],
    ['an order id with a path in it', { ...anOrder, order_id: '../x' }, '/order_id'],
    ['an order id with a line break', { ...anOrder, order_id: 'A\r\nx-header: 1' }, '/order_id'],
    ['an order id that is too long', { ...anOrder, order_id: 'A'.repeat(65) }, '/order_id'],
    ['metadata with numbers', { ...anOrder, metadata: { a: 1 } }, '/metadata/a'],
    ['a long metadata value', { ...anOrder, metadata: { a: 'x'.repeat(501) } }, '/metadata/a'],
    [
      'more than 50 pairs of metadata',
      { ...anOrder, metadata: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, 'v'])) },
      '/metadata',
    ],
  ])('with %s is refused, and the place is named', async (_, body, pointer) => {
    const problem = await anEcho().json(422, '/echo', { body })
    expect(problem.code).toBe('validation_failed')
    expect(problem.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer)
  })

  it('with thousands of unknown fields gets a short answer, which repeats no value', async () => {
    const body = Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`f${n}`, 'secret-value']))
    const text = await (await anEcho().call('/echo', { body })).text()
    expect(text.length).toBeLessThan(4_000)
    expect(text).not.toContain('secret-value')
  })

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json5',
    'text/json',
    '',
  ])('sent as %j is 415', async (type) => {
    const what = { body: JSON.stringify(anOrder), headers: { 'content-type': type } }
    expect(await anEcho().json(415, '/echo', what)).toMatchObject({ code: 'unsupported_media_type' })
  })

  it('may say its character set', async () => {
    const headers = { 'content-type': 'Application/JSON; charset=utf-8' }
    await anEcho().json(200, '/echo', { body: anOrder, headers })
  })

  it('of 10 MB is 413, whether it says its length or not, and is taken to its end', async () => {
    const big = `"${'x'.repeat(10_000_000)}"`
    const door = anEcho()
    expect(await door.json(413, '/echo', { body: big })).toMatchObject({ code: 'body_too_large' })
    let sent = 0
    const chunks = (most: number) =>
      new ReadableStream<Uint8Array>({
        pull(controller) {
          sent += 1
          if (sent > most) controller.close()
          else controller.enqueue(new Uint8Array(50_000).fill(32))
        },
      })
    expect((await door.call('/echo', { body: chunks(200) })).status).toBe(413)
    // Who is still sending reads nothing.
    expect(sent).toBe(201)
    sent = 0
    expect((await door.call('/echo', { body: chunks(1e9) })).status).toBe(413)
    // Who never ends is left.
    expect(sent).toBeLessThan(700)
  })

  it('in pieces and without its length arrives whole', async () => {
    const bytes = new TextEncoder().encode(JSON.stringify(anOrder))
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(new Uint8Array([byte]))
        controller.close()
      },
    })
    expect(await anEcho().json(200, '/echo', { body })).toEqual(anOrder)
  })

  it('may be left out where a command needs none', async () => {
    const door = anEcho()
    expect(await door.json(200, '/command', { method: 'POST' })).toEqual({})
    expect(await door.json(200, '/command', { body: { amount: 5 } })).toEqual({ amount: 5 })
    await door.json(422, '/command', { body: { amout: 5 } })
    await door.json(415, '/command', { body: 'amount=5', headers: { 'content-type': 'text/plain' } })
  })

  it('stores nothing when it is refused', async () => {
    const door = anEcho()
    const count = () => door.env.DB.prepare('select count(*) as n from merchants').first('n')
    const before = await count()
    for (const body of ['{', '[]', JSON.stringify({ name: 'Shop', extra: 1 })])
      expect((await door.call('/v1/admin/merchants', { as: ADMIN, body })).status).toBeGreaterThanOrEqual(400)
    expect(await count()).toBe(before)
  })
})

describe('a query', () => {
  it('has a page size by default', async () => {
    expect(await anEcho().json(200, '/list')).toEqual({ limit: 20 })
    expect(await anEcho().json(200, '/list?limit=100&status=open')).toEqual({ limit: 100, status: 'open' })
  })

  it.each([
    ['limit=0', '/limit'],
    ['limit=101', '/limit'],
    ['limit=ten', '/limit'],
    ['limit=', '/limit'],
    ['limit=1.5', '/limit'],
    ['limit=1&limit=2', '/limit'],
    ['cursor=mine', '/cursor'],
    ['cursor=%FF', '/cursor'],
    ['status=shut', '/status'],
    ['staus=open', '/staus'],
    ['constructor=1', '/constructor'],
    ['__proto__=1', '/__proto__'],
  ])('with %s is refused, and %s is named', async (query, pointer) => {
    const problem = await anEcho().json(422, `/list?${query}`)
    expect(problem.errors[0].pointer).toBe(pointer)
  })
})

describe('the Idempotency-Key', () => {
  it('is the same bare and quoted', async () => {
    for (const key of ['k-1', '"k-1"'])
      expect(
        await anEcho().json(200, '/keyed', { method: 'POST', headers: { 'idempotency-key': key } }),
      ).toEqual({
        key: 'k-1',
      })
  })

  it('is 400 when it is missing and 422 when it is none', async () => {
    expect(await anEcho().json(400, '/keyed', { method: 'POST' })).toMatchObject({
      code: 'idempotency_key_missing',
    })
    const headers = { 'idempotency-key': 'x'.repeat(256) }
    expect(await anEcho().json(422, '/keyed', { method: 'POST', headers })).toMatchObject({
      code: 'validation_failed',
    })
  })
})

describe('every answer', () => {
  it('forbids sniffing, framing, caching, scripts and plain http, unless its route chose otherwise', async () => {
    const door = anEcho()
    door.app.get('/page', (c) => {
      c.header('content-security-policy', "default-src 'self'")
      c.header('cache-control', 'max-age=60')
      return c.html('<p>hello</p>')
    })
    const plain = (await door.call('/healthz')).headers
    expect(plain.get('x-content-type-options')).toBe('nosniff')
    expect(plain.get('x-frame-options')).toBe('DENY')
    expect(plain.get('strict-transport-security')).toMatch(/^max-age=\d{7,}$/)
    expect(plain.get('cache-control')).toBe('no-store')
    expect(plain.get('content-security-policy')).toContain("default-src 'none'")
    const page = (await door.call('/page')).headers
    expect(page.get('content-security-policy')).toBe("default-src 'self'")
    expect(page.get('cache-control')).toBe('max-age=60')
  })

  it('may be a WebSocket, which stays one when headers are set on it', async () => {
    const door = anEcho()
    door.app.get('/socket', () => {
      const { 0: client, 1: server } = new WebSocketPair()
      server.accept()
      server.addEventListener('message', ({ data }) => server.send(`heard ${data}`))
      return new Response(null, { status: 101, webSocket: client })
    })
    const response = await door.call('/socket', { headers: { upgrade: 'websocket' } })
    expect(response.status).toBe(101)
    expect(response.headers.get('request-id')).toMatch(/^req_/)
    const socket = response.webSocket!
    const answer = new Promise((resolve) => socket.addEventListener('message', ({ data }) => resolve(data)))
    socket.accept()
    socket.send('hello')
    expect(await answer).toBe('heard hello')
  })

  it('of the deployed Worker tells its health', async () => {
    const response = await exports.default.fetch('https://pay.example/healthz')
    expect(await response.json()).toEqual({ status: 'ok', version: '0.1.0' })
    expect(response.headers.get('request-id')).toMatch(/^req_/)
  })
})
