/**
 * The consumer of the queue `journal`: what objects publish becomes records, and events become deliveries. One database
 * transaction per queue batch; the objects hear `confirm` only after it.
 */

import { firstDelayMs } from '../domain/delivery.ts'
import type { Publication, PublishedContent } from '../domain/publication.ts'
import { traceIdOf } from '../domain/trace.ts'
import type { Records } from '../store/database.ts'
import { type NewDelivery, type Recordable, writeRecords } from '../store/records.ts'
import { backoffSeconds, type Ports, type QueueMessage, reasonOf, sendTries } from './ports.ts'

type Message = QueueMessage<Publication>

/** A message whose content has arrived. */
interface Arrived {
  message: Message
  publication: Recordable
}

/** Rows that fail one after another before it is the database that is taken to be down, and not the rows to be bad. */
const FAILURES_OF_A_DATABASE = 3

/** Records a queue batch and settles each of its messages. Never throws. */
export async function record(messages: readonly Message[], ports: Ports): Promise<void> {
  const arrived = (await Promise.all(messages.map((message) => withContent(message, ports)))).filter(
    (one) => one !== null,
  )
  const byDatabase = Map.groupBy(arrived, (one) => ports.recordsOf(one.publication.merchantId))
  const options = {
    now: ports.now(),
    firstDelayMs: firstDelayMs(ports.settings.DELIVERY_SCHEDULE_SECONDS),
    leaseMs: ports.settings.DELIVERY_LEASE_SECONDS * 1_000,
    scheduleSeconds: ports.settings.DELIVERY_SCHEDULE_SECONDS,
  }
  const write = (db: Records, group: readonly Arrived[]) =>
    writeRecords(
      db,
      group.map((one) => one.publication),
      options,
    )
  const [recorded, unknown] = await Promise.all([
    Promise.all([...byDatabase].map(([db, group]) => recordGroup(db, group, write, ports))),
    makeKnown(arrived, ports),
  ])
  const made = recorded.flatMap((one) => one.deliveries)
  const done = recorded.flatMap((one) => one.recorded).filter((one) => !unknown.has(one))
  const lease = options.now + options.firstDelayMs + options.leaseMs
  const [well, troubled] = [made.filter((one) => !one.isTroubled), made.filter((one) => one.isTroubled)]
  await sendTries(ports, firstTries(well), options.firstDelayMs, 'deliveries', lease)
  await sendTries(ports, firstTries(troubled), options.firstDelayMs, 'retries', lease)
  await confirmAll(done, ports)
  for (const { message } of done) message.ack()
  ports.log({
    message: 'recorded',
    messages: messages.length,
    recorded: done.length,
    deliveries: made.length,
    traces: tracesOf(done.map((one) => one.publication.content)),
  })
}

/** The traces that a batch recorded, with a space between them: one line must do for a hundred messages. */
function tracesOf(contents: readonly (PublishedContent | null)[]): string {
  const traces = contents.flatMap((content) => content?.entries.map(({ trace }) => trace) ?? [])
  return [...new Set(traces.filter((trace) => trace != null).map(traceIdOf))].join(' ')
}

const firstTries = (made: readonly NewDelivery[]) => made.map((delivery) => ({ ...delivery, attempt: 1 }))

/** Fetches a content that was too large to travel. An object that does not answer sends its message back alone. */
async function withContent(message: Message, ports: Ports): Promise<Arrived | null> {
  const { body } = message
  try {
    const content = body.content ?? (await ports.publisherOf(body.stream).publication(body.from, body.to))
    return { message, publication: { ...body, content } }
  } catch (error) {
    sendBack(message, ports, error)
    return null
  }
}

/**
 * Notes objects that tell of themselves for the first time, so that their records can be made again whatever is lost. What
 * could not be noted is not confirmed and comes again; gives it.
 */
async function makeKnown(arrived: readonly Arrived[], ports: Ports): Promise<Set<Arrived>> {
  const first = arrived.filter(({ publication }) => publication.from === 1)
  const byMerchant = [...Map.groupBy(first, ({ publication }) => publication.merchantId)]
  const failed = byMerchant.map(async ([merchantId, group]) => {
    try {
      const streams = group.map(({ publication }) => publication.stream)
      await ports.knownOf(merchantId).add([...new Set(streams)])
      return []
    } catch (error) {
      for (const { message } of group) sendBack(message, ports, error)
      return group
    }
  })
  return new Set((await Promise.all(failed)).flat())
}

type Write = (db: Records, group: readonly Arrived[]) => Promise<NewDelivery[]>

interface Outcome {
  deliveries: NewDelivery[]
  recorded: Arrived[]
}

/** All at once; and if that fails one by one, so that a single bad row holds nothing up but itself. */
async function recordGroup(
  db: Records,
  group: readonly Arrived[],
  write: Write,
  ports: Ports,
): Promise<Outcome> {
  try {
    return { deliveries: await write(db, group), recorded: [...group] }
  } catch (error) {
    const [only, ...others] = group
    if (only !== undefined && others.length === 0) sendBack(only.message, ports, error)
    return others.length === 0
      ? { deliveries: [], recorded: [] }
      : await recordOneByOne(db, group, write, ports)
  }
}

async function recordOneByOne(
  db: Records,
  group: readonly Arrived[],
  write: Write,
  ports: Ports,
): Promise<Outcome> {
  const outcome: Outcome = { deliveries: [], recorded: [] }
  let failures = 0
  for (const one of group) {
    try {
      if (failures >= FAILURES_OF_A_DATABASE) throw new Error('The database is not answering.')
      outcome.deliveries.push(...(await write(db, [one])))
      outcome.recorded.push(one)
      failures = 0
    } catch (error) {
      failures += 1
      sendBack(one.message, ports, error)
    }
  }
  return outcome
}

function sendBack(message: Message, ports: Ports, error: unknown): void {
  const { stream, from, to, content } = message.body
  const traces = tracesOf([content])
  ports.log({
    message: 'unrecorded',
    level: 'error',
    traces,
    stream,
    from,
    to,
    attempts: message.attempts,
    error: reasonOf(error),
  })
  message.retry({ delaySeconds: backoffSeconds(message.attempts) })
}

/**
 * Tells each object once what of it is recorded. One that does not hear it publishes the range again, which changes
 * nothing, so a failure here needs no repair.
 */
async function confirmAll(done: readonly Arrived[], ports: Ports): Promise<void> {
  const streams = Map.groupBy(done, (one) => one.publication.stream)
  const calls = [...streams].flatMap(([stream, group]) =>
    joined(group.map((one) => one.publication)).map(async ({ from, to }) => {
      try {
        await ports.publisherOf(stream).confirm(from, to)
      } catch (error) {
        ports.log({ message: 'unconfirmed', level: 'error', stream, from, to, error: reasonOf(error) })
      }
    }),
  )
  await Promise.all(calls)
}

interface Range {
  from: number
  to: number
}

/** Joins ranges that touch or overlap, in ascending order, so that one call says what several messages said. */
export function joined(ranges: readonly Range[]): Range[] {
  const result: Range[] = []
  for (const { from, to } of [...ranges].sort((left, right) => left.from - right.from)) {
    const last = result.at(-1)
    if (last !== undefined && from <= last.to + 1) last.to = Math.max(last.to, to)
    else result.push({ from, to })
  }
  return result
}
