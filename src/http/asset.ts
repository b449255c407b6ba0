/** Files that were made with the Worker and lie beside it (scripts/make-public.ts). */
import type { Context } from 'hono'
import type { Gateway } from './gateway.ts'

/** The file at this path of `public/`; a browser asks again whether it has changed. */
export async function asset(c: Context<Gateway>, path: string, headers: Record<string, string> = {}) {
  const etag = c.req.header('if-none-match')
  const found = await c.env.ASSETS.fetch(
    new Request(new URL(path, c.var.origin), {
      headers: etag === undefined ? {} : { 'if-none-match': etag },
    }),
  )
  const answer = new Response(found.body, found)
  answer.headers.set('cache-control', 'no-cache')
  for (const [name, value] of Object.entries(headers)) answer.headers.set(name, value)
  return answer
}
