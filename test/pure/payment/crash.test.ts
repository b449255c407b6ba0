import { describe, expect, it } from 'vitest'
import { answered as answeredCommand } from '../../../src/payment/answering.ts'
import { ask, endAtProvider } from '../../../src/payment/ask.ts'
import { hear } from '../../../src/payment/hearing.ts'
import { openSession } from '../../../src/payment/open.ts'
import { confirmed, plannedAgain, publicationDue } from '../../../src/payment/publishing.ts'
import { register } from '../../../src/payment/registering.ts'
import { load } from '../../../src/payment/storage.ts'
import { Bank, objectOf, ring } from '../../support/bank.ts'
import { checksTheInboxesAfterEachTest, InboxRig } from '../../support/inbox-rig.ts'
import {
  aRig,
  checksTheBooksAfterEachTest,
  MERCHANT,
  MINUTE,
  ORIGIN,
  paymentId,
  type Rig,
} from '../../support/payment-rig.ts'
import { Died, Fuse } from '../../support/sqlite.ts'

checksTheBooksAfterEachTest()
checksTheInboxesAfterEachTest()

/** Everything that a walk touches. */
class World {
  fuse = new Fuse()
  rig = aRig(this.fuse)
  inbox = new InboxRig(this.fuse)
  bank = new Bank()
  /** What the records took, as a guarded upsert would. */
  records = new Map<string, string>()

  /** What is the same however often it crashed. A continued call and a retried one are the same call to the provider. */
  get end(): object {
    const stored = load(this.rig.storage)
    const kept = this.rig.types.filter((type) => type !== 'session.continued')
    // A fact is the same whoever tells it first: our command’s answer, or the check after a crash.
    const types = kept.map((type) => type.replace(/^(check|command|clock)\.applied$/, 'fact.applied'))
    const sessions = stored?.payment.sessions.map(({ state, captured, refunded, references, doubt }) => {
      return { state, captured, refunded, references, doubt }
    })
    const { parked, exceptions } = this.inbox.state ?? {}
    return {
      ...{ types, sessions, events: this.rig.events, charges: this.bank.charges },
      checkouts: this.bank.checkouts.size,
      exceptions: stored?.payment.exceptions.map(({ kind }) => kind),
      lease: stored?.side.lease?.until ?? 0,
      published: stored?.published,
      records: [...this.records.keys()],
      inbox: [
        parked?.map(({ outcome, dueAt }) => [outcome, dueAt !== null]),
        exceptions?.map(({ kind }) => kind),
      ],
    }
  }
}

interface Walk {
  name: string
  before?: (world: World) => Promise<unknown> | unknown
  run: (world: World) => Promise<unknown> | unknown
}

const open = ({ rig, bank }: World, change = {}) =>
  openSession(objectOf(rig), bank.providers, rig.asked(change))

/** What the payment's route does to cancel a session. */
async function cancel({ rig, bank }: World): Promise<void> {
  const [object, sessionId] = [objectOf(rig), rig.session().id]
  const begun = await object.beginEnd(sessionId, 'key_1')
  if (begun?.kind === 'call') {
    await endAtProvider(object, bank.providers, begun.subject, 'key_1')
    await ask(object, bank.providers, sessionId)
  }
  const key = { name: 'cancel 1', fingerprint: sessionId }
  rig.step((book) =>
    answeredCommand(book, { command: 'cancel', sessionId, key, actor: 'key_1', origin: ORIGIN }),
  )
}

/** Object to records and back: what is not confirmed is told again. */
function publish({ rig, records }: World): void {
  const publication = rig.step((book) => {
    const due = publicationDue(book)
    if (due !== null) plannedAgain(book)
    return due
  })
  for (const entry of publication?.content?.entries ?? []) records.set(`${entry.seq}`, entry.hash)
  if (publication !== null) rig.step((book) => confirmed(book, publication.from, publication.to))
}

/** The inbox's alarm: hands what is parked to the payment, then writes what became of it. */
function handOver({ rig, inbox }: World): void {
  inbox.now += MINUTE
  for (const { mark, keep } of inbox.step((book) => book.due())) {
    const outcome = rig.step((book) => hear(book, keep.hearing))
    inbox.step((book) =>
      book.judged(mark, outcome === 'unmatched' || outcome === 'foreign' ? outcome : 'taken'),
    )
  }
}

const park = ({ rig, inbox }: World) => {
  const hearing = rig.told({ sessionId: undefined, reference: 'ref-1', id: 'early' })
  inbox.keep({ hearing })
}

const terms = {
  amount: 1_000,
  currency: 'AMD',
  access: 'open',
  expiresAt: null,
  description: null,
  metadata: {},
} as const
const order = {
  paymentId,
  merchantId: MERCHANT,
  livemode: false,
  orderId: 'A-1',
  actor: 'key_1',
  customer: null,
  terms,
}
const put = ({ rig }: World) => rig.step((book) => register(book, order))

const walks: Walk[] = [
  { name: 'opening a session', run: open },
  { name: 'registering an order', run: put },
  {
    name: 'opening the session of a registered order',
    before: put,
    run: (world) => open(world, { money: null }),
  },
  {
    name: 'reusing the open session under another key',
    before: open,
    run: (world) => open(world, { key: 'k2' }),
  },
  {
    name: 'replacing the open session by a new attempt',
    before: open,
    run: (world) => open(world, { key: 'k2', newAttempt: true }),
  },
  { name: 'hearing a capture', before: open, run: ({ rig }) => rig.hear() },
  { name: 'hearing a mismatch', before: open, run: ({ rig }) => rig.hear({ amount: 999 }) },
  {
    name: 'hearing the capture that a refund had overtaken',
    before: async (world) => {
      await open(world)
      world.rig.hear({ type: 'refunded', amount: 400 })
    },
    run: ({ rig }) => rig.hear(),
  },
  {
    name: 'hearing late money for a failed session while another is open',
    before: async (world) => {
      await open(world)
      world.rig.hear({ type: 'failed' })
      await open(world, { key: 'k2' })
    },
    run: ({ rig }) => rig.hear({ sessionId: rig.session(1).id, reference: 'ref-1' }),
  },
  {
    name: 'letting the time of a session run out',
    before: pastItsTime,
    run: ({ rig, bank }) => ring(rig, bank),
  },
  {
    name: 'finding at the last moment that it was paid',
    before: async (world) => {
      await open(world)
      world.bank.pay(world.rig.session().id)
      world.rig.now = world.rig.session().expiresAt
    },
    run: ({ rig, bank }) => ring(rig, bank),
  },
  { name: 'canceling a session', before: open, run: cancel },
  { name: 'publishing and being confirmed', before: open, run: publish },
  { name: 'parking a report that came before its session', before: () => {}, run: park },
  {
    name: 'handing a parked report to its payment',
    before: async (world) => {
      park(world)
      await open(world)
    },
    run: handOver,
  },
]

async function pastItsTime(world: World): Promise<void> {
  await open(world)
  publish(world)
  world.rig.now = world.rig.session().expiresAt
}

/** Runs the walk, dying at this moment of its writes; then the caller, or the alarm, comes again. */
async function history(walk: Walk, dieAt: number | null): Promise<{ world: World; died: boolean }> {
  const world = new World()
  await walk.before?.(world)
  world.fuse.diesAt(dieAt)
  try {
    await walk.run(world)
    return { world, died: false }
  } catch (error) {
    if (!(error instanceof Died)) throw error
    world.fuse.diesAt(null)
    expectSomethingRings(world.rig)
    // Longer than a lease: the one that died does not hold the next one up.
    world.rig.now += 30_000
    await walk.run(world)
    return { world, died: true }
  }
}

function expectSomethingRings(rig: Rig): void {
  const stored = load(rig.storage)
  if (stored === null) return
  if (Object.keys(stored.side.asks).length > 0) expect(rig.storage.alarm).not.toBeNull()
}

describe.each(walks)('$name', (walk) => {
  it('ends the same wherever it died on its way', async () => {
    const { world: unharmed } = await history(walk, null)
    const { moments } = unharmed.fuse
    expect(moments).toBeGreaterThan(1)
    for (let dieAt = 1; dieAt <= moments; dieAt++) {
      const { world, died } = await history(walk, dieAt)
      expect(died, `moment ${dieAt} of ${moments}`).toBe(true)
      expect(world.end, `died at moment ${dieAt} of ${moments}`).toEqual(unharmed.end)
    }
  })
})
