/** What a verified request of a provider becomes: every report in it durable somewhere, and a verdict for the reply. */
import { inboxIdOf, sha256Hex } from '../crypto/hash.ts'
import type { Heard, Named, Report, Verdict } from '../domain/provider.ts'
import type { Trace } from '../domain/trace.ts'
import type { Env } from '../env.ts'
import type { Hearing, HearingOutcome } from './hearing.ts'
import { paymentNamed } from './routes.ts'
import { scrubbed } from './scrub.ts'
import { atPayment } from './stub.ts'

/** The account through which it came. */
export interface Through {
  id: string
  merchantId: string
  livemode: boolean
}

type Bindings = Pick<Env, 'PAYMENT' | 'INBOX'>

/** Kept, and not agreed to: another amount, another order, a second payment of the same, or nothing of ours. */
const unwantedOutcomes: ReadonlySet<HearingOutcome> = new Set(['mismatched', 'unmatched', 'foreign'])

/** Outcomes are for the log line. Throws when something could not be made durable; then the provider must repeat it. */
export async function takeHeard(
  env: Bindings,
  through: Through,
  heard: Heard,
  body: Uint8Array,
  trace: Trace,
): Promise<{ verdict: Verdict; outcomes: HearingOutcome[] }> {
  switch (heard.kind) {
    case 'reports': {
      const kept = scrubbed(body)
      const outcomes: HearingOutcome[] = []
      // One after another: the reports of a batch are about the same few payments, in an order that means something.
      for (const report of heard.reports) {
        const bodyHash = sha256Hex(report.content ?? body)
        outcomes.push(await takeReport(env, through, report, { bodyHash, body: kept }, trace))
      }
      const unwanted = outcomes.some((outcome) => unwantedOutcomes.has(outcome))
      return { verdict: unwanted ? { kind: 'kept', unwanted } : { kind: 'kept' }, outcomes }
    }
    case 'question': {
      const paymentId = paymentNamed(through, heard.question.named)
      const yes =
        paymentId !== null &&
        (await atPayment(env, paymentId, async (stub) => stub.question(through.id, heard.question, trace)))
      return { verdict: { kind: yes ? 'yes' : 'no' }, outcomes: [] }
    }
    case 'hint':
      await hint(env, through, heard.named, trace)
      return { verdict: { kind: 'kept' }, outcomes: [] }
    case 'untimely':
      if (heard.named !== null) await hint(env, through, heard.named, trace)
      return { verdict: { kind: 'refused' }, outcomes: [] }
    case 'ignored':
      return { verdict: { kind: 'ignored' }, outcomes: [] }
    case 'forged':
      return { verdict: { kind: 'refused' }, outcomes: [] }
  }
}

async function takeReport(
  env: Bindings,
  through: Through,
  report: Report,
  kept: Pick<Hearing, 'body' | 'bodyHash'>,
  trace: Trace,
): Promise<HearingOutcome> {
  const hearing: Hearing = { connectionId: through.id, report, ...kept }
  const paymentId = paymentNamed(through, report.named)
  const outcome =
    paymentId === null
      ? 'unmatched'
      : await atPayment(env, paymentId, async (stub) => stub.hear(hearing, trace))
  if (outcome !== 'unmatched' && outcome !== 'foreign') return outcome
  const { id: connectionId, merchantId, livemode } = through
  const inbox = env.INBOX.getByName(inboxIdOf(connectionId, report.named.reference))
  await inbox.keep({ connectionId, merchantId, livemode, hearing, why: outcome, trace })
  return outcome
}

/** A hint stores nothing of what it says; it makes the object ask the provider, and not too often. */
async function hint(env: Bindings, through: Through, named: Named, trace: Trace): Promise<void> {
  const paymentId = paymentNamed(through, named)
  const isOurs = named.sessionId !== undefined || named.paymentId !== undefined
  if (paymentId === null || !isOurs) return
  await atPayment(env, paymentId, async (stub) => stub.hint(named, through.id, trace))
}
