/** Counts what one payment makes the platform do, in the units that it is billed in. */
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { KnownStreams } from '../../src/payment/known-streams.ts'
import { PaymentObject } from '../../src/payment/object.ts'

/** Everything that costs, for one payment. */
export interface Counts {
  workerRequests: number
  objectRequests: number
  objectRowsWritten: number
  objectRowsRead: number
  d1RowsWritten: number
  d1RowsRead: number
  queueOperations: number
  /** Lines that are logged; the platform adds one per request. */
  logLines: number
  /** What is kept for ever: the object's file, and the content of D1's rows. */
  objectBytes: number
  d1Bytes: number
  /** While a test looks around for itself. */
  isPaused: boolean
}

/** A message is written, read and deleted, and each of these counts once per 64 KB. */
const operationsOf = (message: unknown) => 3 * Math.ceil(JSON.stringify(message).length / 65_536)

type Method = (...args: unknown[]) => unknown
type Patched = Record<string, Method>

const undo: (() => void)[] = []

/** Everything that was wrapped is as before. */
export function unplug(): void {
  for (const restore of undo.splice(0)) restore()
}

/** Begins to count; call `unplug` afterwards. */
export function plugIn(): Counts {
  const counts: Counts = {
    ...{ workerRequests: 0, objectRequests: 0, objectRowsWritten: 0, objectRowsRead: 0 },
    ...{ d1RowsWritten: 0, d1RowsRead: 0, queueOperations: 0, logLines: 0 },
    ...{ objectBytes: 0, d1Bytes: 0, isPaused: false },
  }
  countCallsOfObjects(counts)
  countD1(counts)
  countQueues(counts)
  countLog(counts)
  return counts
}

/** Puts `before` around a method, and takes it away again with `unplug`. */
function wrap(target: object, name: string, around: (method: Method) => Method): void {
  const holder = target as Patched
  const original = holder[name] as Method
  const own = Object.hasOwn(target, name)
  holder[name] = around(original)
  undo.push(() => {
    if (own) holder[name] = original
    else delete holder[name]
  })
}

/** The calls that Workers make of payment objects. An alarm is a request too; what an object calls of itself is none. */
function countCallsOfObjects(counts: Counts): void {
  const ofReports = ['begin', 'finish', 'hear', 'confirm', 'publication', 'alarm', 'way', 'payment', 'hint']
  const ofPeople = ['beginCommand', 'conclude', 'correct', 'ended', 'subject', 'learn', 'retold']
  for (const name of [...ofReports, ...ofPeople, 'tellReceipt', 'tellFulfillment'])
    wrap(
      PaymentObject.prototype,
      name,
      (method) =>
        function (this: unknown, ...args) {
          counts.objectRequests += 1
          return method.apply(this, args)
        },
    )
  // A row each: what is known already is written again by nobody here.
  wrap(
    KnownStreams.prototype,
    'add',
    (method) =>
      function (this: unknown, ...args) {
        counts.objectRequests += 1
        counts.objectRowsWritten += (args[0] as string[]).length
        return method.apply(this, args)
      },
  )
}

/** Every way to run a statement ends in one call of the session, also those that give no account of themselves. */
function countD1(counts: Counts): void {
  const session = (env.DB.prepare('SELECT 1') as unknown as { dbSession: object }).dbSession
  wrap(
    Object.getPrototypeOf(session),
    '_send',
    (method) =>
      async function (this: unknown, ...args) {
        const answer = (await method.apply(this, args)) as D1Result | D1Result[]
        if (counts.isPaused) return answer
        for (const { meta } of Array.isArray(answer) ? answer : [answer]) {
          counts.d1RowsRead += meta.rows_read
          counts.d1RowsWritten += meta.rows_written
        }
        return answer
      },
  )
}

function countQueues(counts: Counts): void {
  const queue = Object.getPrototypeOf(env.JOURNAL)
  wrap(
    queue,
    'send',
    (method) =>
      function (this: unknown, ...args) {
        counts.queueOperations += operationsOf(args[0])
        counts.workerRequests += 1
        return method.apply(this, args)
      },
  )
  wrap(
    queue,
    'sendBatch',
    (method) =>
      function (this: unknown, ...args) {
        const messages = args[0] as { body: unknown }[]
        for (const { body } of messages) counts.queueOperations += operationsOf(body)
        counts.workerRequests += 1
        return method.apply(this, args)
      },
  )
}

function countLog(counts: Counts): void {
  wrap(
    console,
    'log',
    (method) =>
      function (this: unknown, ...args) {
        // The sandbox stands for a foreign provider, whose log is not ours to pay.
        if (!String(args[0]).includes('"route":"/sandbox')) counts.logLines += 1
        return method.apply(this, args)
      },
  )
}

/** Counts the rows of one payment's object, which may not have been opened yet. Setting an alarm writes a row. */
export async function meterObject(paymentId: string, counts: Counts): Promise<void> {
  await runInDurableObject(env.PAYMENT.getByName(paymentId), (_, { storage }) => {
    wrap(
      storage.sql,
      'exec',
      (method) =>
        function (this: unknown, ...args) {
          const cursor = method.apply(this, args) as SqlStorageCursor<Record<string, SqlStorageValue>>
          const rows = cursor.toArray()
          if (counts.isPaused) return { toArray: () => rows }
          counts.objectRowsRead += cursor.rowsRead
          counts.objectRowsWritten += cursor.rowsWritten
          return { toArray: () => rows }
        },
    )
    for (const name of ['setAlarm', 'deleteAlarm'])
      wrap(
        storage,
        name,
        (method) =>
          function (this: unknown, ...args) {
            if (!counts.isPaused) counts.objectRowsWritten += 1
            return method.apply(storage, args)
          },
      )
  })
}
