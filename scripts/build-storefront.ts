// Builds the storefront kit with its types into clients/storefront/dist, and the demo store, and prints what they weigh.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { storePagesOf } from './local/build.ts'
import { buildKit, gzippedBytes, kitLimitBytes, storeLimitBytes } from './storefront/build.ts'

const checkout = path.resolve(import.meta.dirname, '..')
const dist = path.join(checkout, 'clients/storefront/dist')

await buildKit(checkout, dist)
const bootstrap = path.join(checkout, 'scripts/bootstrap.mjs')
const types = ['--bin', 'tsc', '-p', 'clients/storefront/tsconfig.json']
const typed = spawnSync(process.execPath, [bootstrap, ...types], { cwd: checkout, stdio: 'inherit' })
if (typed.status !== 0) process.exit(1)

const tell = (file: string, limit?: number) => {
  const allowed = limit === undefined ? '' : ` of ${limit}`
  console.log(`${path.relative(checkout, file)}  ${gzippedBytes(file)}${allowed} bytes gzipped`)
}
tell(path.join(dist, 'index.js'), kitLimitBytes)
tell(path.join(dist, 'react.js'))
const assets = path.join(await storePagesOf(checkout), 'assets')
for (const name of readdirSync(assets)) tell(path.join(assets, name), storeLimitBytes)
