/** What a provider's word about our credentials means, wherever it comes. */
import type { Fact, Outcome, Trial } from '../domain/provider.ts'

/** Refused credentials say nothing of the command, which may have been carried out before they were changed. */
export function asCommand(outcome: Outcome<Fact[]>): Outcome<Fact[]> {
  return outcome.kind === 'declined' && outcome.code === 'bad_credentials'
    ? { kind: 'unknown', detail: outcome.detail }
    : outcome
}

/** What a call that needs nothing but the credentials told about them. */
export function trialOf(outcome: Outcome<unknown>): Trial {
  switch (outcome.kind) {
    case 'done':
      return { kind: 'accepted' }
    case 'declined':
      return { kind: 'refused', detail: outcome.detail }
    case 'unknown':
      return { kind: 'no_answer', detail: outcome.detail }
  }
}
