// Builds the storefront kit with its types into clients/storefront/dist, and the demo store, and prints what they weigh.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { storePagesOf } from './local/build.ts'
import { filesIn, limits, sizeLine } from './sizes.ts'
import { buildKit } from './storefront/build.ts'

const checkout = path.resolve(import.meta.dirname, '..')
const dist = 'clients/storefront/dist'

await buildKit(checkout, path.join(checkout, dist))
const bootstrap = path.join(checkout, 'scripts/bootstrap.mjs')
const types = ['--bin', 'tsc', '-p', 'clients/storefront/tsconfig.json']
const typed = spawnSync(process.execPath, [bootstrap, ...types], { cwd: checkout, stdio: 'inherit' })
if (typed.status !== 0) process.exit(1)

for (const [name, limit] of [
  ['index.js', limits.kit],
  ['react.js', limits.kitReact],
] as const)
  console.log(sizeLine(`${dist}/${name}`, [path.join(checkout, dist, name)], limit))
console.log(
  sizeLine('the demo store', filesIn(path.join(await storePagesOf(checkout), 'assets')), limits.store),
)
