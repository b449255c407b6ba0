/** A shop beside the sandbox, for tests: the adapter on the real sandbox app, and a listener where its reports arrive. */
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { Hono } from 'hono'
import type { CheckoutOrder, Provider } from '../../src/domain/provider.ts'
import { sandbox as adapter } from '../../src/providers/sandbox.ts'
import { sandbox } from '../../src/sandbox/app.ts'
import type { SandboxBook } from '../../src/sandbox/book.ts'

export const secret = 'whsec_QSBzZWNyZXQgZm9yIHRoZSB0ZXN0cyBvbmx5ISEh'
export const olderSecret = 'whsec_VGhlIHNlY3JldCBiZWZvcmUgdGhhdCBvbmUhISEh'
export const connectionId = 'con_0123456789abcdefghjkmnpqrs'

const served = new Hono().route('/sandbox', sandbox)

/** A request to the sandbox as the Worker would serve it. */
export async function serve(request: Request): Promise<Response> {
  return served.fetch(request, env)
}

/** The adapter, whose calls reach the sandbox by `fetch`. */
export function shop(fetch = serve, webhookSecrets: string[] = [secret, olderSecret]): Provider {
  return adapter({
    connectionId,
    webhookSecrets,
    fetch,
    apiOrigin: 'https://sandbox.internal',
    pageOrigin: 'https://gateway.example',
    limits: { timeoutMs: 300, maxBytes: 100_000 },
  })
}

let orders = 0

/** An order that no other test has. */
export function anOrder(details: Partial<CheckoutOrder> = {}): CheckoutOrder {
  orders += 1
  return {
    paymentId: 'pay_0123456789abcdefghjkmnpqrs',
    sessionId: `ps_${crypto.randomUUID()}`,
    orderId: `A-${orders}`,
    amount: 125_000,
    currency: 'AMD',
    captureMethod: 'automatic',
    expiresAt: Date.now() + 1_800_000,
    returnUrl: 'https://gateway.example/return/ps_1',
    webhookUrl: `https://gateway.example/webhooks/sandbox/${connectionId}`,
    call: 1,
    number: null,
    ...details,
  }
}

/** The books behind a reference. */
export function bookOf(reference: string): DurableObjectStub<SandboxBook> {
  return env.SANDBOX.getByName(reference)
}

/** A report as the gateway got it. */
export interface Arrived {
  headers: Record<string, string>
  body: string
}

/** Lets the reports of this checkout arrive in a list, each answered by `answer`, until the object is evicted. */
export async function listen(
  reference: string,
  answer: (nth: number) => Response | Promise<Response> = () => new Response(),
): Promise<Arrived[]> {
  const arrived: Arrived[] = []
  await runInDurableObject(bookOf(reference), (book: SandboxBook) => {
    book.outside = async (request) => {
      arrived.push({ headers: Object.fromEntries(request.headers), body: await request.text() })
      return answer(arrived.length)
    }
  })
  return arrived
}

/** A click on the checkout page. */
export function click(reference: string, fields: Record<string, string>): Promise<Response> {
  return serve(
    new Request(`https://gateway.example/sandbox/checkout/${reference}`, {
      method: 'POST',
      body: new URLSearchParams(fields),
      redirect: 'manual',
    }),
  )
}
