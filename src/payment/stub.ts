/**
 * Reaching a payment's object. The platform moves and restarts objects while calls are on their way and says when a
 * call may simply be repeated; every step is safe to repeat, so nobody outside need see that.
 */
import { GatewayError } from '../domain/errors.ts'
import type { Trace } from '../domain/trace.ts'
import type { Env } from '../env.ts'
import type { Commander } from './command.ts'
import type { PaymentObject } from './object.ts'
import type { Opener } from './open.ts'

const MOST_TRIES = 3

type Stub = DurableObjectStub<PaymentObject>

/** What the platform says about an error, which is not ours then. */
interface Trouble {
  retryable?: boolean
  overloaded?: boolean
  durableObjectReset?: boolean
}

/** Calls the object; throws `temporarily_unavailable` when the platform says that it has too much to do. */
export function atPayment<T>(
  env: Pick<Env, 'PAYMENT'>,
  paymentId: string,
  call: (stub: Stub) => Promise<T>,
): Promise<T> {
  return reached(() => call(env.PAYMENT.getByName(paymentId)))
}

/** The order that a quote named first under this key: the given one, unless there was another. Throws as above. */
export function firstQuotedOrder(env: Pick<Env, 'QUOTES'>, name: string, orderId: string): Promise<string> {
  return reached(async () => env.QUOTES.getByName(name).firstOrder(orderId))
}

async function reached<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      // A stub that has thrown stays broken, so each try takes a new one.
      return await call()
    } catch (error) {
      const { retryable, overloaded, durableObjectReset } = error as Trouble
      // A reset object has kept what it committed and lost what it was doing, which the same step then does.
      const isPassing = retryable === true || durableObjectReset === true
      if (isPassing && overloaded !== true && tries < MOST_TRIES) continue
      if (!isPassing && overloaded !== true) throw error
      const detail = 'This payment cannot be reached right now. Repeat the request with the same key.'
      throw new GatewayError({ code: 'temporarily_unavailable', detail, retryAfterSeconds: 2 })
    }
  }
}

/** The object's half of opening and asking, each call on its own, and all of them in one trace. */
export function openerAt(env: Pick<Env, 'PAYMENT'>, paymentId: string, trace: Trace): Opener & Commander {
  const at = <T>(call: (stub: Stub) => Promise<T>) => atPayment(env, paymentId, call)
  return {
    begin: (asked) => at(async (stub) => stub.begin(asked, trace)),
    finish: (outcome) => at(async (stub) => stub.finish(outcome, trace)),
    beginEnd: (sessionId, actor) => at(async (stub) => stub.beginEnd(sessionId, actor, trace)),
    subject: (sessionId) => at(async (stub) => stub.subject(sessionId)),
    learn: (sessionId, outcome, capabilities, askedAt) =>
      at(async (stub) => stub.learn(sessionId, outcome, capabilities, askedAt, trace)),
    ownCommand: (sessionId, capabilities) =>
      at(async (stub) => stub.ownCommand(sessionId, capabilities, trace)),
    conclude: (conclusion) => at(async (stub) => stub.conclude(conclusion, trace)),
    connections: () => at(async (stub) => stub.connections()),
    beginCommand: (asked) => at(async (stub) => stub.beginCommand(asked, trace)),
    ended: (sessionId, outcome, why, actor) =>
      at(async (stub) => stub.ended(sessionId, outcome, why, actor, trace)),
  }
}
