/**
 * The Worker's bundle, made by wrangler exactly as for a deployment and kept under a hash of everything it is made
 * from: unchanged sources are not bundled again, and starts side by side never see each other's half-written files.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import path from 'node:path'

const ingredients = [
  'src',
  'scripts/make-public.ts',
  'scripts/api',
  'wrangler.toml',
  'package-lock.json',
  'tsconfig.json',
]
const keptForMs = 24 * 3_600_000

/** The folder that holds the bundle of the sources as they are now. Throws with wrangler's words if they don't build. */
export function bundleOf(checkout: string): string {
  const builds = path.join(checkout, '.local', 'build')
  const folder = path.join(builds, hashOf(checkout))
  if (!existsSync(folder)) {
    const draft = `${folder}.${process.pid}`
    mkdirSync(builds, { recursive: true })
    try {
      runWrangler(checkout, draft)
      // The files beside the Worker, as that build has made them.
      cpSync(path.join(checkout, 'public'), path.join(draft, 'public'), { recursive: true })
      // Another start may have been faster; its bundle is the same.
      if (!existsSync(folder)) renameSync(draft, folder)
    } catch (error) {
      if (!existsSync(folder)) throw error
    } finally {
      rmSync(draft, { recursive: true, force: true })
    }
  }
  const now = new Date()
  utimesSync(folder, now, now)
  removeOld(builds, now.getTime())
  return folder
}

function runWrangler(checkout: string, outdir: string): void {
  const wrangler = path.join(checkout, 'node_modules', 'wrangler', 'bin', 'wrangler.js')
  const args = [wrangler, 'deploy', '--dry-run', '--outdir', outdir]
  const done = spawnSync(process.execPath, args, {
    cwd: checkout,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (done.status !== 0)
    throw new Error(`The Worker does not build:\n${done.stdout ?? ''}${done.stderr ?? done.error}`)
}

function hashOf(checkout: string): string {
  const hash = createHash('sha256')
  for (const name of ingredients) {
    for (const file of filesUnder(path.join(checkout, name))) {
      hash
        .update(`${path.relative(checkout, file)}\0`)
        .update(readFileSync(file))
        .update('\0')
    }
  }
  return hash.digest('hex').slice(0, 16)
}

function filesUnder(place: string): string[] {
  if (!statSync(place).isDirectory()) return [place]
  const names = readdirSync(place, { recursive: true, withFileTypes: true })
  return names
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
}

/** Bundles are read at the start only, so one that nobody has started for a day is of no use. */
function removeOld(builds: string, now: number): void {
  for (const name of readdirSync(builds)) {
    const folder = path.join(builds, name)
    const age = now - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? now)
    if (age > keptForMs) rmSync(folder, { recursive: true, force: true })
  }
}
