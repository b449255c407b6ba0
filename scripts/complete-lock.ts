// Run after every change of dependencies (`npm run lock`). npm leaves an optional package out of the lock file when the
// registry at hand does not hold it, and `npm ci` then refuses the file on every machine. This writes such packages of
// other platforms back: version and platform, without a hash, which npm fills in where the package can be had.
import { readFileSync, writeFileSync } from 'node:fs'

interface Entry {
  version?: string
  optional?: boolean
  optionalDependencies?: Record<string, string>
  [field: string]: unknown
}
interface LockFile {
  packages: Record<string, Entry>
}

const systems = { linux: 'linux', darwin: 'darwin', win32: 'win32', windows: 'win32', win: 'win32' }
const processors = { x64: 'x64', arm64: 'arm64', '64': 'x64' }
const others = ['android', 'freebsd', 'netbsd', 'openbsd', 'sunos', 'aix', 'openharmony', 'wasm32']

function platformOf(name: string) {
  const words = name.split(/[-/]/)
  const os = words.map((word) => systems[word as keyof typeof systems]).find(Boolean)
  const foreign = words.find((word) => others.includes(word))
  const cpu = words.map((word) => processors[word as keyof typeof processors]).find(Boolean)
  if ((!os && !foreign) || !cpu)
    throw new Error(`${name}: its name tells no platform; add it to the lock by hand.`)
  return { os: [os ?? foreign], cpu: [cpu], ...(words.includes('musl') ? { libc: ['musl'] } : {}) }
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as LockFile
const isNested = (owner: string, name: string) => `${owner}/node_modules/${name}` in lock.packages

for (const [owner, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (`node_modules/${name}` in lock.packages || isNested(owner, name)) continue
    lock.packages[`node_modules/${name}`] = { version, ...platformOf(name), dev: true, optional: true }
    console.log(`added ${name} ${version}`)
  }
}
const ordered = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1))
lock.packages = Object.fromEntries(ordered)
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`)
