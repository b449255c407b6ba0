/** The built pages, served with a policy under which they can reach this store and the gateway, and nobody else. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

const types: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Addresses that the page itself makes sense of. */
const places = /^\/(|cart|thanks|orders|orders\/[\w.-]+)$/

/** Serves the files of `folder`; null for any other address. */
export function pagesOf(folder: string, gateway: string): (pathname: string) => Response | null {
  const policy = [
    "default-src 'none'",
    ...["script-src 'self'", "style-src 'self'", "img-src 'self' data:"],
    `connect-src 'self' ${gateway} ${gateway.replace(/^http/, 'ws')}`,
    ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
  ].join('; ')
  return (pathname) => {
    if (places.test(pathname))
      return new Response(readFileSync(path.join(folder, 'index.html')), {
        headers: {
          ...{ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' },
          ...{ 'content-security-policy': policy, 'referrer-policy': 'no-referrer' },
          'x-content-type-options': 'nosniff',
        },
      })
    const [, name] = /^\/assets\/([\w.-]+)$/.exec(pathname) ?? []
    const type = types[path.extname(name ?? '')]
    const file = path.join(folder, 'assets', name ?? '')
    if (type === undefined || !existsSync(file)) return null
    // The build names these files after their content.
    const headers = { 'content-type': type, 'cache-control': 'public, max-age=31536000, immutable' }
    return new Response(readFileSync(file), { headers: { ...headers, 'x-content-type-options': 'nosniff' } })
  }
}
