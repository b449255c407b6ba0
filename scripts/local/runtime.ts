/**
 * The Worker on the real runtime: the bundle in Miniflare, whose public port is the runtime's own socket, so that no
 * proxy stands between a caller and the code that production runs. Miniflare restarts a runtime that dies by itself.
 */
import type { ChildProcess } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from 'wrangler'
import { assetsOf } from './assets.ts'
import { type Consumers, hurried } from './hurried.ts'
import { StartRefused } from './options.ts'
import { nameOf, type ProcessName } from './processes.ts'

export interface RuntimeSetup {
  checkout: string
  bundle: string
  port: number
  /** Where objects, D1 and alarms live. */
  persist: string
  /** Settings and secrets on top of what wrangler.toml says. */
  vars: Record<string, string>
  /** No message waits for a batch to fill. */
  hurries?: boolean
  /** Each time the runtime process begins, also after it died and came back. */
  onBegin(runtime: ProcessName | null): void
  onLog(level: string, text: string): void
}

export interface Runtime {
  miniflare: Miniflare
  /** The Worker's name within Miniflare. */
  worker: string
  /** The bindings of its D1 databases. */
  databases: string[]
  stop(): Promise<void>
}

/** Starts the bundle and waits until it can be reached. Throws `PortTaken` when another program has it. */
export async function startRuntime(setup: RuntimeSetup): Promise<Runtime> {
  const config = unstable_readConfig({ config: path.join(setup.checkout, 'wrangler.toml') })
  const worker = config.name ?? 'tollgate'
  const { workerOptions } = unstable_getMiniflareWorkerOptions(config)
  const { assets: _, ...ownOptions } = workerOptions
  watchForRuntime(setup.onBegin)
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      cf: false,
      logRequests: false,
      telemetry: { enabled: false },
      log: new Log(LogLevel.WARN),
      handleStructuredLogs: ({ level, message }) => setup.onLog(level, message),
      resourcePersistencePath: setup.persist,
      workers: [
        {
          ...ownOptions,
          ...(setup.hurries && { queueConsumers: hurried(workerOptions.queueConsumers as Consumers) }),
          // Without a name the objects' files would lie where the next release of Miniflare does not look.
          name: worker,
          modules: modulesOf(setup.bundle, config.main ?? 'index.ts'),
          modulesRoot: setup.bundle,
          // A developer's .dev.vars belongs to `npm run dev`; here every setting is known.
          bindings: { ...config.vars, ...setup.vars },
          serviceBindings: {
            ...(workerOptions.serviceBindings as object | undefined),
            ...{ SELF: worker, ASSETS: assetsOf(path.join(setup.bundle, 'public')) },
          },
          unsafeDirectSockets: [{ host: '127.0.0.1', port: setup.port, proxy: false }],
        },
      ],
    }),
  )
  try {
    await miniflare.ready
  } catch (error) {
    await miniflare.dispose().catch(() => undefined)
    throw (error as { code?: string }).code === 'ERR_ADDRESS_IN_USE' ? new PortTaken(setup.port) : error
  }
  const databases = config.d1_databases.map((one: { binding: string }) => one.binding)
  return { miniflare, worker, databases, stop: () => miniflare.dispose() }
}

/** The refusal for a port that another program listens on. */
export class PortTaken extends StartRefused {
  constructor(port: number) {
    super(
      `Port ${port} is taken by another program. Choose another: npm start -- --port N (0 takes any free one).`,
    )
  }
}

/** The bundle's files, its entry first; text modules are those that wrangler writes beside it. */
function modulesOf(bundle: string, main: string) {
  const entry = `${path.basename(main, path.extname(main))}.js`
  const names = readdirSync(bundle).filter((name) => /\.(js|sql|txt|html)$/.test(name))
  names.sort((a, b) => Number(b === entry) - Number(a === entry))
  return names.map((name) => ({
    type: name.endsWith('.js') ? ('ESModule' as const) : ('Text' as const),
    path: path.join(bundle, name),
    contents: readFileSync(path.join(bundle, name), 'utf8'),
  }))
}

/**
 * Miniflare keeps its child to itself, so Node tells us of every child, and the runtime is known by its file's name.
 * Whatever ends this process ends the runtime too, because an orphan would hold the port and the databases.
 */
function watchForRuntime(onBegin: RuntimeSetup['onBegin']): void {
  let current: ChildProcess | null = null
  process.on('exit', () => current?.kill('SIGKILL'))
  subscribe('child_process', (message) => {
    const child = (message as { process: ChildProcess }).process
    child.once('spawn', () => {
      if (!path.basename(child.spawnfile).startsWith('workerd') || !child.pid) return
      current = child
      onBegin(nameOf(child.pid))
    })
  })
}

/** Fires the Worker's schedule as production's cron would, since local runs never do. Ends when `signal` aborts. */
export async function fireSchedule(
  runtime: Runtime,
  everySeconds: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    // A runtime that has just died answers nothing; its successor gets the next turn.
    await Promise.race([fireOnce(runtime), pause(60_000, undefined, { signal, ref: false })]).catch(
      () => undefined,
    )
    await pause(everySeconds * 1_000, undefined, { signal, ref: false }).catch(() => undefined)
  }
}

async function fireOnce(runtime: Runtime): Promise<void> {
  const worker = await runtime.miniflare.getWorker(runtime.worker)
  await worker.scheduled({ scheduledTime: new Date(), cron: '* * * * *' })
}
