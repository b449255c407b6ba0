/** The state folder: which files Tollgate keeps there, who may use it now, and what `--fresh` removes. */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StartRefused } from './options.ts'
import { endProcess, type ProcessName } from './processes.ts'

export interface StateFolder {
  root: string
  /** Addresses and keys for people and tests. */
  devFile: string
  /** Objects, D1 and alarms, as Miniflare lays them out. */
  runtime: string
  /** What the demo business systems received. */
  sink: string
  secrets: string
  /** Ids and keys of the demo data. */
  seed: string
  /** Who runs on this folder now. */
  running: string
  log: string
  lock: string
}

/** Which process serves the folder, and the runtime that it started. */
export interface Running {
  pid: number
  url: string
  runtime: ProcessName | null
}

/** Lays out the folder of one start. `given` is the `--state` argument; null means the checkout's own. */
export function stateFolder(checkout: string, given: string | null): StateFolder {
  const root = given === null ? path.join(checkout, '.local', 'state') : path.resolve(given)
  return {
    root,
    devFile: path.join(given === null ? path.dirname(root) : root, 'dev.json'),
    runtime: path.join(root, 'runtime'),
    sink: path.join(root, 'sink'),
    secrets: path.join(root, 'secrets.json'),
    seed: path.join(root, 'seed.json'),
    running: path.join(root, 'running.json'),
    log: path.join(root, 'gateway.log'),
    lock: path.join(root, 'lock'),
  }
}

/** Makes the folder. Throws `StartRefused` when a file stands in its place or it can't be written. */
export function makeFolder(folder: StateFolder): void {
  try {
    mkdirSync(folder.root, { recursive: true, mode: 0o700 })
    if (!statSync(folder.root).isDirectory()) throw new Error('it is a file')
  } catch (error) {
    throw new StartRefused(`The state folder ${folder.root} can't be used: ${(error as Error).message}.`)
  }
}

/**
 * Takes the folder for this process until it ends. The lock is SQLite's own on an empty database: the system lets go
 * of it when the process dies in whatever way, so there is no stale lock to judge. Throws `StartRefused` when taken.
 */
export function takeFolder(folder: StateFolder): void {
  const held = new DatabaseSync(folder.lock)
  try {
    held.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch {
    held.close()
    const other = readJson<Running>(folder.running)
    const who = other ? ` (process ${other.pid}, ${other.url})` : ''
    throw new StartRefused(
      `Another Tollgate${who} is running on ${folder.root}.\n` +
        'Stop it first, or give this one a folder and a port of its own: npm start -- --state DIR --port N',
    )
  }
  // Without a reference the database would be collected one day, and the lock with it.
  process.on('exit', () => held.close())
}

/** Ends the runtime that an earlier start left behind when it was killed; it would hold the port and the databases. */
export async function endOrphan(folder: StateFolder): Promise<void> {
  const { runtime } = readJson<Running>(folder.running) ?? { runtime: null }
  if (runtime) await endProcess(runtime)
}

/** Removes what an earlier start wrote. The lock stays, since this process holds it. */
export function emptyFolder(folder: StateFolder): void {
  const { devFile, runtime, sink, secrets, seed, running, log } = folder
  for (const ours of [devFile, runtime, sink, secrets, seed, running, log, olderLog(log)]) {
    rmSync(ours, { recursive: true, force: true })
  }
}

/** Where the log of earlier starts goes once it has grown large. */
export const olderLog = (log: string): string => `${log}.old`

/** The file's JSON; null when there is none. A half-written one can't be, because files are replaced whole. */
export function readJson<T>(file: string): T | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new StartRefused(`${file} is damaged; --fresh begins anew (${(error as Error).message}).`)
  }
}

/** Replaces the file in one step, readable for its owner only. */
export function writeJson(file: string, value: unknown): void {
  const draft = `${file}.${process.pid}.draft`
  writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 })
  renameSync(draft, file)
}
