/** The code that a document shows, so that a test runs what a reader copies. */
import { readFileSync } from 'node:fs'

/** A document's code blocks that have a file's name behind their language, by that name. */
export function snippetsOf(document: string): Record<string, string> {
  const blocks = readFileSync(document, 'utf8').matchAll(/^```\w+ (\S+)\n(.*?)^```$/gms)
  return Object.fromEntries([...blocks].map(([, name, code]) => [name!, code!]))
}
