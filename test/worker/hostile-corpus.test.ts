/// <reference types="vite/client" />
// The kept nasty bodies, at every route that takes one, and the kept nasty reports under a right signature.
import { beforeAll, describe, expect, it } from 'vitest'
import { signatureHeaders } from '../../src/crypto/standard-webhooks.ts'
import { holdings, judged } from './hostile.ts'
import { type Taker, takers } from './hostile-input.ts'
import { secret } from './sandbox-shop.ts'
import { aKey, aTill, type Till } from './till.ts'

const files = import.meta.glob('../corpus/{bodies,reports}/*', {
  query: '?raw',
  import: 'default',
  eager: true,
})

/** What test/corpus/README.md says of its files. */
function bytesOf(path: string, text: string): Uint8Array {
  if (path.endsWith('.hex'))
    return Uint8Array.from(text.match(/[0-9a-f]{2}/g) ?? [], (byte) => Number.parseInt(byte, 16))
  const whole = text.replace(/<<(.{1,12}?)\*(\d+)>>/gs, (_, piece: string, times) =>
    piece.repeat(Number(times)),
  )
  return new TextEncoder().encode(whole)
}

const kept = (folder: string) =>
  Object.entries(files)
    .filter(([path]) => path.includes(`/${folder}/`))
    .map(([path, text]) => [path.split('/').at(-1)!, bytesOf(path, String(text))] as const)

const bodies = kept('bodies')
const reports = kept('reports')

let till: Till
let table: Taker[]

beforeAll(async () => {
  till = await aTill()
  table = await takers(till)
}, 30_000)

describe('a kept body', () => {
  it('is there, with many others', () => {
    expect(bodies.length).toBeGreaterThan(70)
    expect(reports.length).toBeGreaterThan(50)
  })

  it.each(bodies)('%s is refused at every route, and nothing is stored', async (name, body) => {
    const before = await holdings()
    for (const { route, path, as } of table) {
      const asked = { method: route.split(' ')[0]!, as, key: aKey(), body }
      const startedAt = Date.now()
      const response = await till.call(path, asked)
      await judged(response, startedAt, `${route} ${name}`)
      // No body at all is what some commands take.
      const isTaken = body.length === 0 && response.status < 300
      expect(isTaken || response.status >= 400, `${route} ${name}`).toBe(true)
    }
    // No body is what trying a connection takes, which asks the provider; its books are not ours.
    const asked = body.length === 0 ? { books: expect.any(Number) } : {}
    expect(await holdings()).toEqual({ ...before, ...asked })
  })
})

describe('a kept report', () => {
  it.each(reports)(
    '%s is 200 under a right signature, 401 without, and no money is believed',
    async (_, raw) => {
      const session = await till.open()
      const said = new TextDecoder('latin1').decode(raw)
      const about = said
        .replaceAll('REF', session.provider_reference)
        .replaceAll('ORDER', session.order_id)
        .replaceAll('SESSION', session.id)
      const body = Uint8Array.from(about, (char) => char.charCodeAt(0))
      const signed = await signatureHeaders(
        [secret],
        `rpt_${session.id}`,
        Math.floor(Date.now() / 1_000),
        body,
      )
      const path = `/webhooks/sandbox/${till.connectionId}`
      for (const [headers, status] of [
        [{}, 401],
        [{ ...signed, 'webhook-id': 'other' }, 401],
        [signed, 200],
      ] as const) {
        const startedAt = Date.now()
        const response = await till.call(path, { as: '', body, headers })
        await judged(response, startedAt, said)
        expect(response.status).toBe(status)
      }
      const payment = await till.paymentOf(session)
      expect(payment).toMatchObject({ amount_captured: 0, amount_refunded: 0 })
      expect(payment.status).not.toBe('paid')
      const journal = await till.json(200, `/v1/payments/${session.payment_id}/journal`)
      expect(JSON.stringify(journal)).not.toMatch(/4111 ?1111|"ANI"/)
    },
  )
})
