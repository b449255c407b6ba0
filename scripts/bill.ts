// Counts one payment's whole life on the local runtime, and what happens to few, and prints what a million of them cost at
// Cloudflare's list prices (Workers Paid, November 2026; allowances left out), as its pages on pricing of Workers, Durable
// Objects, D1, Queues and Workers Logs give them. The counts are held by test/worker/bill.test.ts and bill-extras.test.ts.
import { spawnSync } from 'node:child_process'
import path from 'node:path'

/** What something adds to the bill of one payment. */
interface Added {
  name: string
  workerRequests: number
  objectRequests: number
  objectRowsWritten: number
  objectRowsRead: number
  d1RowsWritten: number
  d1RowsRead: number
  queueOperations: number
  logLines: number
}

/** A whole life. */
interface Counts extends Added {
  deliveries: number
  objectBytes: number
  d1Bytes: number
}

/** Dollars per million of each. */
const prices = {
  workerRequests: 0.3,
  objectRequests: 0.15,
  objectRowsWritten: 1,
  objectRowsRead: 0.001,
  d1RowsWritten: 1,
  d1RowsRead: 0.001,
  queueOperations: 0.4,
} as const

/** Dollars per million events that are kept: one per request and one per line, of a tenth of them (wrangler.toml). */
const logged = { price: 0.6, sampled: 0.1 }

/** Dollars per GB and month; a kilobyte of each of a million payments is a gigabyte. */
const kept = { objectBytes: 0.2, d1Bytes: 0.75 } as const

/** Not counted here but billed: assumed CPU of a Worker and active time of an object, per payment. */
const assumed = { 'CPU, 30 ms assumed': 30 * 0.02, 'object active, 0.06 s assumed': 0.06 * 1.6 }

const root = path.resolve(import.meta.dirname, '..')
const vitest = path.join(root, 'node_modules', '.bin', 'vitest')
const tests = ['test/worker/bill.test.ts', 'test/worker/bill-extras.test.ts']
const run = spawnSync(vitest, ['run', '--project', 'counting', ...tests], { cwd: root, encoding: 'utf8' })
const told = <Told>(mark: string) =>
  [...run.stdout.matchAll(new RegExp(`${mark} (\\{.*\\})`, 'g'))].map(
    ([, json]) => JSON.parse(json ?? '') as Told,
  )
const bills = told<Counts>('BILL')
if (bills.length === 0) {
  process.stderr.write(`${run.stdout}${run.stderr}\nNothing was counted; the test above says why.\n`)
  process.exit(1)
}
for (const bill of bills) print(bill)
printAdded(told<Added>('ADDED'))
process.exit(run.status ?? 1)

function rowsOf(counts: Added) {
  const rows = Object.entries(prices).map(([name, price]) => {
    const count = counts[name as keyof typeof prices]
    return { name, count: String(count), dollars: count * price }
  })
  const events = (counts.workerRequests + counts.objectRequests + counts.logLines) * logged.sampled
  rows.push({ name: 'log events, a tenth sampled', count: events.toFixed(1), dollars: events * logged.price })
  return rows
}

/** A line each: how often of what, and dollars for a million of it, CPU left out. */
function printAdded(all: Added[]): void {
  process.stdout.write(
    '\nWhat a million of these add: requests · object requests, rows · D1 rows · queue · lines\n',
  )
  for (const added of all) {
    const { workerRequests, objectRequests, objectRowsWritten, d1RowsWritten, queueOperations, logLines } =
      added
    const counts = [
      workerRequests,
      objectRequests,
      objectRowsWritten,
      d1RowsWritten,
      queueOperations,
      logLines,
    ]
    const dollars = rowsOf(added).reduce((sum, row) => sum + row.dollars, 0)
    process.stdout.write(
      `  ${added.name.padEnd(46)} ${counts.join(' · ').padStart(24)}   $ ${dollars.toFixed(2).padStart(6)}\n`,
    )
  }
}

function print(bill: Counts): void {
  const rows = rowsOf(bill)
  for (const [name, dollars] of Object.entries(assumed)) rows.push({ name, count: '', dollars })
  const total = rows.reduce((sum, row) => sum + row.dollars, 0)
  process.stdout.write(
    `\nFour destinations subscribed to ${bill.name} (${bill.deliveries} deliveries a payment)\n`,
  )
  const storage = Object.entries(kept).map(([name, price]) => ({
    ...{ name: `each month, ${name}`, count: String(bill[name as keyof typeof kept]) },
    dollars: (bill[name as keyof typeof kept] / 1_000) * price,
  }))
  for (const { name, count, dollars } of [
    ...rows,
    { name: 'a million payments', count: '', dollars: total },
    ...storage,
  ])
    process.stdout.write(`  ${name.padEnd(32)} ${count.padStart(6)}   $ ${dollars.toFixed(2).padStart(7)}\n`)
}
