/**
 * `npm start`: the whole system on one machine. Builds the Worker, runs it on the real runtime, brings its database up
 * to date, makes demo data, plays the business systems and the schedule, and stops cleanly.
 */
import { rmSync } from 'node:fs'
import path from 'node:path'
import { bundleOf, storePagesOf } from './local/build.ts'
import { type Demo, startDemo } from './local/demo.ts'
import * as folders from './local/folder.ts'
import { openLog } from './local/gateway-log.ts'
import { migrate } from './local/migrate.ts'
import { lowOpenFiles, raiseOpenFiles } from './local/open-files.ts'
import { readOptions, type StartOptions, StartRefused, usage } from './local/options.ts'
import { freePort, isFree } from './local/ports.ts'
import type { ProcessName } from './local/processes.ts'
import { fireSchedule, PortTaken, type Runtime, startRuntime } from './local/runtime.ts'
import { localSecrets } from './local/secrets.ts'
import { repointDestinations, type Seed, seed, simulate } from './local/seed.ts'
import type { Simulated } from './local/simulated.ts'
import { devInfo, welcome } from './local/welcome.ts'

const checkout = path.resolve(import.meta.dirname, '..')
const sweepSeconds = 5
const stopWithinMs = 10_000
const MOST_PORTS = 5

/** Settings of the local system; the tries follow each other at 0, 1, 2, 4, 8 … seconds (contract §11). */
const localSettings = {
  LOCAL: 'true',
  ALLOW_PRIVATE_ADDRESSES: 'true',
  // Demos and load tests all come from one address; whoever wants to see the limits says so.
  RATE_LIMITS: process.env.RATE_LIMITS === 'true' ? 'true' : 'false',
  // Whether a correction takes two people, to be tried out.
  CORRECTION_APPROVALS: process.env.CORRECTION_APPROVALS ?? '1',
  DELIVERY_SCHEDULE_SECONDS: '0,1,2,4,8,16,32,64,128,256',
  DELIVERY_LEASE_SECONDS: '20',
  BREAKER_PROBE_SECONDS: '5',
  REPUBLISH_AFTER_SECONDS: '5',
}

/** What has been started so far, in order; a stop ends it in reverse. */
const started: { stop(): Promise<void> }[] = []
const stopping = new AbortController()

async function start(options: StartOptions): Promise<void> {
  const folder = await ownFolder(options)
  // Tried out before anything is built, since nothing else takes so long.
  await usablePort(options.port)
  const secrets = localSecrets(folder)
  const bundle = await bundleOf(checkout)
  const pages = await storePagesOf(checkout)
  endOnSignal()
  const demo = await startDemo(folder, pages)
  started.push(demo)
  const known = folders.readJson<Seed>(folder.seed)
  const log = openLog(folder.log)
  const at = {
    url: '',
    pid: process.pid,
    runtimePid: null as number | null,
    adminToken: secrets.ADMIN_TOKEN,
    sink: demo.url,
  }
  let ready: Ready | null = null
  const onBegin = (runtime: ProcessName | null) => {
    at.runtimePid = runtime?.pid ?? null
    folders.writeJson(folder.running, { pid: process.pid, url: at.url, runtime } satisfies folders.Running)
    if (ready) folders.writeJson(folder.devFile, devInfo(at, ready.seed, ready.simulated.connections))
  }
  const runtime = await onAPort(options.port, (port) => {
    at.url = `http://127.0.0.1:${port}`
    // Deliveries that an earlier start left open begin again as soon as the runtime runs.
    if (known) demo.begin(at.url, known, {})
    return startRuntime({
      ...{ checkout, bundle, port, persist: folder.runtime, hurries: true },
      vars: { ...localSettings, ...secrets, PUBLIC_URL: at.url, DEMO_URL: demo.url },
      ...{ onBegin, onLog: log.write },
    })
  })
  started.push(runtime)
  ready = await fill(runtime, demo, folder, at)
  started.push(ready.simulated)
  folders.writeJson(folder.devFile, devInfo(at, ready.seed, ready.simulated.connections))
  const warnings = [lowOpenFiles()].filter((warning) => warning !== null)
  // The state survives, so yesterday's order may be paid by now.
  const order = `A-${Math.floor(Date.now() / 1_000)}`
  process.stdout.write(welcome(at, ready.seed, folder.devFile, order, warnings))
  await fireSchedule(runtime, sweepSeconds, stopping.signal)
}

/** The state folder, taken for this process and cleared of what an earlier start left running. */
async function ownFolder(options: StartOptions): Promise<folders.StateFolder> {
  const folder = folders.stateFolder(checkout, options.state)
  folders.makeFolder(folder)
  folders.takeFolder(folder)
  await folders.endOrphan(folder)
  if (options.fresh) folders.emptyFolder(folder)
  // Whoever waits for this file must not find that of an earlier start.
  rmSync(folder.devFile, { force: true })
  return folder
}

interface Ready {
  seed: Seed
  simulated: Simulated
}

/** Brings the databases up to date, makes the demo data, and runs the simulated providers. */
async function fill(
  runtime: Runtime,
  demo: Demo,
  folder: folders.StateFolder,
  at: { url: string; adminToken: string },
): Promise<Ready> {
  for (const binding of runtime.databases) {
    const db = await runtime.miniflare.getD1Database(binding, runtime.worker)
    await migrate(db, path.join(checkout, 'migrations'))
    await repointDestinations(db, folder, demo.url)
  }
  const setup = { folder, gateway: at.url, sink: demo.url, adminToken: at.adminToken }
  const made = await seed(setup)
  const simulated = await simulate(setup, made)
  const ids = Object.entries(simulated.connections).map(([name, { id }]) => [name, id])
  demo.begin(at.url, made, Object.fromEntries(ids))
  return { seed: made, simulated }
}

/** Where any free port will do, another program may be faster than the runtime; then it is another one's turn. */
async function onAPort(wanted: number, run: (port: number) => Promise<Runtime>): Promise<Runtime> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run(await usablePort(wanted))
    } catch (error) {
      if (wanted !== 0 || tries === MOST_PORTS || !(error instanceof PortTaken)) throw error
    }
  }
}

/** The port to listen on, tried out first, because the runtime's own complaint is hard to understand. */
async function usablePort(wanted: number): Promise<number> {
  if (wanted === 0) return freePort()
  if (await isFree(wanted)) return wanted
  throw new PortTaken(wanted)
}

/** A terminal sends Ctrl-C to every process of the group, and npm and the bootstrap send it once more: one is enough. */
function endOnSignal(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0))
  // Whoever reads our output may leave before us.
  process.stdout.on('error', () => undefined)
  process.stderr.on('error', () => undefined)
}

async function stop(exitCode: number): Promise<void> {
  if (stopping.signal.aborted) return
  stopping.abort()
  setTimeout(() => process.exit(exitCode || 1), stopWithinMs).unref()
  for (const part of started.toReversed()) await part.stop().catch(() => undefined)
  process.exit(exitCode)
}

try {
  const options = readOptions(process.argv.slice(2))
  if (options.help) {
    process.stdout.write(`${usage}\n`)
  } else {
    raiseOpenFiles()
    await start(options)
  }
} catch (error) {
  if (!stopping.signal.aborted) {
    const refused = error instanceof StartRefused
    process.stderr.write(`${refused ? error.message : (error as Error).stack}\n`)
    await stop(refused ? error.exitCode : 1)
  }
}
