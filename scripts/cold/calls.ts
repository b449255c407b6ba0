/**
 * Counts the function calls that the Worker's bundle makes while it is loaded, before any request: the same number on every
 * machine, where milliseconds are not. Run with the bundle's file it prints them by whose code was called.
 */

import { readFileSync } from 'node:fs'
import inspector from 'node:inspector/promises'
import { registerHooks } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { ownersIn } from './owners.ts'

const file = path.resolve(process.argv[2] ?? '')
// The runtime's own module, of which a start only extends the class.
const runtime = 'export class DurableObject {}; export class WorkerEntrypoint {}; export const env = {}'
registerHooks({
  resolve: (name, context, next) =>
    name.startsWith('cloudflare:')
      ? { url: `data:text/javascript,${encodeURIComponent(runtime)}`, shortCircuit: true }
      : next(name, context),
})

const session = new inspector.Session()
session.connect()
await session.post('Profiler.enable')
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
const { href } = pathToFileURL(file)
await import(href)
const { result } = await session.post('Profiler.takePreciseCoverage')

const code = readFileSync(file, 'utf8')
const ownerOf = ownersIn(code)
const calls: Record<string, number> = {}
for (const { functions } of result.filter(({ url }) => url === href))
  for (const { ranges } of functions) {
    const [{ startOffset, count } = { startOffset: 0, count: 0 }] = ranges
    const owner = ownerOf(startOffset)
    if (count > 0) calls[owner] = (calls[owner] ?? 0) + count
  }
console.log(JSON.stringify(calls))
