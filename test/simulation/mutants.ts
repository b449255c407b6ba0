/**
 * Planted bugs. Each is one a tired person could write, and each must be found by the simulation, or the simulation is
 * only a long way of saying that nothing was looked at.
 */
import type { Mutant } from './runtime.ts'

/** With each bug the most histories that it may take to be found. */
export const mutants: readonly (Mutant & { within: number })[] = [
  {
    name: 'a repeated report is judged again',
    file: 'payment/hearing.ts',
    from: "if (before?.outcome === 'applied' || before?.outcome === 'stale') return 'repeated'",
    to: '',
    within: 400,
  },
  {
    name: 'money that comes after the end is ignored',
    file: 'domain/tracks.ts',
    from: `  expired: {
    authorized: 'authorized',
    captured: 'captured',`,
    to: `  expired: {
    authorized: 'authorized',
    captured: 'expired',`,
    within: 1_500,
  },
  {
    name: 'a captured amount is not compared',
    file: 'domain/compare.ts',
    from: 'return sound && amount === asked ? null : String(asked)',
    to: 'return null',
    within: 600,
  },
  {
    name: 'whoever wakes up late still speaks',
    file: 'domain/lease.ts',
    from: 'lease?.epoch === epoch && lease.until > 0',
    to: 'lease !== null || epoch > 0',
    within: 6_000,
  },
  {
    name: 'a session expires without a grace for what is under way',
    file: 'domain/clock.ts',
    from: 'limit !== null && now >= limit + GRACE_MS',
    to: 'limit !== null',
    within: 100,
  },
  {
    name: 'a session expires by the clock, and nobody asks',
    file: 'domain/clock.ts',
    from: "  if (capabilities.ends === 'at_once' && session.references.length > 0) return 'end'",
    to: "  if (session.references.length > 0) return 'expire'",
    within: 100,
  },
  {
    name: 'a yes is given to any session at any time',
    file: 'domain/question.ts',
    from: '  if (!yes) return { yes: false, entries: [] }\n  if',
    to: '  if (!yes) return { yes: true, entries: [] }\n  if',
    within: 3_000,
  },
  {
    name: 'a second checkout is opened beside one that can be paid',
    file: 'domain/payment.ts',
    from: '    newest((session) => isPayable(session.state))',
    to: '    undefined',
    within: 20,
  },
  {
    name: 'the provider is believed that it ended what it did not',
    file: 'payment/asking.ts',
    from: "  } else if (isPayable(session.state) && session.state !== 'ending') {",
    to: "  } else if (isPayable(session.state)) {\n    tellAs(book, sessionId, { type: 'canceled' }, actor)\n  } else if (isPayable(session.state) && session.state !== 'ending') {",
    within: 100,
  },
  {
    name: 'a command in doubt is sent once more, whatever the provider knows of keys',
    file: 'domain/commands.ts',
    from: "return command.status === 'in_doubt' && livesMs > 0 && now - command.begunAt < livesMs",
    to: "return command.status === 'in_doubt' && livesMs > -1e9 && now > command.begunAt",
    within: 1_500,
  },
  {
    name: 'what the records did not confirm is never told again',
    file: 'payment/object.ts',
    from: "await this.#publish('planned')",
    to: '',
    within: 20,
  },
  {
    name: 'the cursor follows what was published, not what was recorded',
    file: 'payment/publishing.ts',
    from: '  side.publishTries += 1\n',
    to: '  side.publishTries += 1\n  book.published = book.payment?.version ?? 0\n',
    within: 20,
  },
  {
    name: 'records are written from the oldest snapshot',
    file: 'store/records.ts',
    from: 'sql`excluded.version > $' + '{payments.version}`',
    to: 'sql`excluded.version >= 0`',
    within: 200,
  },
  {
    name: 'a delivery whose message was lost is never sent',
    file: 'delivery/sweeper.ts',
    from: 'await sendTries(ports, pending.map(nextTry), 0)',
    to: '',
    within: 50,
  },
  {
    name: 'an exhausted delivery tells nobody',
    file: 'delivery/owed.ts',
    from: '  await payment.raiseException({ ...about, deliveryId: id, destinationId, detail: detailOf(ended) })',
    to: '  void [about, id, destinationId, detailOf, payment]',
    within: 50,
  },
  {
    name: 'a claim is held for ever',
    file: 'store/claims.ts',
    from: `        eq(deliveries.status, 'pending'),
        or(isNull(deliveries.leaseUntil), lte(deliveries.leaseUntil, now)),`,
    to: `        eq(deliveries.status, 'pending'),
        isNull(deliveries.leaseUntil),`,
    within: 100,
  },
  {
    name: 'the journal is not chained',
    file: 'payment/book.ts',
    from: 'this.side.head = this.#unwritten.hash',
    to: '',
    within: 5,
  },
  {
    name: 'a parked report is taken for done when nobody takes it',
    file: 'payment/inbox.ts',
    from: "return outcome === 'unmatched' || outcome === 'foreign' ? outcome : 'taken'",
    to: "return outcome === 'foreign' ? outcome : 'taken'",
    within: 400,
  },
  {
    name: 'a checkout that nobody knows ends the one that is being paid',
    file: 'domain/facts.ts',
    from: "if (ends && source === 'report' && isOfAnother(telling)) return known(telling)",
    to: '',
    within: 6_000,
  },
  {
    name: 'a silent provider is taken for an end',
    file: 'payment/asking.ts',
    from: "word === 'silent' && planned === 'expire' && session.references.length > 0",
    to: "word === 'silent' && session.references.length > 1_000",
    within: 1_500,
  },
  {
    name: 'what was declined is forgotten while it can be paid',
    file: 'payment/commanding.ts',
    from: 'else if (session.doubt === null) schedule(book, session)',
    to: 'else if (session.doubt === null) delete book.side.asks[sessionId]',
    within: 1_500,
  },
]
