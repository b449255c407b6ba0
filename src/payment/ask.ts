/**
 * Asking a provider how a session stands, and ending it there when its time is over. Called by Workers through the
 * object's stub, and by the object's own alarm when nobody else asks.
 */
import type { Capabilities, Fact, Found, Outcome, Provider } from '../domain/provider.ts'
import type { Next, Subject } from './asking.ts'
import { type Commander, send } from './command.ts'
import type { Call } from './commanding.ts'
import type { Providers } from './ports.ts'

/** The object's half: a stub of it, or the object itself. */
export interface Asked extends Pick<Commander, 'conclude'> {
  ownCommand(sessionId: string, capabilities: Capabilities): Promise<Call | null>
  subject(sessionId: string): Promise<Subject | null>
  learn(
    sessionId: string,
    outcome: Outcome<Found>,
    capabilities: Capabilities,
    askedAt: number,
  ): Promise<Next>
  ended(sessionId: string, outcome: Outcome<Fact[]>, why: 'asked' | 'clock', actor: string): Promise<void>
}

/** What a connection that cannot be used is taken for: nothing is known, and only time ends the session. */
const mute: Capabilities = {
  signed: false,
  statusCheck: false,
  statusCheckByOurId: false,
  capture: false,
  cancel: false,
  refund: false,
  partialRefund: false,
  idempotencySeconds: 0,
  ends: 'at_limit',
  polled: false,
  approves: false,
  numbered: false,
  reference: null,
  amounts: 'minor',
  asksFirst: false,
  expiresInSeconds: { min: 0, max: 86_400 },
  currencies: 'any',
}

/** Asks once, writes the answer, and ends the checkout when its time is over. Never throws for a provider's silence. */
export async function ask(object: Asked, providers: Providers, sessionId: string): Promise<void> {
  const subject = await object.subject(sessionId)
  if (subject === null) return
  const provider = await providers(subject.connectionId)
  if (provider === null) {
    const gone = { kind: 'unknown', detail: 'The connection is gone.' } as const
    await object.learn(sessionId, gone, mute, subject.askedAt)
    return
  }
  const outcome: Outcome<Found> = provider.capabilities.statusCheck
    ? await provider.find(subject.session)
    : { kind: 'unknown', detail: 'This provider cannot be asked.' }
  const next = await object.learn(sessionId, outcome, provider.capabilities, subject.askedAt)
  const own = await object.ownCommand(sessionId, provider.capabilities)
  if (own !== null) await send(object, providers, own, null, 'tollgate')
  if (next === 'nothing') return
  const end = await provider.act({ type: 'cancel' }, subject.session, `${sessionId}-end`)
  await object.ended(sessionId, end, 'clock', 'tollgate')
}

const unanswerable: Outcome<never> = { kind: 'unknown', detail: 'The connection is gone.' }

async function end(provider: Provider, { session }: Subject): Promise<Outcome<Fact[]>> {
  const { ends, approves, asksFirst } = provider.capabilities
  if (ends === 'at_once') return provider.act({ type: 'cancel' }, session, `${session.sessionId}-end`)
  // Where money moves only by our capture or our yes, the end is ours to say; the object says it only before either.
  if (approves || asksFirst) return { kind: 'done', value: [{ type: 'canceled' }] }
  return { kind: 'unknown', detail: 'This provider ends a checkout only at its own limit.' }
}

/** Ends a checkout at its provider because somebody asked for it; the provider's answer is written, whatever it is. */
export async function endAtProvider(
  object: Pick<Asked, 'ended'>,
  providers: Providers,
  subject: Subject,
  actor: string,
): Promise<void> {
  const provider = await providers(subject.connectionId)
  const outcome = await (provider === null ? unanswerable : end(provider, subject))
  await object.ended(subject.session.sessionId, outcome, 'asked', actor)
}
