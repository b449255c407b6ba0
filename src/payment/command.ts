/**
 * A money command, as a Worker does it: the object writes the intention, this calls the provider once, the object
 * writes the outcome. Whoever dies in between leaves a doubt that the object clears by asking.
 */
import { GatewayError } from '../domain/errors.ts'
import type { Capabilities } from '../domain/provider.ts'
import type { BeginCommand, Call, CommandBegun, Conclude } from './commanding.ts'
import type { Answer } from './keys.ts'
import type { Providers } from './ports.ts'

/** The object's half. */
export interface Commander {
  connections(): Promise<string[]>
  beginCommand(command: BeginCommand): Promise<CommandBegun | null>
  conclude(conclusion: Conclude): Promise<Answer | null>
}

/** Throws a `GatewayError` for every refusal; null when there is no such payment. */
export async function command(
  object: Commander,
  providers: Providers,
  asked: Omit<BeginCommand, 'capabilities'>,
): Promise<{ answer: Answer; replayed: boolean } | null> {
  const capabilities = await capabilitiesOf(object, providers)
  const begun = await object.beginCommand({ ...asked, capabilities })
  if (begun === null) return null
  switch (begun.kind) {
    case 'answer':
      return { answer: begun.answer, replayed: begun.replayed }
    case 'refused':
      throw new GatewayError(begun.refusal)
    case 'wait':
      throw new GatewayError({
        code: 'idempotency_in_progress',
        detail:
          'Another request is at the provider for this payment. Repeat this one, with the same key, in a moment.',
        retryAfterSeconds: 2,
      })
    case 'call': {
      const answer = await send(object, providers, begun.call, asked.key, asked.actor)
      if (answer !== null) return { answer, replayed: false }
      const again = await object.beginCommand({ ...asked, capabilities })
      if (again?.kind === 'answer') return { answer: again.answer, replayed: again.replayed }
      throw new GatewayError({
        code: 'idempotency_in_progress',
        detail: 'The command is still under way. Repeat the request, with the same key, in a moment.',
        retryAfterSeconds: 2,
      })
    }
  }
}

/** Calls the provider for a command whose intention is written, and writes what it answered. */
export async function send(
  object: Pick<Commander, 'conclude'>,
  providers: Providers,
  call: Call,
  key: BeginCommand['key'] | null,
  actor: string,
): Promise<Answer | null> {
  const provider = await providers(call.subject.connectionId)
  const outcome =
    provider === null
      ? ({ kind: 'unknown', detail: 'The connection is gone.' } as const)
      : await provider.act(call.action, call.subject.session, call.key)
  return object.conclude({ sessionId: call.sessionId, epoch: call.epoch, outcome, key, actor })
}

async function capabilitiesOf(
  object: Commander,
  providers: Providers,
): Promise<Record<string, Capabilities>> {
  const known: Record<string, Capabilities> = {}
  for (const connectionId of await object.connections()) {
    const provider = await providers(connectionId)
    if (provider !== null) known[connectionId] = provider.capabilities
  }
  return known
}
