/**
 * The files beside the Worker, as the platform's asset server gives them. Miniflare has one of its own, but every request
 * of a Worker with assets then passes two Workers more, and the system here is measured.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type Request, Response } from 'miniflare'

const types: Record<string, string> = {
  '.json': 'application/json',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
}

/** Answers requests for the files of this folder, of which it reads each once. */
export function assetsOf(folder: string): (request: Request) => Response {
  const known = new Map<string, { body: Buffer; headers: Record<string, string> }>()
  const find = (pathname: string) => {
    const file = path.join(folder, pathname)
    const type = types[path.extname(file)]
    // Parsing has taken every `..` out of the path.
    if (type === undefined || !existsSync(file)) return undefined
    const body = readFileSync(file)
    const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`
    return { body, headers: { 'content-type': type, etag } }
  }
  return ({ url, headers }) => {
    const { pathname } = new URL(url)
    const found = known.get(pathname) ?? find(pathname)
    if (found === undefined) return new Response('', { status: 404 })
    known.set(pathname, found)
    const isKnown = headers.get('if-none-match') === found.headers.etag
    return isKnown
      ? new Response(null, { status: 304, headers: found.headers })
      : new Response(found.body, { headers: found.headers })
  }
}
