/**
 * Scalar's reference as one script. The package of that name brings 180 others to build it from, of which nothing runs
 * here; the plugin for Fastify carries the finished script and serves it, so it is asked for it.
 */
import plugin from '@scalar/fastify-api-reference'

interface Route {
  url: string
  handler: (request: object, reply: object) => unknown
}

/** The script's text. Throws when the plugin does not serve one any more. */
export async function referenceScript(): Promise<string> {
  const routes: Route[] = []
  const fastify = {
    initialConfig: {},
    hasPlugin: () => false,
    route: (route: Route) => routes.push(route),
  }
  const install = plugin as unknown as (fastify: object, options: object, done: () => void) => void
  install(fastify, { routePrefix: '/docs', configuration: { url: '/openapi.json' } }, () => undefined)
  let script: unknown
  const reply: Record<string, unknown> = {
    header: () => reply,
    send: (body: unknown) => {
      script = body
    },
  }
  await routes.find(({ url }) => url.endsWith('.js'))?.handler({}, reply)
  if (typeof script !== 'string' || !script.includes('createApiReference'))
    throw new Error('@scalar/fastify-api-reference does not serve its script any more.')
  // There is no map beside it.
  return script.replace(/\n\/\/# sourceMappingURL=\S+\s*$/, '\n')
}
