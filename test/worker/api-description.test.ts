// What the API's description says by hand and could say wrongly: which calls ask for an Idempotency-Key. And its own two
// addresses, as the Worker serves them.
import { describe, expect, it } from 'vitest'
import { type Known, routesOf } from '../../src/api/routes.ts'
import { ADMIN, aDoor } from './door.ts'

const door = aDoor()
const merchant = await door.aMerchant()
const { key } = await door.aKey(merchant.id)
const operator = await door.json(201, `/v1/admin/merchants/${merchant.id}/operators`, {
  ...{ as: ADMIN, body: { name: 'Ani', role: 'admin', livemode: false } },
})

/** The first kind of caller that may. */
function callerOf({ traits }: Known): string {
  const callers = traits.flatMap((trait) => (trait.kind === 'callers' ? trait.callers : []))
  if (callers.includes('deployer')) return ADMIN
  return callers.includes('secret') ? key : operator.token
}

/** The path with names that nobody has. */
const pathOf = ({ path, chapter }: Known) =>
  path.replaceAll(/:(\w+)/g, (_, name: string) => String(chapter.parameters[name]?.meta()?.example))

/** What must stand in the query before anything else is looked at. */
const queries: Record<string, string> = {
  'POST /v1/reconciliations': '?connection_id=con_x&from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z',
}

const posts = routesOf(door.app).filter(
  ({ method, traits }) => method !== 'GET' && traits.some(({ kind }) => kind === 'callers'),
)

describe('a call without an Idempotency-Key', () => {
  it.each(posts.map((known) => [`${known.method} ${known.path}`, known] as const))(
    '%s is refused exactly where the description asks for one',
    async (route, known) => {
      const { method, described } = known
      const body = described.example ?? (method === 'DELETE' ? undefined : {})
      const answer = await door.call(`${pathOf(known)}${queries[route] ?? ''}`, {
        method,
        as: callerOf(known),
        body,
      })
      const { code } = answer.status === 204 ? {} : await answer.json<{ code?: string }>()
      if (described.keyed) expect(code).toBe('idempotency_key_missing')
      else expect(code).not.toBe('idempotency_key_missing')
    },
  )
})

describe('the description of the API', () => {
  it('is served beside the Worker, and browsers may show it', async () => {
    const document = await door.json(200, '/openapi.json')
    expect(Object.keys(document.paths)).toContain('/v1/payment-sessions/{id}/live')
    expect(document.openapi).toBe('3.1.1')
  })

  it('is shown by a page that runs nobody else’s script', async () => {
    const page = await door.call('/docs')
    const [, nonce] =
      /script-src 'self' 'nonce-(\w+)'/.exec(page.headers.get('content-security-policy') ?? '') ?? []
    const scripts = (await page.text()).match(/<script[^>]*>/g) ?? []
    expect(scripts.length).toBe(2)
    expect(scripts.filter((script) => !script.includes(`nonce="${nonce}"`))).toEqual([])
  })

  it('lets no other file of the build out', async () => {
    expect((await door.call('/docs/openapi.json')).status).toBe(404)
    expect((await door.call('/docs/')).status).toBe(404)
  })
})
