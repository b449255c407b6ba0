// The door of every npm script. It runs on Node 20 and knows only `node:` modules, because nothing may be installed
// yet: it installs what the lock file says, then hands over to the Node that came with the packages.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const root = path.resolve(import.meta.dirname, '..')
const modules = path.join(root, 'node_modules')
const mark = path.join(modules, '.tollgate-lock')
const lock = path.join(root, '.tollgate-install')
const oldestNode = [22, 18]

// These keep wrangler and Miniflare from calling home; each of them does so by default.
const quiet = {
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_WRITE_LOGS: 'false',
  NODE_NO_WARNINGS: '1',
}

// The platform is part of the mark, because a checkout may be shared between a container and its host.
function wanted() {
  const lockFile = readFileSync(path.join(root, 'package-lock.json'))
  return `${createHash('sha256').update(lockFile).digest('hex')} ${process.platform}-${process.arch}\n`
}

function isInstalled() {
  return existsSync(mark) && readFileSync(mark, 'utf8') === wanted()
}

/** A lock whose owner is gone, or that never got an owner's name, was left behind by a crash. */
function isStale() {
  try {
    const [pid, host] = readFileSync(path.join(lock, 'owner'), 'utf8').split(' ')
    if (host !== os.hostname()) return Date.now() - statSync(lock).mtimeMs > 15 * 60_000
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    if (error.code === 'EPERM') return false
    if (error.code === 'ESRCH') return true
    return existsSync(lock) && Date.now() - statSync(lock).mtimeMs > 5_000
  }
}

function takeLock() {
  try {
    mkdirSync(lock)
    writeFileSync(path.join(lock, 'owner'), `${process.pid} ${os.hostname()}`)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    return false
  }
}

// npm must not run on the Node inside node_modules, which `npm ci` removes first.
function installPackages() {
  const { npm_execpath: npm, npm_node_execpath: node, PATH = '' } = process.env
  const binaries = path.join(modules, '.bin')
  const outside = PATH.split(path.delimiter).filter((folder) => path.resolve(folder) !== binaries)
  const env = { ...process.env, PATH: outside.join(path.delimiter) }
  const options = { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] }
  const isOutside = npm && node && !node.startsWith(modules) && existsSync(npm)
  const flags = ['ci', '--include=dev', '--include=optional', '--loglevel=error']
  const done = isOutside
    ? spawnSync(node, [npm, ...flags], options)
    : spawnSync('npm', flags, { ...options, shell: process.platform === 'win32' })
  if (done.status !== 0) throw new Error('`npm ci` failed, see above; run it by hand to look closer.')
  writeFileSync(mark, wanted())
}

async function install() {
  let hasSaidSo = false
  while (!isInstalled()) {
    if (takeLock()) {
      try {
        if (isInstalled()) return
        process.stderr.write('Installing packages as the lock file says (the first time takes a minute) …\n')
        installPackages()
      } finally {
        rmSync(lock, { recursive: true, force: true })
      }
    } else if (isStale()) {
      rmSync(lock, { recursive: true, force: true })
    } else {
      if (!hasSaidSo) process.stderr.write('Another start is installing packages; waiting for it …\n')
      hasSaidSo = true
      await pause(250)
    }
  }
}

function bundledNode() {
  const names = [`node-${process.platform}-${process.arch}`, `node-bin-${process.platform}-${process.arch}`]
  if (process.platform === 'win32') names.push(`node-win-${process.arch}`)
  const file = process.platform === 'win32' ? 'node.exe' : 'node'
  const found = names
    .map((name) => path.join(modules, name, 'bin', file))
    .find((binary) => existsSync(binary))
  if (found && spawnSync(found, ['--version']).status === 0) return found
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return process.execPath
  throw new Error(
    `No bundled Node runs on ${process.platform}-${process.arch}: please install Node ${oldestNode.join('.')} or newer.`,
  )
}

/** The script behind the name that a package gives its command. */
function command(name) {
  const owner = { tsc: 'typescript', biome: '@biomejs/biome' }[name] ?? name
  const { bin } = JSON.parse(readFileSync(path.join(modules, owner, 'package.json'), 'utf8'))
  return path.join(modules, owner, typeof bin === 'string' ? bin : bin[name])
}

function run(node, args) {
  const binaries = path.join(modules, '.bin')
  // Tools start their own children by the name `node`, and these must be the same Node.
  const PATH = [path.dirname(node), binaries, process.env.PATH].join(path.delimiter)
  const child = spawn(node, args, { cwd: root, stdio: 'inherit', env: { ...quiet, ...process.env, PATH } })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the whole group; passing it on as well would look like an impatient second one.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  // npm tells a SIGTERM only to its shell, which dies without a word to us; a changed parent is how we hear of it.
  const parent = process.ppid
  if (process.env.npm_lifecycle_event) {
    setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 500).unref()
  }
  child.on('error', (error) => fail(error))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (os.constants.signals[signal] ?? 1)
    // The handlers above keep the process alive on some platforms, so the end is said plainly.
    process.exit()
  })
}

function fail(error) {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}

try {
  const [first, ...rest] = process.argv.slice(2)
  if (!first)
    throw new Error('Usage: node scripts/bootstrap.mjs <script.ts> [arguments] | --bin <tool> [arguments]')
  await install()
  const node = bundledNode()
  if (first === '--bin') run(node, [command(rest[0]), ...rest.slice(1)])
  else run(node, [path.resolve(root, first), ...rest])
} catch (error) {
  fail(error)
}
