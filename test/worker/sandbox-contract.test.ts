import { signatureHeaders } from '../../src/crypto/standard-webhooks.ts'
import type { CheckoutOrder, Opened } from '../../src/domain/provider.ts'
import {
  keepsTheProviderContract,
  type ReportOptions,
  type Rig,
  type Trouble,
} from '../providers/contract.ts'
import { anOrder, click, listen, olderSecret, secret, serve, shop } from './sandbox-shop.ts'

const now = Date.parse('2026-11-22T12:00:00Z')

function rig(): Promise<Rig> {
  let trouble: Trouble = 'none'
  const references = new Map<string, Set<string>>()

  const remote = async (request: Request): Promise<Response> => {
    if (trouble === 'hangs_up') throw new TypeError(`Network connection lost: ${secret}`)
    if (trouble === 'stays_silent') return new Promise(() => {})
    if (trouble === 'answers_rubbish') return new Response('<html>Welcome to nginx', { status: 200 })
    if (trouble === 'answers_500')
      return new Response('{"error":{"code":"refused","message":"?"}}', { status: 500 })
    if (trouble === 'answers_503') return new Response('', { status: 503 })
    if (trouble === 'answers_endlessly') return new Response('x'.repeat(1_000_000))
    const asked = request.clone()
    const answer = await serve(request)
    await remember(asked, answer.clone())
    if (trouble === 'loses_answers') throw new TypeError('Network connection lost.')
    if (trouble !== 'lies') return answer
    const less = (_: string, amount: string) => `"amount":${Number(amount) - 1}`
    return new Response((await answer.text()).replaceAll(/"amount":(\d+)/g, less))
  }

  const remember = async (asked: Request, answer: Response): Promise<void> => {
    if (asked.method !== 'POST' || !asked.url.endsWith('/checkouts')) return
    const { session_id } = await asked.json<{ session_id: string }>()
    const { reference } = await answer.json<{ reference: string }>()
    await listen(reference)
    references.set(session_id, (references.get(session_id) ?? new Set()).add(reference))
  }

  return Promise.resolve({
    provider: shop(remote),
    withoutSecrets: shop(remote, ['']),
    withWrongCredentials: shop(remote, ['']),
    now,
    hidden: [secret, secret.slice('whsec_'.length), olderSecret],
    trouble: (kind) => {
      trouble = kind
    },
    checkouts: (order) => references.get(order.sessionId)?.size ?? 0,
    pay: async (_order, opened) => {
      await click(opened.references[0], { choice: 'pay' })
    },
    report,
    order: anOrder,
  })
}

async function report(order: CheckoutOrder, opened: Opened, options: ReportOptions = {}) {
  const { ageSeconds = 0, wrong, amount = order.amount, currency = order.currency } = options
  const said = JSON.stringify({
    type: 'payment.captured',
    timestamp: new Date(now).toISOString(),
    data: {
      reference: opened.references[0],
      order_id: order.orderId,
      session_id: order.sessionId,
      amount,
      currency,
      occurred_at: new Date(now).toISOString(),
    },
  })
  const signing =
    wrong === 'secret'
      ? 'whsec_c29tZWJvZHkgZWxzZSdzIHNlY3JldCwgbm90IG91cnM='
      : options.olderSecret
        ? olderSecret
        : secret
  const headers = await signatureHeaders([signing], 'rpt_1', now / 1000 - ageSeconds, said)
  if (wrong === 'signature') headers['webhook-signature'] = 'v1,bm90IGEgc2lnbmF0dXJl'
  return {
    method: 'POST',
    url: order.webhookUrl,
    header: (name: string) => headers[name],
    body: new TextEncoder().encode(
      wrong === 'body' ? said.replace('"payment.captured"', '"payment.failed"') : said,
    ),
  }
}

keepsTheProviderContract('the sandbox', shop().capabilities, rig)
