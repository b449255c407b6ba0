/** The Worker's log lines: all of them in a file, and on the terminal only what a person should look at. */
import { createWriteStream, renameSync, statSync } from 'node:fs'
import { olderLog } from './folder.ts'

const largeBytes = 20 * 1024 * 1024

export interface GatewayLog {
  write(level: string, text: string): void
}

/** Opens the log for appending; one that has grown large is put aside first. */
export function openLog(file: string): GatewayLog {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > largeBytes) renameSync(file, olderLog(file))
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 })
  return {
    write(level, text) {
      stream.write(`${text}\n`)
      if (level === 'error' || level === 'warn') process.stderr.write(`${text}\n`)
    },
  }
}
