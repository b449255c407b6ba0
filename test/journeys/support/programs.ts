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
  curl: string | null
}

/** What is asked of a machine, so that a test can be any machine. */
export interface Machine {
  env: Record<string, string | undefined>
  platform: NodeJS.Platform
  isDebian: boolean
  isRoot: boolean
  /** Where Playwright keeps, or would keep, a browser of its own. */
  playwrights: string
  /** The command that makes it download that browser. */
  playwrightsInstaller: readonly [command: string, ...args: string[]]
  isProgram(file: string): boolean
  /** Whether a program tells its version, and so runs at all. */
  starts(file: string): boolean
  /** Runs a command to its end, and says whether that was a good one. */
  succeeds(command: string, args: readonly string[]): boolean
}

/** The first start after an installation reads a large program from the disk. */
const startWithinMs = 30_000
/** A download or an installation that takes longer has gone wrong. */
const installWithinMs = 180_000

/** Where Chrome lives on a Mac, which has it on no PATH. */
const chromeOnMac = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'

/** What may help on a machine where no browser was found. */
export const noBrowser =
  'There is no browser to test with. Set CHROMIUM_PATH to one, install Chromium or Chrome, or run ' +
  '`npx playwright-core install chromium`; as root on Debian the tests install it themselves with ' +
  '`apt-get install -y chromium`, which did not work here.'

/** What may help on a machine where no PHP was found. */
export const noPhp =
  'There is no PHP to test with. Set PHP_PATH to one (8.2 or newer), or install php; as root on Debian the tests ' +
  'install it themselves with `apt-get install -y php-cli`, which did not work here.'

/** What may help on a machine where no curl was found. */
export const noCurl =
  'There is no curl, with which README shows how to call the gateway. Install curl; as root on Debian the tests ' +
  'install it themselves with `apt-get install -y curl`, which did not work here.'

/** Finds them, and fetches what must be fetched; a set-up calls this before any test's time runs. */
export function findPrograms(machine: Machine = thisMachine()): Programs {
  return { chromium: findChromium(machine), php: findPhp(machine), curl: findCurl(machine) }
}

/** `CHROMIUM_PATH`, else what the system has, else Playwright's own download, else Debian's package. */
function findChromium(machine: Machine): string | null {
  const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']
  // Playwright's own needs libraries that a small system may not have, and Ubuntu has a `chromium-browser` that only
  // says how to get one. On Windows the question would open a window, and wait for somebody to close it.
  const runs = (file: string) =>
    machine.isProgram(file) && (machine.platform === 'win32' || machine.starts(file))
  const here = () =>
    named(machine, 'CHROMIUM_PATH') ??
    [...onPath(machine, ...names), chromeOnMac, machine.playwrights].find(runs) ??
    null
  return here() ?? (download(machine) ? here() : null) ?? (aptInstall(machine, 'chromium') ? here() : null)
}

/** `PHP_PATH`, else what the system has, else Debian's package. */
function findPhp(machine: Machine): string | null {
  const here = () => named(machine, 'PHP_PATH') ?? onPath(machine, 'php').find(machine.isProgram) ?? null
  return here() ?? (aptInstall(machine, 'php-cli') ? here() : null)
}

/** What the system has, by the name that README calls, else Debian's package. */
function findCurl(machine: Machine): string | null {
  const here = () => onPath(machine, 'curl').find(machine.isProgram) ?? null
  return here() ?? (aptInstall(machine, 'curl') ? here() : null)
}

/** What somebody has named must be there: another one instead would be a surprise. */
function named({ env, isProgram }: Machine, variable: string): string | null {
  const file = env[variable]
  if (!file) return null
  if (!isProgram(file)) throw new Error(`${variable} is ${file}, which is no program on this machine.`)
  return file
}

/** Where programs of these names would be. */
function onPath({ env, platform }: Machine, ...names: string[]): string[] {
  const [between, ending] = platform === 'win32' ? [';', '.exe'] : [':', '']
  const folders = (env.PATH ?? '').split(between)
  return names.flatMap((name) => folders.map((folder) => path.join(folder, name + ending)))
}

function download({ playwrightsInstaller: [command, ...args], succeeds }: Machine): boolean {
  return succeeds(command, args)
}

/** Debian's package, as root only: nobody is asked for a password in the middle of the tests. */
function aptInstall({ isDebian, isRoot, succeeds }: Machine, name: string): boolean {
  if (!isDebian || !isRoot) return false
  // Another installation, which holds the lock, is waited for.
  const patient = ['-o', 'DPkg::Lock::Timeout=120', '-y', '-q']
  return (
    succeeds('apt-get', [...patient, 'update']) &&
    succeeds('apt-get', [...patient, '--no-install-recommends', 'install', name])
  )
}

function thisMachine(): Machine {
  const playwright = path.dirname(createRequire(import.meta.url).resolve('playwright-core/package.json'))
  return {
    env: process.env,
    platform: process.platform,
    isDebian: existsSync('/etc/debian_version'),
    isRoot: process.getuid?.() === 0,
    playwrights: chromium.executablePath(),
    playwrightsInstaller: [process.execPath, path.join(playwright, 'cli.js'), 'install', 'chromium'],
    isProgram,
    starts: (file) =>
      spawnSync(file, ['--version'], { stdio: 'ignore', timeout: startWithinMs }).status === 0,
    succeeds,
  }
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function succeeds(command: string, args: readonly string[]): boolean {
  process.stderr.write(`${path.basename(command)} ${args.join(' ')}\n`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const stdio = ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit']
  return spawnSync(command, args, { env, stdio, timeout: installWithinMs }).status === 0
}
