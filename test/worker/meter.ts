/** Counts what one payment makes the platform do, in the units that it is billed in. */
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
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
    ...{ d1RowsWritten: 0, d1RowsRead: 0, queueOperations: 0 },
  }
  countCallsOfObjects(counts)
  countD1(counts)
  countQueues(counts)
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
  for (const name of ['begin', 'finish', 'hear', 'confirm', 'publication', 'alarm', 'way', 'payment', 'hint'])
    wrap(
      PaymentObject.prototype,
      name,
      (method) =>
        function (this: unknown, ...args) {
          counts.objectRequests += 1
          return method.apply(this, args)
        },
    )
}

function countD1(counts: Counts): void {
  const add = (result: { meta?: { rows_read?: number; rows_written?: number } }) => {
    counts.d1RowsRead += result.meta?.rows_read ?? 0
    counts.d1RowsWritten += result.meta?.rows_written ?? 0
  }
  const statement = Object.getPrototypeOf(env.DB.prepare('SELECT 1'))
  for (const name of ['run', 'all'])
    wrap(
      statement,
      name,
      (method) =>
        async function (this: unknown, ...args) {
          const result = (await method.apply(this, args)) as object
          add(result)
          return result
        },
    )
  wrap(
    Object.getPrototypeOf(env.DB),
    'batch',
    (method) =>
      async function (this: unknown, ...args) {
        const results = (await method.apply(this, args)) as object[]
        for (const result of results) add(result)
        return results
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
            counts.objectRowsWritten += 1
            return method.apply(storage, args)
          },
      )
  })
}
