/** What is shipped may weigh this much. The build prints it, and the house tests hold it. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'

/** Bytes, gzipped. */
export const limits = {
  /** What Cloudflare loads for the first request of an isolate. */
  worker: 1_000_000,
  /** The storefront kit in a store's page. */
  kit: 5_000,
  /** Its React hooks, without React and without the kit. */
  kitReact: 1_000,
  /** Everything that the demo store's pages load. */
  store: 90_000,
} as const

/** Function calls that the Worker makes while it is loaded, before any request. */
export const mostStartCalls = 20_000

/** The size of files as a browser or Cloudflare loads them, in bytes. */
export const gzippedBytes = (...files: string[]): number =>
  files.map((file) => gzipSync(readFileSync(file), { level: 9 }).length).reduce((sum, size) => sum + size, 0)

/** The files in the folder of a wrangler build that are uploaded as the Worker. */
export const workerFiles = (folder: string): string[] =>
  filesIn(folder).filter((file) => !/\.map$|README\.md$/.test(file))

/** All files of a folder that lie in it itself. */
export const filesIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => path.join(folder, name))

/** A line about what was built, such as `dist  240000 of 1000000 bytes gzipped`. */
export function sizeLine(name: string, files: string[], limit?: number): string {
  const allowed = limit === undefined ? '' : ` of ${limit}`
  return `${name}  ${gzippedBytes(...files)}${allowed} bytes gzipped`
}
