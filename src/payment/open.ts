/**
 * Opening a session, as a Worker does it: ask the object what to do, call the provider where it says so, tell it what
 * came of it. The object holds every decision; this holds nothing, and may die between any two lines.
 */
import { GatewayError, type Refusal } from '../domain/errors.ts'
import type { Opened, Outcome } from '../domain/provider.ts'
import { type Asked, ask, endAtProvider } from './ask.ts'
import type { EndBegun } from './asking.ts'
import type { Answer } from './keys.ts'
import type { Begin, Begun, Finish, Finished } from './opening.ts'
import type { Providers } from './ports.ts'

/** The object's half of opening. */
export interface Opener extends Asked {
  begin(asked: Begin): Promise<Begun>
  finish(outcome: Finish): Promise<Finished>
  beginEnd(sessionId: string, actor: string): Promise<EndBegun | null>
}

export interface OpenAnswer {
  answer: Answer
  replayed: boolean
}

/** Each round ends, checks or opens one thing; more rounds than these mean that others keep coming in between. */
const MOST_ROUNDS = 6

/** Opens, continues or reuses the order's session. Throws a `GatewayError` for every refusal. */
export async function openSession(object: Opener, providers: Providers, asked: Begin): Promise<OpenAnswer> {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const begun = await object.begin(asked)
    switch (begun.kind) {
      case 'answer':
        return { answer: begun.answer, replayed: begun.replayed }
      case 'refused':
        throw new GatewayError(begun.refusal)
      case 'wait':
        throw new GatewayError(stillRunning)
      case 'end_first':
        await endFirst(object, providers, begun.sessionId, asked)
        break
      case 'check_first':
        await ask(object, providers, begun.sessionId)
        break
      case 'call': {
        const { outcome, polled } = await callProvider(providers, begun)
        const { key, actor, origin } = asked
        const { sessionId } = begun.order
        const finished = await object.finish({
          sessionId,
          epoch: begun.epoch,
          outcome,
          key,
          actor,
          origin,
          polled,
        })
        if (finished.kind === 'answer') return { answer: finished.answer, replayed: false }
        if (finished.kind === 'unanswered') throw new GatewayError(providerSilent)
      }
    }
  }
  throw new GatewayError(stillRunning)
}

async function endFirst(
  object: Opener,
  providers: Providers,
  sessionId: string,
  asked: Begin,
): Promise<void> {
  const begun = await object.beginEnd(sessionId, asked.actor)
  if (begun?.kind === 'call') await endAtProvider(object, providers, begun.subject, asked.actor)
}

async function callProvider(
  providers: Providers,
  call: Extract<Begun, { kind: 'call' }>,
): Promise<{ outcome: Outcome<Opened>; polled: boolean }> {
  // The intention is written: whatever fails from here on must reach the object, or its lease stands in everybody's way.
  const provider = await providers(call.connectionId).catch(() => null)
  if (provider === null)
    return { outcome: { kind: 'unknown', detail: 'The connection cannot be used.' }, polled: false }
  const { polled } = provider.capabilities
  // The amount of a registered order is known only now.
  const detail = provider.objection(call.order)
  if (detail !== null) return { outcome: { kind: 'declined', code: 'unsupported_amount', detail }, polled }
  return { outcome: await provider.open(call.order), polled }
}

const stillRunning: Refusal = {
  code: 'idempotency_in_progress',
  detail: 'The first request for this is still running. Repeat this one, with the same key, in a moment.',
  retryAfterSeconds: 2,
}

const providerSilent: Refusal = {
  code: 'provider_unavailable',
  detail: 'The provider did not answer. Repeat the request: the same attempt goes on, whatever the key.',
  retryAfterSeconds: 5,
}
