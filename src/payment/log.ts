/** The log of everything but requests, which have their own line (`http/request-log.ts`). */

/** One wide line: ids, counts and outcomes, `message` first; never bodies, addresses or personal data. */
export type LogLine = Record<string, string | number | boolean | null>

/** Writes one line of JSON, at `info` unless it says otherwise. */
export function writeLine(line: LogLine): void {
  console.log(JSON.stringify({ level: 'info', at: new Date().toISOString(), ...line }))
}
