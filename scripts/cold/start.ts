/**
 * Starts the real runtime on one file of code, and prints how much CPU it has taken until it was ready: milliseconds of all
 * threads, and of the one that runs the code. In a process of its own, which ends when that is known. Linux only.
 */
import type { ChildProcess } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'

const [file = '', compatibilityDate = ''] = process.argv.slice(2)
let pid = 0
subscribe('child_process', (message) => {
  const child = (message as { process: ChildProcess }).process
  child.once('spawn', () => {
    if (path.basename(child.spawnfile).startsWith('workerd')) pid = child.pid ?? 0
  })
})

const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    ...{ compatibilityDate, cf: false, telemetry: { enabled: false }, log: new Log(LogLevel.NONE) },
    modulesRoot: path.dirname(file),
    modules: [{ type: 'ESModule', path: file, contents: readFileSync(file, 'utf8') }],
  }),
)
await miniflare.ready
const threads = readdirSync(`/proc/${pid}/task`)
const all = threads.map(ranMs).reduce((sum, one) => sum + one, 0)
console.log(JSON.stringify({ all, code: ranMs(String(pid)) }))
await miniflare.dispose()

/** What a thread has run for, by the scheduler's own clock, which counts nanoseconds. */
function ranMs(thread: string): number {
  const [ns] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')
  return Number(ns) / 1_000_000
}
