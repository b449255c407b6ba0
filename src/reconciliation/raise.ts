/**
 * Differences before people: raised where they belong, once per cause over all runs and files, and ended by the facts
 * when a later file or run explains them. Raising is remembered after it was done: a Worker that dies in between raises
 * what its object knows to be open.
 */
import { inboxIdOf, nameOf } from '../crypto/hash.ts'
import {
  absenceOf,
  causeOf,
  type Judged,
  type KnownSession,
  mustBeSeen,
  type Outcome,
} from '../domain/settlement/judge.ts'
import type { Tally } from '../domain/settlement/tally.ts'
import { absenceDetail, detailOf, floodDetail } from '../domain/settlement/telling.ts'
import type { Records } from '../store/database.ts'
import { type RaisedDifference, raisedBefore, rememberEnded, rememberRaised } from '../store/differences.ts'
import type { Reconciliation } from '../store/reconciliations.ts'
import type { ReconcilingPorts } from './ports.ts'

const kind = 'reconciliation_difference'

/** Of one run. More are listed and counted, and stand before a person as one: so many are one mistake, not many. */
export const MOST_RAISED = 200

/** A difference on its way to a person. */
interface Standing {
  cause: string
  outcome: Outcome
  detail: string
  /** The payment that has it; null when none has. */
  session: Pick<KnownSession, 'id' | 'paymentId'> | null
  /** The provider is to be asked, now and each day. */
  asks: boolean
}

/** A cause as objects and records keep it, of one length whatever the file wrote. */
const named = (text: string) => `settlement ${nameOf([text])}`

/** What stands between a step and the people. */
interface Desk {
  db: Records
  of: Reconciliation
  ports: ReconcilingPorts
  known: Map<string, RaisedDifference>
}

async function deskFor(
  db: Records,
  of: Reconciliation,
  ports: ReconcilingPorts,
  causes: string[],
): Promise<Desk> {
  return { db, of, ports, known: await raisedBefore(db, of.merchantId, causes) }
}

/** Raises what differs among these rows, ends what they explain, and gives the tally with the differences in it. */
export async function raiseRows(
  db: Records,
  of: Reconciliation,
  judged: readonly Judged[],
  tally: Tally,
  ports: ReconcilingPorts,
): Promise<Tally> {
  const settles = judged.flatMap(({ row, session, outcome }) =>
    row.kind === 'payment' && session !== null && outcome !== 'missing_here'
      ? [named(absenceOf(session.id))]
      : [],
  )
  const causes = judged.map((one) => named(causeOf(one, of.connectionId)))
  const desk = await deskFor(db, of, ports, [...new Set([...causes, ...settles])])
  const differing = judged.filter(mustBeSeen)
  const explained = judged
    .filter((one) => !mustBeSeen(one) && one.outcome !== 'duplicate')
    .map((one) => named(causeOf(one, of.connectionId)))
  for (const cause of new Set([...explained, ...settles])) await end(desk, cause)
  const standing = differing.map((one) => ({
    cause: named(causeOf(one, of.connectionId)),
    outcome: one.outcome,
    detail: detailOf(one, of.id),
    session: one.session,
    asks: false,
  }))
  await hintUnpaid(desk, differing)
  return await raiseAll(desk, standing, tally)
}

/** Money that the provider settled and that was never seen paid here: its report was lost, so the provider is asked. */
async function hintUnpaid({ of, ports }: Desk, differing: readonly Judged[]): Promise<void> {
  const unpaid = differing.filter(({ reason }) => reason === 'unpaid').slice(0, MOST_RAISED)
  for (const { session, row } of unpaid) {
    const reference = row.references[0] ?? ''
    await ports.paymentOf(session!.paymentId).hint({ sessionId: session!.id, reference }, of.connectionId)
  }
}

/** Raises payments that no file accounts for. */
export async function raiseAbsences(
  db: Records,
  of: Reconciliation,
  missing: readonly KnownSession[],
  tally: Tally,
  ports: ReconcilingPorts,
): Promise<Tally> {
  const standing = missing.map(
    (session): Standing => ({
      cause: named(absenceOf(session.id)),
      outcome: 'missing_there',
      detail: absenceDetail(session.id, session.captured, session.currency, of.id),
      session,
      asks: true,
    }),
  )
  const desk = await deskFor(
    db,
    of,
    ports,
    standing.map(({ cause }) => cause),
  )
  return await raiseAll(desk, standing, tally)
}

/** Raises one exception for all that were not raised one by one, or ends it when a later run has few. */
export async function raiseFlood(
  db: Records,
  of: Reconciliation,
  { differences, raised }: Tally,
  ports: ReconcilingPorts,
): Promise<void> {
  const cause = named(`flood ${of.id}`)
  const desk = await deskFor(db, of, ports, [cause])
  if (differences <= raised) return await end(desk, cause)
  const detail = floodDetail(of.id, raised, differences)
  await raiseNew(desk, [{ cause, outcome: 'missing_here', detail, session: null, asks: false }])
}

async function raiseAll(desk: Desk, standing: readonly Standing[], tally: Tally): Promise<Tally> {
  const room = Math.max(0, MOST_RAISED - tally.raised)
  const shown = standing.slice(0, room)
  await raiseNew(desk, shown)
  return {
    ...tally,
    raised: tally.raised + shown.length,
    differences: tally.differences + standing.length,
  }
}

/** Those that do not stand there already. What a person has closed stays closed while it is the same. */
async function raiseNew(desk: Desk, standing: readonly Standing[]): Promise<void> {
  const isKnown = ({ cause, outcome }: Standing) => {
    const before = desk.known.get(cause)
    return before !== undefined && before.endedAt === null && before.outcome === outcome
  }
  const fresh = standing.filter((one) => !isKnown(one))
  for (const { cause } of fresh) await end(desk, cause)
  const { of, ports, db } = desk
  const ours = inboxIdOf(of.connectionId, of.id)
  const homeless = fresh.filter(({ session }) => session === null)
  if (homeless.length > 0)
    await ports.inboxOf(ours).raiseExceptions(
      of,
      homeless.map(({ cause, detail }) => ({ kind, cause, detail })),
    )
  for (const { cause, detail, session } of fresh)
    if (session !== null)
      await ports.paymentOf(session.paymentId).raiseException({ kind, cause, detail, sessionId: session.id })
  for (const one of fresh) await rememberRaised(db, remembered(one, desk, ours))
}

const remembered = ({ cause, outcome, session, asks }: Standing, { of, ports }: Desk, ours: string) => ({
  ...{ cause, merchantId: of.merchantId, outcome, connectionId: of.connectionId },
  stream: session?.paymentId ?? ours,
  sessionId: session?.id ?? null,
  endedAt: null,
  askAt: asks ? ports.now() : null,
})

/** The facts explain it now. */
async function end({ db, ports, known, of }: Desk, cause: string): Promise<void> {
  const before = known.get(cause)
  if (before === undefined || before.endedAt !== null) return
  const keeper = before.stream.startsWith('inb_')
    ? ports.inboxOf(before.stream)
    : ports.paymentOf(before.stream)
  const note = `Explained by ${of.id}, run ${of.run}.`
  await keeper.resolveException({ kind, cause, resolution: 'explained', note, actor: 'tollgate' })
  await rememberEnded(db, cause, ports.now())
  known.set(cause, { ...before, endedAt: ports.now() })
}
