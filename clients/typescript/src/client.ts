/** A typed client of one deployment: each call is a route of its `/docs`, and gives what a success answers. */
import createFetchClient, {
  type ClientPathsWithMethod,
  type MaybeOptionalInit,
  type MethodResponse,
} from 'openapi-fetch'
import { keyedPaths, type paths } from './api.ts'
import { type Patience, persistent, type World } from './persist.ts'

export interface ClientOptions {
  /** Where the deployment is, such as `https://pay.example`. */
  url: string
  /** A secret key on a server, a publishable one in a browser or app, or an operator's token. */
  key: string
  /** 4 tries of at most 20 s each, none of which begins after 60 s, unless said otherwise. */
  patience?: Partial<Patience>
  /** For tests and special networks: what to use in place of the platform's own. */
  world?: Partial<World & { newKey(): string }>
}

type Method = 'get' | 'put' | 'post' | 'patch' | 'delete'
type RequiredKeys<T> = { [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? never : K }[keyof T]
type FetchClient = ReturnType<typeof createFetchClient<paths>>
type PathsOf<M extends Method> = ClientPathsWithMethod<FetchClient, M>
/** What a success answers; `undefined` where it has no body. */
type Success<M extends Method, P extends PathsOf<M>, I> = [MethodResponse<FetchClient, M, P, I>] extends [
  never,
]
  ? undefined
  : MethodResponse<FetchClient, M, P, I>

/**
 * Calls a route and gives what its success answers. `init` has the route's `params` (`path`, `query`, `header`) and
 * `body`, and takes a `signal`. Throws `Problem` when the gateway refuses and `NoAnswer` when nothing is heard.
 */
export type Call<M extends Method> = <P extends PathsOf<M>, I extends MaybeOptionalInit<paths[P], M>>(
  path: P,
  ...init: [RequiredKeys<I>] extends [never] ? [I?] : [I]
) => Promise<Success<M, P, I>>

/** A deployment, as one key's holder may call it. */
export interface Client {
  get: Call<'get'>
  put: Call<'put'>
  /** A POST that moves money goes out under a fresh idempotency key, unless `params.header` names one. */
  post: Call<'post'>
  patch: Call<'patch'>
  delete: Call<'delete'>
}

/** Makes a client. Throws for a secret key in a browser, where everybody could read it. */
export function createClient({ url, key, patience, world }: ClientOptions): Client {
  if ('document' in globalThis && /^(sk|op)_/.test(key))
    throw new Error(
      'A secret key or an operator token must not reach a browser; use a publishable key there.',
    )
  const { newKey, ...ours } = { ...platform, ...world }
  const client = createFetchClient<paths>({
    baseUrl: url,
    headers: { authorization: `Bearer ${key}` },
    fetch: persistent(ours, { tries: 4, timeoutMs: 20_000, withinMs: 60_000, ...patience }),
  })
  client.use({
    onRequest({ request, schemaPath }) {
      if (request.method !== 'POST' || !keyedPaths.includes(schemaPath)) return
      if (!request.headers.has('idempotency-key')) request.headers.set('idempotency-key', newKey())
    },
  })
  // Refusals were thrown on the way, so there is nothing but data here; `Call` says which.
  const calling = (method: Method) =>
    (async (path: never, init: never) => (await client.request(method, path, init)).data) as never
  return {
    get: calling('get'),
    put: calling('put'),
    post: calling('post'),
    patch: calling('patch'),
    delete: calling('delete'),
  }
}

const platform: World & { newKey(): string } = {
  fetch: (request) => fetch(request),
  now: () => Date.now(),
  random: () => Math.random(),
  newKey: () => crypto.randomUUID(),
  wait: (ms, signal) =>
    new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer)
        reject(signal.reason)
      }
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stop)
        resolve()
      }, ms)
      signal.addEventListener('abort', stop, { once: true })
      if (signal.aborted) stop()
    }),
}
