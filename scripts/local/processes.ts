/**
 * Telling one process from another. A number alone says little, because the system gives it to somebody else once its
 * owner has ended; the number and the moment of birth together name one process for good.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

/** Names one process, also after it has ended and its number is somebody else's. */
export interface ProcessName {
  pid: number
  /** When it began and what it runs, in the system's own words. */
  birth: string
}

/** The full name of a running process; null when there is none, or the system does not tell. */
export function nameOf(pid: number): ProcessName | null {
  const birth = process.platform === 'linux' ? birthFromProc(pid) : birthFromPs(pid)
  return birth === null ? null : { pid, birth }
}

function birthFromProc(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command stands in brackets and may hold any character, so the fields are counted behind the last one.
    const command = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [state, startTime] = [fields[0], fields[19]]
    return state === 'Z' || startTime === undefined ? null : `${startTime} ${command}`
  } catch {
    return null
  }
}

function birthFromPs(pid: number): string | null {
  if (process.platform === 'win32') return null
  const { status, stdout } = spawnSync('ps', ['-o', 'lstart=,comm=', '-p', String(pid)], { encoding: 'utf8' })
  const text = stdout?.trim() ?? ''
  return status === 0 && text !== '' ? text : null
}

export function isRunning(named: ProcessName): boolean {
  return nameOf(named.pid)?.birth === named.birth
}

/** Ends exactly this process at once and waits until it is gone. Does nothing when its number is another's by now. */
export async function endProcess(named: ProcessName): Promise<boolean> {
  if (!isRunning(named)) return false
  process.kill(named.pid, 'SIGKILL')
  for (let waitedMs = 0; waitedMs < 5_000 && isRunning(named); waitedMs += 20) await pause(20)
  return true
}
