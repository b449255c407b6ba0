import { describe, expect, it } from 'vitest'
import { call, isRefusal } from '../../../src/providers/call.ts'

const limits = { timeoutMs: 50, maxBytes: 1_000 }
const get = { method: 'GET', headers: {} }
const ask = (fetch: (request: Request) => Promise<Response>) =>
  call(fetch, 'https://bank.example/x', get, limits)

describe('a call to a provider', () => {
  it('gives the status and the text, whatever they are', async () => {
    const answer = await ask(async () => new Response('{"no":"money"}', { status: 402 }))
    expect(answer).toEqual({ kind: 'answered', status: 402, text: '{"no":"money"}' })
  })

  it('ends at its limit, even where fetch does not heed it', async () => {
    expect(await ask(() => new Promise(() => {}))).toEqual({
      kind: 'no_answer',
      why: 'The provider did not answer in time.',
    })
  })

  it('ends at its limit where the body never ends', async () => {
    const dripping = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) })
    expect((await ask(async () => new Response(dripping))).kind).toBe('no_answer')
  })

  it('reads no more than its limit', async () => {
    let made = 0
    const endless = new ReadableStream({
      pull(controller) {
        made += 1
        controller.enqueue(new Uint8Array(500))
      },
    })
    expect(await ask(async () => new Response(endless))).toMatchObject({
      why: expect.stringContaining('too large'),
    })
    expect(made).toBeLessThan(10)
  })

  it('says of a broken connection nothing that the network said', async () => {
    const answer = await ask(() => Promise.reject(new TypeError('connect bank.example?key=hush')))
    expect(answer).toEqual({ kind: 'no_answer', why: 'The connection to the provider failed.' })
  })

  it('follows no redirect', async () => {
    const modes: string[] = []
    const answer = await ask(async (request) => {
      modes.push(request.redirect)
      return new Response(null, { status: 302, headers: { location: 'https://elsewhere.example' } })
    })
    expect(answer).toMatchObject({ status: 302 })
    expect(modes).toEqual(['manual'])
  })

  it('keeps letters whole that arrive in pieces', async () => {
    const bytes = new TextEncoder().encode('դրամ')
    const pieces = new ReadableStream({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
        controller.close()
      },
    })
    expect(await ask(async () => new Response(pieces))).toMatchObject({ text: 'դրամ' })
  })
})

it.each([
  [400, true],
  [401, true],
  [402, true],
  [404, true],
  [409, true],
  [422, true],
  [408, false],
  [425, false],
  [429, false],
  [500, false],
  [503, false],
  [302, false],
  [200, false],
])('the status %i is a final no: %s', (status, final) => {
  expect(isRefusal(status)).toBe(final)
})
