/**
 * The programs of others that journeys drive: where they are on this machine, and how they get here when they are not.
 * A machine without one fails the tests that need it, in words that say what would help; nothing is left out in silence.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { chromium } from 'playwright-core'

/** Their files; null where one is neither here nor to be had. */
export interface Programs {
  chromium: string | null
  php: string | null
}

/** A download or an installation that takes longer has gone wrong. */
const installWithinMs = 180_000

/** Where Chrome lives on a Mac, which has it on no PATH. */
const chromeOnMac = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'

/** Finds them, and fetches what must be fetched; a set-up calls this before any test's time runs. */
export function findPrograms(): Programs {
  return { chromium: findChromium(), php: findPhp() }
}

/** `CHROMIUM_PATH`, else what the system has, else Playwright's own download, else Debian's package. */
function findChromium(): string | null {
  const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']
  const here = () =>
    named('CHROMIUM_PATH') ??
    onPath(...names) ??
    // Playwright's own needs libraries that a small system may not have.
    [chromeOnMac, chromium.executablePath()].find(
      (file) => isProgram(file) && succeeds(file, ['--version']),
    ) ??
    null
  return here() ?? (download() ? here() : null) ?? (aptInstall('chromium') ? here() : null)
}

/** `PHP_PATH`, else what the system has, else Debian's package. */
function findPhp(): string | null {
  const here = () => named('PHP_PATH') ?? onPath('php')
  return here() ?? (aptInstall('php-cli') ? here() : null)
}

/** What somebody has named must be there: another one instead would be a surprise. */
function named(variable: string): string | null {
  const file = process.env[variable]
  if (!file) return null
  if (!isProgram(file)) throw new Error(`${variable} is ${file}, which is no program on this machine.`)
  return file
}

function onPath(...names: string[]): string | null {
  const folders = (process.env.PATH ?? '').split(path.delimiter)
  const ending = process.platform === 'win32' ? '.exe' : ''
  const files = names.flatMap((name) => folders.map((folder) => path.join(folder, name + ending)))
  return files.find(isProgram) ?? null
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function download(): boolean {
  const cli = path.join(
    path.dirname(createRequire(import.meta.url).resolve('playwright-core/package.json')),
    'cli.js',
  )
  return succeeds(process.execPath, [cli, 'install', 'chromium'])
}

/** Debian's package, as root only: nobody is asked for a password in the middle of the tests. */
function aptInstall(name: string): boolean {
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) return false
  // Another installation, which holds the lock, is waited for.
  const patient = ['-o', 'DPkg::Lock::Timeout=120', '-y', '-q']
  return (
    succeeds('apt-get', [...patient, 'update']) &&
    succeeds('apt-get', [...patient, '--no-install-recommends', 'install', name])
  )
}

function succeeds(command: string, args: string[]): boolean {
  process.stderr.write(`${path.basename(command)} ${args.join(' ')}\n`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const stdio = ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit']
  return spawnSync(command, args, { env, stdio, timeout: installWithinMs }).status === 0
}
