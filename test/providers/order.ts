/** An order, and a report as the gateway gets it, for the rigs of adapters. */
import { randomBytes } from 'node:crypto'
import { sessionId as newSessionId } from '../../src/domain/ids.ts'
import type { CheckoutOrder, RawReport } from '../../src/domain/provider.ts'
import type { Fetch } from '../../src/providers/call.ts'
import type { Simulator } from '../simulators/base.ts'

let orders = 0

/** An order that no other test has. */
export function anOrder(details: Partial<CheckoutOrder> = {}): CheckoutOrder {
  orders += 1
  const paymentId = 'pay_0123456789abcdefghjkmnpqrs'
  const sessionId = newSessionId(paymentId, randomBytes(16))
  return {
    paymentId,
    sessionId,
    orderId: `A-${orders}`,
    amount: 125_000,
    currency: 'AMD',
    captureMethod: 'automatic',
    expiresAt: Date.now() + 1_800_000,
    returnUrl: `https://gateway.example/return/${sessionId}`,
    webhookUrl: 'https://gateway.example/webhooks/x/con_1',
    call: 1,
    number: null,
    ...details,
  }
}

/** The request that brings this body. Header names are lower-case. */
export function arriving(body: string, headers: Record<string, string>): RawReport {
  return {
    method: 'POST',
    url: 'https://gateway.example/webhooks/x/con_1',
    header: (name) => headers[name.toLowerCase()],
    body: new TextEncoder().encode(body),
  }
}

/** Reaches the simulator without a port. */
export const through =
  (simulator: Pick<Simulator, 'handle'>): Fetch =>
  (request) =>
    simulator.handle(request)
