// Prints what the Worker in dist/ weighs, and the files beside it in public/, which weigh on none of its starts.
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { limits, sizeLine, workerFiles } from './sizes.ts'

const checkout = path.resolve(import.meta.dirname, '..')
const assets = path.join(checkout, 'public')

console.log(sizeLine('dist', workerFiles(path.join(checkout, 'dist')), limits.worker))
for (const entry of readdirSync(assets, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue
  const file = path.join(entry.parentPath, entry.name)
  console.log(sizeLine(path.relative(checkout, file), [file]))
}
