/** Runs the whole system as a person would, in a process of its own and in a state folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { eventually } from './eventually.ts'

/** `dev.json`, as far as journeys read it. */
export interface Dev {
  url: string
  pid: number
  runtime_pid: number
  merchant_id: string
  secret_key: string
  publishable_key: string
  operator_token: string
  admin_token: string
  order_signing_secret: string
  sink_url: string
  store_url: string
  connections: Record<string, { id: string; webhook_url: string; webhook_secret?: string }> & {
    sandbox: { id: string; webhook_url: string; webhook_secret: string }
  }
  destinations: Record<string, { id: string; url: string; secret: string }>
}

export interface System {
  state: string
  /** Read anew each time, since the runtime's process changes when it is killed. */
  readonly dev: Dev
  /** Everything it has printed. */
  readonly said: string
  stop(): Promise<void>
  /** Kills the runtime; the launcher starts another one. Resolves when that one answers. */
  killRuntime(): Promise<void>
  /** Kills launcher and runtime, as a power cut would. */
  killAll(): Promise<void>
}

const checkout = path.resolve(import.meta.dirname, '../../..')
const readyWithinMs = 120_000

/** A fresh folder for one system's state. */
export function stateFolder(): string {
  return mkdtempSync(path.join(os.tmpdir(), 'tollgate-journey-'))
}

/** Removes a state folder; a runtime that was killed may still be writing its last file. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
}

/** Settings of a system's environment that `npm start` takes over, by their names. */
type Settings = Readonly<Record<string, string>>

/** Starts the launcher with these arguments and without waiting for anything. */
export const launch = (...args: string[]): ChildProcess => launchWith({}, args)

function launchWith(settings: Settings, args: readonly string[]): ChildProcess {
  const command = [path.join(checkout, 'scripts', 'bootstrap.mjs'), 'scripts/start.ts', ...args]
  const env = { ...process.env, ...settings }
  return spawn(process.execPath, command, { cwd: checkout, env, stdio: ['ignore', 'pipe', 'pipe'] })
}

/** What a launch that is not meant to stay says, and its exit code. */
export async function outcomeOf(child: ChildProcess): Promise<{ code: number | null; said: string }> {
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (piece) => (said += piece))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, said }
}

/** Starts the system on `state` and waits until it says that it is ready. */
export const startSystem = (state: string, ...args: string[]): Promise<System> =>
  startSystemWith({}, state, ...args)

export async function startSystemWith(settings: Settings, state: string, ...args: string[]): Promise<System> {
  const child = launchWith(settings, ['--port', '0', '--state', state, ...args])
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (piece) => (said += piece))
  const ended = once(child, 'exit')
  const isReady = () => said.includes('Tollgate is ready')
  await eventually(() => {
    // One that ends early is not waited for.
    if (!isReady() && child.exitCode === null) throw new Error(`The system does not start:\n${said}`)
  }, readyWithinMs).finally(() => isReady() || child.kill('SIGTERM'))
  if (!isReady()) throw new Error(`The system did not start:\n${said}`)
  const readDev = () => JSON.parse(readFileSync(path.join(state, 'dev.json'), 'utf8')) as Dev
  return {
    state,
    get dev() {
      return readDev()
    },
    get said() {
      return said
    },
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
    async killRuntime() {
      const { runtime_pid: killed, url } = readDev()
      process.kill(killed, 'SIGKILL')
      await eventually(() => answersAnew(readDev(), killed, url))
    },
    async killAll() {
      const { pid, runtime_pid: runtime } = readDev()
      process.kill(pid, 'SIGKILL')
      process.kill(runtime, 'SIGKILL')
      await ended
    },
  }
}

async function answersAnew(dev: Dev, killed: number, url: string): Promise<void> {
  if (dev.runtime_pid === killed) throw new Error('The runtime has not come back yet.')
  const answer = await fetch(`${url}/healthz`)
  if (!answer.ok) throw new Error(`The runtime answers ${answer.status}.`)
}
