/**
 * One of the two systems in a process of its own: the gateway's production bundle, or the floors. Commands come from the
 * bench over the channel between parent and child, and when that closes everything here ends.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import path from 'node:path'
import { freshId } from '../../src/domain/ids.ts'
import { bundleOf } from '../local/build.ts'
import { migrate } from '../local/migrate.ts'
import { type Runtime, startRuntime } from '../local/runtime.ts'
import { fillRecords } from './fill.ts'
import { floorPreparer, gatewayPreparer, type Preparer, type Sender } from './sending.ts'

/** What the bench asks of a system. */
export type Asked =
  | { do: 'start'; vars: Record<string, string> }
  /** Fills the gateway's records with so many payments, as if they had been years ago. */
  | { do: 'record'; merchantId: string; payments: number }
  /** Makes so many events for five destinations each. */
  | { do: 'prepare'; merchantId: string; urls: string[]; events: number }
  /** Sends the prepared events to the queue: so many a second, or all at once. */
  | { do: 'send'; perSecond: number | null }
  | { do: 'stop' }

/** What a system tells the bench. */
export type Told =
  | { kind: 'ready'; pid: number | null }
  | { kind: 'recorded' }
  | { kind: 'prepared' }
  /** When each event was sent: its id, and milliseconds since the epoch. */
  | { kind: 'sent'; sentAt: [string, number][] }

/** Milliseconds since the epoch: November 2023. A million payments, a second after each other, are twelve days. */
const LONG_AGO = 1_700_000_000_000

const checkout = path.resolve(import.meta.dirname, '../..')
const [kind = '', folder = '', port = ''] = process.argv.slice(2)
const tell = (word: Told) => process.send?.(word)

let runtime: Runtime | null = null
let prepare: Preparer | null = null
let send: Sender | null = null

async function start(vars: Record<string, string>): Promise<void> {
  let pid: number | null = null
  const setup = { ...(await sources()), port: Number(port), persist: path.join(folder, kind), vars }
  runtime = await startRuntime({
    ...setup,
    onBegin: (begun) => {
      pid = begun?.pid ?? null
    },
    onLog: (level, text) => {
      if (level === 'error') process.stderr.write(`${kind}: ${text}\n`)
    },
  })
  prepare = await preparerOf(runtime)
  tell({ kind: 'ready', pid })
}

/** The gateway is bundled as for a deployment; the floors import nothing, so stripping their types is enough. */
async function sources(): Promise<{ checkout: string; bundle: string }> {
  if (kind === 'gateway') return { checkout, bundle: await bundleOf(checkout) }
  const floor = path.join(import.meta.dirname, 'floor')
  const bundle = path.join(folder, 'floor-bundle')
  mkdirSync(bundle, { recursive: true })
  const code = stripTypeScriptTypes(readFileSync(path.join(floor, 'index.ts'), 'utf8'))
  writeFileSync(path.join(bundle, 'index.js'), code)
  return { checkout: floor, bundle }
}

async function preparerOf({ miniflare, worker }: Runtime): Promise<Preparer> {
  const queue = await miniflare.getQueueProducer('DELIVERIES', worker)
  if (kind === 'floor') return floorPreparer(queue)
  const db = await miniflare.getD1Database('DB', worker)
  await migrate(db, path.join(checkout, 'migrations'))
  return gatewayPreparer(queue, db)
}

async function record({ merchantId, payments }: Extract<Asked, { do: 'record' }>): Promise<void> {
  const db = await runtime?.miniflare.getD1Database('DB', runtime.worker)
  const destinationIds = [freshId('dst', randomBytes(17))]
  const fill = { merchantId, livemode: false, destinationIds, payments, since: LONG_AGO }
  await fillRecords(db as unknown as D1Database, fill)
}

async function stop(): Promise<void> {
  await runtime?.stop().catch(() => undefined)
  process.exit(0)
}

process.on('disconnect', () => void stop())
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => void stop())
process.on('message', (asked: Asked) => void obey(asked))

async function obey(asked: Asked): Promise<void> {
  switch (asked.do) {
    case 'start':
      return start(asked.vars)
    case 'record':
      await record(asked)
      return void tell({ kind: 'recorded' })
    case 'prepare':
      send = (await prepare?.(asked)) ?? null
      return void tell({ kind: 'prepared' })
    case 'send':
      return void tell({ kind: 'sent', sentAt: (await send?.(asked.perSecond)) ?? [] })
    case 'stop':
      return stop()
  }
}
