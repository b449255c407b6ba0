// Builds the storefront kit with its types into clients/storefront/dist, and prints what its entries weigh.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { buildKit, gzippedBytes, kitLimitBytes } from './storefront/build.ts'

const checkout = path.resolve(import.meta.dirname, '..')
const dist = path.join(checkout, 'clients/storefront/dist')

await buildKit(checkout, dist)
const bootstrap = path.join(checkout, 'scripts/bootstrap.mjs')
const types = ['--bin', 'tsc', '-p', 'clients/storefront/tsconfig.json']
const typed = spawnSync(process.execPath, [bootstrap, ...types], { cwd: checkout, stdio: 'inherit' })
if (typed.status !== 0) process.exit(1)

for (const entry of ['index.js', 'react.js'])
  console.log(`clients/storefront/dist/${entry}  ${gzippedBytes(path.join(dist, entry))} bytes gzipped`)
console.log(`The first may have ${kitLimitBytes}.`)
