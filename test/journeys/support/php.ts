/** PHP for journeys, found once for all of them (`programs.ts`). */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'
import { inject } from 'vitest'
import { eventually } from './eventually.ts'
import { noPhp } from './programs.ts'

const endWithinMs = 60_000

/** The program. Throws, and says what would help, on a machine that has none. */
export function phpProgram(): string {
  const { php } = inject('programs')
  if (php === null) throw new Error(noPhp)
  return php
}

/** Runs PHP to its end and gives what it printed. Throws with its complaints when it fails. */
export async function php(args: string[], cwd: string, env: Record<string, string> = {}): Promise<string> {
  const options = { cwd, env: { ...process.env, ...env }, timeout: endWithinMs }
  const { stdout } = await promisify(execFile)(phpProgram(), [...strict, ...args], options)
  return stdout
}

/** Every notice is shown, since a client must not cause any. */
const strict = ['-d', 'error_reporting=-1', '-d', 'display_errors=stderr']

/** PHP's own server, which gives every request to this script; whoever starts it kills it. */
export async function servePhp(
  script: string,
  port: number,
  cwd: string,
  env: Record<string, string>,
): Promise<ChildProcess> {
  const args = [...strict, '-S', `127.0.0.1:${port}`, script]
  const server = spawn(phpProgram(), args, { cwd, env: { ...process.env, ...env }, stdio: 'ignore' })
  await eventually(() => fetch(`http://127.0.0.1:${port}/`))
  return server
}
