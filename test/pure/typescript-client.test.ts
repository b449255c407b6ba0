// The TypeScript client without a network: what it sends again, under which key, how long it waits, and what it throws.
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import {
  createClient,
  NoAnswer,
  type Patience,
  Problem,
  UnverifiedEvent,
  verifyEvent,
} from '../../clients/typescript/src/index.ts'

type Answered = () => Response | Promise<Response>

const opened: Answered = () => Response.json({ id: 'ps_1', checkout_url: 'https://pay.example/pay/ps_1' })
const lost: Answered = () => Promise.reject(new TypeError('fetch failed'))
const brokenOff: Answered = () => {
  const body = new ReadableStream({ pull: (stream) => stream.error(new TypeError('terminated')) })
  return new Response(body, { headers: { 'content-type': 'application/json' } })
}
const problem =
  (status: number, code: string, headers: Record<string, string> = {}): Answered =>
  () =>
    Response.json(
      { type: `urn:tollgate:problem:${code}`, status, code, detail: 'Because.', status_now: 'paid' },
      { status, headers: { 'content-type': 'application/problem+json', 'request-id': 'req_1', ...headers } },
    )

/** A client whose gateway gives these answers, one after the other and the last one for ever, and what came of it. */
function aClient(answers: Answered[], patience: Partial<Patience> = {}) {
  const sent: Request[] = []
  const bodies: string[] = []
  const waits: number[] = []
  let nowMs = Date.UTC(2026, 10, 30)
  let keys = 0
  const client = createClient({
    url: 'https://pay.example/',
    key: 'sk_test_made_up',
    patience,
    world: {
      fetch: async (request) => {
        sent.push(request)
        bodies.push(await request.text())
        return (answers[sent.length - 1] ?? answers.at(-1)!)()
      },
      now: () => nowMs,
      random: () => 0.5,
      newKey: () => `key-${++keys}`,
      wait: async (ms) => {
        waits.push(ms)
        nowMs += ms
      },
    },
  })
  const open = (init: object = {}) =>
    client.post('/v1/payment-sessions', {
      body: { order_id: 'A-1', amount: 100, currency: 'AMD', return_url: 'https://shop.example/thanks' },
      ...init,
    })
  const keysSent = () => sent.map((request) => request.headers.get('idempotency-key'))
  return { client, open, sent, bodies, waits, keysSent }
}

const thrownBy = (call: Promise<unknown>) => call.then(() => undefined).catch((error: unknown) => error)

describe('a call', () => {
  it('goes to its route with the key, and gives what is answered', async () => {
    const { client, sent } = aClient([() => Response.json({ id: 'pay_1', status: 'paid' })])
    const payment = await client.get('/v1/payments/{id}', { params: { path: { id: 'pay_1' } } })
    expect(payment.status).toBe('paid')
    expect([sent[0]?.method, sent[0]?.url]).toEqual(['GET', 'https://pay.example/v1/payments/pay_1'])
    expect(sent[0]?.headers.get('authorization')).toBe('Bearer sk_test_made_up')
  })

  it('gives nothing where the success has no body', async () => {
    const { client } = aClient([() => new Response(null, { status: 204 })])
    expect(
      await client.delete('/v1/destinations/{id}', { params: { path: { id: 'dst_1' } } }),
    ).toBeUndefined()
  })
})

describe('an idempotency key', () => {
  it('is fresh for every call, and the same over its tries', async () => {
    const { open, keysSent } = aClient([lost, problem(503, 'provider_unavailable'), opened, opened])
    await open()
    await open()
    expect(keysSent()).toEqual(['key-1', 'key-1', 'key-1', 'key-2'])
  })

  it('is the caller’s where the caller names one', async () => {
    const { open, keysSent } = aClient([opened])
    await open({ params: { header: { 'Idempotency-Key': 'order-A-1' } } })
    expect(keysSent()).toEqual(['order-A-1'])
  })

  it('goes only where the API takes one', async () => {
    const { client, keysSent } = aClient([() => Response.json({})])
    await client.get('/v1/payments')
    await client.post('/v1/destinations/{id}/pause', { params: { path: { id: 'dst_1' } } })
    expect(keysSent()).toEqual([null, null])
  })
})

describe('a try that failed', () => {
  it.each([
    ['no answer', lost],
    ['an answer that breaks off', brokenOff],
    ['429', problem(429, 'rate_limited')],
    ['500', problem(500, 'internal_error')],
    ['503', problem(503, 'provider_unavailable')],
    ['a proxy’s 502', () => new Response('<h1>Bad gateway</h1>', { status: 502 })],
    ['the first one still running', problem(409, 'idempotency_in_progress')],
  ])('with %s is sent again, byte by byte the same', async (_, failed) => {
    const { open, bodies } = aClient([failed, opened])
    expect((await open()).id).toBe('ps_1')
    expect(bodies[1]).toBe(bodies[0])
    expect(bodies[0]).toContain('"order_id":"A-1"')
  })

  it.each([
    ['the order being paid', problem(409, 'order_already_paid')],
    ['an earlier attempt in doubt', problem(409, 'previous_attempt_in_doubt', { 'retry-after': '30' })],
    ['a wrong body', problem(422, 'validation_failed')],
    ['the provider’s no', problem(402, 'provider_declined')],
  ])('with %s is not sent again', async (_, refused) => {
    const { open, sent } = aClient([refused, opened])
    expect(await thrownBy(open())).toBeInstanceOf(Problem)
    expect(sent).toHaveLength(1)
  })

  it('of a POST without a key is sent again only when the gateway did nothing', async () => {
    const make = (answers: Answered[]) => {
      const made = aClient([...answers, () => Response.json({ id: 'dst_1' })])
      const body = { kind: 'crm', url: 'https://crm.example/', event_types: ['*'] } as const
      return { ...made, done: thrownBy(made.client.post('/v1/destinations', { body: body as never })) }
    }
    const throttled = make([problem(429, 'rate_limited')])
    expect(await throttled.done).toBeUndefined()
    expect(await make([lost]).done).toBeInstanceOf(NoAnswer)
    expect(await make([problem(503, 'temporarily_unavailable')]).done).toBeInstanceOf(Problem)
  })
})

describe('the wait before the next try', () => {
  it('doubles, by chance shortened', async () => {
    const { open, waits } = aClient([lost, lost, lost, opened])
    await open()
    expect(waits).toEqual([250, 500, 1000])
  })

  it.each([
    ['seconds', '7'],
    ['a date', new Date(Date.UTC(2026, 10, 30) + 7_000).toUTCString()],
  ])('is what Retry-After asks for, in %s', async (_, header) => {
    const { open, waits } = aClient([problem(429, 'rate_limited', { 'retry-after': header }), opened])
    await open()
    expect(waits).toEqual([7_000])
  })

  it('is not begun when it would end too late', async () => {
    const { open, waits } = aClient([problem(429, 'rate_limited', { 'retry-after': '120' })])
    expect(await thrownBy(open())).toMatchObject({ code: 'rate_limited', retryAfterSeconds: 120 })
    expect(waits).toEqual([])
  })

  it('ends when the caller gives up', async () => {
    const caller = new AbortController()
    const client = createClient({
      url: 'https://pay.example',
      key: 'sk_test_made_up',
      world: {
        fetch: () => {
          // After the answer, so that the wait has begun.
          setTimeout(() => caller.abort(new Error('The customer left.')))
          return Promise.resolve(problem(429, 'rate_limited', { 'retry-after': '50' })() as Response)
        },
      },
    })
    await expect(client.get('/v1/payments', { signal: caller.signal })).rejects.toThrow('The customer left.')
  })
})

describe('what is thrown', () => {
  it('after the last try is its problem, with code, words, request id and key', async () => {
    const { open, sent } = aClient([problem(503, 'provider_unavailable')], { tries: 3 })
    const thrown = await thrownBy(open())
    expect(sent).toHaveLength(3)
    expect(thrown).toBeInstanceOf(Problem)
    expect(thrown).toMatchObject({
      code: 'provider_unavailable',
      status: 503,
      detail: 'Because.',
      requestId: 'req_1',
      idempotencyKey: 'key-1',
      message: '503 provider_unavailable: Because.',
      body: { status_now: 'paid' },
    })
  })

  it('is a problem too when somebody between answers in another language', async () => {
    const { open } = aClient([() => new Response('<h1>Forbidden</h1>', { status: 403 })])
    expect(await thrownBy(open())).toMatchObject({ code: 'unreadable_answer', status: 403 })
  })

  it('when nothing is heard keeps the cause and the key, and tells no secret of the address', async () => {
    const { client, open } = aClient([lost])
    expect(await thrownBy(open())).toMatchObject({ idempotencyKey: 'key-1', cause: expect.any(TypeError) })
    const query = { client_secret: 'cs_made_up' }
    const read = client.get('/v1/payment-sessions/{id}', { params: { path: { id: 'ps_1' }, query } })
    expect(String(await thrownBy(read))).toBe('NoAnswer: No answer to GET /v1/payment-sessions/ps_1.')
  })

  it('after a try that takes too long is that nothing is heard', async () => {
    const { signal } = new AbortController()
    const hanging = createClient({
      url: 'https://pay.example',
      key: 'sk_test_made_up',
      patience: { tries: 2, timeoutMs: 5 },
      world: {
        wait: () => Promise.resolve(),
        fetch: (request) =>
          new Promise((_, reject) =>
            request.signal.addEventListener('abort', () => reject(request.signal.reason)),
          ),
      },
    })
    const thrown = await thrownBy(hanging.get('/v1/payments', { signal }))
    expect(thrown).toMatchObject({ name: 'NoAnswer', cause: { message: 'No answer within 5 ms.' } })
  })
})

describe('an event', () => {
  const [current, next] = [1, 2].map((byte) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`) as [
    string,
    string,
  ]
  const payload = JSON.stringify({
    type: 'payment.paid',
    data: { event_id: 'evt_1', payment: { amount: 100 } },
  })
  const signed = (secret: string, at = new Date()) => ({
    'webhook-id': 'evt_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign('evt_1', at, payload),
  })

  it.each([
    ['text with plain headers', payload, signed(current)],
    ['bytes with Headers', new TextEncoder().encode(payload), new Headers(signed(current))],
  ])('is read from %s', (_, body, headers) => {
    const event = verifyEvent(body, headers, current)
    expect(event.type === 'payment.paid' && event.data.payment.amount).toBe(100)
  })

  it('is taken under each of several secrets, while one replaces another', () => {
    for (const secret of [current, next])
      expect(verifyEvent(payload, signed(secret), [next, current]).data.event_id).toBe('evt_1')
  })

  it.each<[string, string, Record<string, string>, string[]]>([
    ['changed', payload.replace('100', '999'), signed(current), [current]],
    ['signed by another', payload, signed(next), [current]],
    ['old', payload, signed(current, new Date(Date.now() - 360_000)), [current]],
    ['not signed', payload, {}, [current]],
    ['verified without a secret', payload, signed(current), []],
  ])('is refused when it is %s', (_, body, headers, secrets) => {
    expect(() => verifyEvent(body, headers, secrets)).toThrow(UnverifiedEvent)
  })
})
