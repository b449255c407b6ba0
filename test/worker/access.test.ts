// Operators who come through Cloudflare Access: keys made here, a team that serves them, and whoever tries without.
import { exportJWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { allow, mayAct } from '../../src/http/auth.ts'
import { clearDirectory } from '../../src/store/directory.ts'
import { aPair, aTeam, here, type Pair, said as saidOf, settings, signedBy, TEAM } from './access-rig.ts'
import { ADMIN, aDoor } from './door.ts'
import type { Json } from './till.ts'

const ANI = 'ani@shop.example'

let pairs: { served: Pair; next: Pair }
beforeAll(async () => {
  pairs = { served: await aPair(), next: await aPair() }
})

let team: ReturnType<typeof aTeam>
beforeEach(() => {
  clearDirectory()
  team = aTeam(pairs.served)
})

const said = (door: Door, claims: JWTPayload = {}, where = here, lives = 3_600) =>
  saidOf(door, { email: ANI, ...claims }, where, lives)

const signed = (what: ReturnType<typeof said>, { kid = 'k1', pair = pairs.served } = {}) =>
  signedBy(pair, what, kid)

type Door = ReturnType<typeof aDoor>

/** A merchant with an operator whose e-mail is Ani's, behind a route that tells who came. */
async function aDesk(role = 'operator', env: object = settings) {
  const door = aDoor(env)
  door.app.get('/desk', allow('operator'), (c) => c.json(c.var.caller))
  door.app.post('/desk', allow('operator'), (c) => {
    mayAct(c)
    return c.json(c.var.caller)
  })
  const merchant = await door.aMerchant()
  const register = (details: object = {}, status = 201): Promise<Json> =>
    door.json(status, `/v1/admin/merchants/${merchant.id}/operators`, {
      as: ADMIN,
      // Each desk has people of its own, since they share the database.
      body: { name: 'Ani', role, livemode: false, access_email: email, ...details },
    })
  const email = `${merchant.id}@shop.example`
  const operator = await register()
  const come = (token: string, headers: Record<string, string> = {}, method = 'GET') =>
    door.call('/desk', { method, headers: { 'cf-access-jwt-assertion': token, ...headers } })
  const arrive = async (claims: JWTPayload = {}, headers = {}, method = 'GET') =>
    come(await signed(said(door, { email, ...claims })), headers, method)
  return { door, merchant, operator, register, come, arrive, email }
}

describe('an Access identity', () => {
  it('is the operator that was registered for its e-mail, in whatever case', async () => {
    const { arrive, operator, merchant, email } = await aDesk('viewer')
    const response = await arrive({ email: email.toUpperCase() })
    expect([response.status, await response.json()]).toEqual([
      200,
      {
        id: operator.id,
        kind: 'operator',
        merchantId: merchant.id,
        livemode: false,
        role: 'viewer',
        expiresAt: null,
      },
    ])
    expect(operator.access_email).toBe(email)
    expect((await arrive({}, {}, 'POST')).status).toBe(403)
    const { arrive: able } = await aDesk('operator')
    expect((await able({}, {}, 'POST')).status).toBe(200)
  })

  it('costs one fetch and one D1 statement for many requests', async () => {
    const { arrive, door } = await aDesk()
    await arrive()
    door.statements = 0
    for (let n = 0; n < 5; n++) expect((await arrive()).status).toBe(200)
    expect([team.asked, door.statements]).toEqual([1, 0])
  })

  it('is worth nothing within a minute of its operator’s revocation, here at once', async () => {
    const { arrive, door, merchant, operator } = await aDesk()
    expect((await arrive()).status).toBe(200)
    const path = `/v1/admin/merchants/${merchant.id}/operators/${operator.id}`
    await door.json(200, path, { as: ADMIN, method: 'DELETE' })
    expect((await arrive()).status).toBe(401)
  })

  it('ends when its operator’s time does', async () => {
    const { arrive, door, register, email } = await aDesk()
    const other = `later-${email}`
    await register({ access_email: other, expires_at: new Date(door.now + 30_000).toISOString() })
    expect((await arrive({ email: other })).status).toBe(200)
    door.now += 30_000
    expect((await arrive({ email: other })).status).toBe(401)
  })

  it('of a person with several places names the one that it means', async () => {
    const { arrive, register, operator } = await aDesk()
    const live = await register({ livemode: true, role: 'viewer' })
    const asked = await arrive()
    const problem: Json = await asked.json()
    expect([asked.status, problem.operators.split(' ').sort()]).toEqual([403, [operator.id, live.id].sort()])
    const chosen: Json = await (await arrive({}, { 'tollgate-operator': live.id })).json()
    expect(chosen).toMatchObject({ id: live.id, livemode: true, role: 'viewer' })
    const { operator: strangers } = await aDesk()
    expect((await arrive({}, { 'tollgate-operator': strangers.id })).status).toBe(401)
  })

  it('stands back behind a key or token that is sent too', async () => {
    const { arrive, door, merchant, register } = await aDesk()
    const { token, id } = await register({ role: 'admin', access_email: undefined })
    const answered: Json = await (await arrive({}, { authorization: `Bearer ${token}` })).json()
    expect(answered.id).toBe(id)
    const { key } = await door.aKey(merchant.id)
    expect((await arrive({}, { authorization: `Bearer ${key}` })).status).toBe(403)
  })

  it('is the actor of what it does, as its operator', async () => {
    const { door, email, operator } = await aDesk()
    const token = await signed(said(door, { email }))
    const headers = { 'cf-access-jwt-assertion': token, 'idempotency-key': 'k' }
    const asked = { method: 'POST', headers, body: { resolution: 'x', note: 'y' } }
    expect((await door.call('/v1/exceptions/exc_none/resolve', asked)).status).toBe(404)
    expect(JSON.parse(door.lines.at(-1)!)).toMatchObject({ caller: operator.id, proof: 'access' })
    expect(door.lines.join()).not.toContain(email)
  })

  it('acts on its own origin only: another site cannot make a logged-in browser act', async () => {
    const { arrive } = await aDesk()
    for (const origin of ['https://evil.example', 'null'])
      expect((await arrive({}, { origin }, 'POST')).status).toBe(403)
    expect((await arrive({}, { origin: 'https://pay.example' }, 'POST')).status).toBe(200)
  })
})

describe('an Access identity is 401', () => {
  it.each<[string, (door: Door, email: string) => ReturnType<typeof said>]>([
    ['of another audience', (door, email) => said(door, { email }, { ...here, audience: 'c3'.repeat(32) })],
    [
      'of another team',
      (door, email) => said(door, { email }, { ...here, issuer: 'https://x.cloudflareaccess.com' }),
    ],
    ['of a team by http', (door, email) => said(door, { email }, { ...here, issuer: `http://${TEAM}` })],
    ['that has expired', (door, email) => said(door, { email }, here, -11)],
    ['without an e-mail, of a machine', (door) => said(door, { email: undefined, common_name: 'bot' })],
    ['with an e-mail that is none', (door) => said(door, { email: 7 })],
    [
      'that counts only later',
      (door, email) => said(door, { email, nbf: Math.floor(door.now / 1_000) + 60 }),
    ],
    ['that nobody registered', (door) => said(door, { email: 'nobody@shop.example' })],
  ])('%s', async (_what, what) => {
    const { door, come, email } = await aDesk()
    const response = await come(await signed(what(door, email)))
    expect([response.status, await response.json()]).toMatchObject([401, { code: 'unauthorized' }])
  })

  it('signed by nobody, by a shared secret, or by the team’s public key as one', async () => {
    const { door, come, email } = await aDesk()
    const [claims, { issuer, audience, exp }] = said(door, { email })
    const none = new UnsecuredJWT(claims).setIssuer(issuer).setAudience(audience).setExpirationTime(exp)
    const { n } = await exportJWK(pairs.served.publicKey)
    const hmac = (secret: string) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(Math.floor(door.now / 1_000))
        .setExpirationTime(exp)
        .sign(new TextEncoder().encode(secret))
    const forged = [none.setIssuedAt().encode(), await hmac('x'.repeat(32)), await hmac(n ?? '')]
    for (const token of [...forged, 'rubbish', 'a.b.c', 'x'.repeat(20_000)])
      expect((await come(token)).status).toBe(401)
  })

  it('signed by a key of somebody else that bears the team’s name', async () => {
    const { door, come, email } = await aDesk()
    expect((await come(await signed(said(door, { email }), { pair: pairs.next }))).status).toBe(401)
  })

  it('where nothing is configured: the header is not read, and nobody is asked', async () => {
    const { arrive } = await aDesk('operator', {})
    expect([(await arrive()).status, team.asked]).toEqual([401, 0])
  })
})

describe('the team’s keys', () => {
  const byNext = async (door: Door, email: string) =>
    signed(said(door, { email }), { kid: 'k2', pair: pairs.next })

  it('are read again for a key that is new, and no more than once in thirty seconds', async () => {
    const { door, come, arrive, email } = await aDesk()
    await arrive()
    for (let n = 0; n < 5; n++) expect((await come(await byNext(door, email))).status).toBe(401)
    expect(team.asked).toBe(1)
    team.keys = { k1: pairs.served, k2: pairs.next }
    door.now += 30_000
    for (let n = 0; n < 5; n++) expect((await come(await byNext(door, email))).status).toBe(200)
    expect(team.asked).toBe(2)
  })

  it('serve for a day while the team does not answer, and are then 503, never 401', async () => {
    const { door, arrive } = await aDesk()
    await arrive()
    team.isDown = true
    for (const later of [600_000, 3_600_000, 82_000_000]) {
      door.now += later
      expect((await arrive()).status).toBe(200)
    }
    const asked = team.asked
    expect((await arrive()).status).toBe(200)
    expect(team.asked).toBe(asked)
    door.now += 86_400_000
    expect((await arrive()).status).toBe(503)
  })
})

describe('an operator’s access_email', () => {
  it.each(['', 'ani', 'ani@', 7])('cannot be %j', async (wrong) => {
    const { register } = await aDesk()
    const problem = await register({ access_email: wrong }, 422)
    expect(problem.errors.map(({ pointer }: Json) => pointer)).toEqual(['/access_email'])
  })

  it('is in the list, and in the admin log by its name only', async () => {
    const { door, merchant, email } = await aDesk()
    const path = `/v1/admin/merchants/${merchant.id}`
    const { data } = await door.json(200, `${path}/operators`, { as: ADMIN })
    expect(data[0].access_email).toBe(email)
    const log = await door.json(200, `${path}/log`, { as: ADMIN })
    expect(log.data[0].fields).toContain('access_email')
    expect(JSON.stringify(log)).not.toContain(email)
  })
})
