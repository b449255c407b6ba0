/**
 * Builds that are kept under a hash of everything they are made from: unchanged sources are not built again, and starts side
 * by side never see each other's half-written files.
 */
import { createHash } from 'node:crypto'
import {
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

export interface Build {
  /** Begins the folder's name, so that builds of several kinds can lie side by side. */
  name: string
  /** Files and folders of the checkout that decide what is built. */
  ingredients: readonly string[]
  /** Builds into this folder. */
  make(draft: string): void | Promise<void>
}

const keptForMs = 24 * 3_600_000

/** The folder that holds what is built of the sources as they are now. Throws with the tool's words if they don't build. */
export async function keptBuild(checkout: string, { name, ingredients, make }: Build): Promise<string> {
  const builds = path.join(checkout, '.local', 'build')
  const folder = path.join(builds, `${name}-${hashOf(checkout, ingredients)}`)
  if (!existsSync(folder)) {
    const draft = `${folder}.${process.pid}`
    mkdirSync(builds, { recursive: true })
    try {
      await make(draft)
      // Another start may have been faster; its build is the same.
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

function hashOf(checkout: string, ingredients: readonly string[]): string {
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

/** Builds are read at the start only, so one that nobody has started for a day is of no use. */
function removeOld(builds: string, now: number): void {
  for (const name of readdirSync(builds)) {
    const folder = path.join(builds, name)
    const age = now - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? now)
    if (age > keptForMs) rmSync(folder, { recursive: true, force: true })
  }
}
