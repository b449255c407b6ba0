/** A Cloudflare Access team of a test's own: keys that are made here, the address that serves them, and who they speak of. */
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { vi } from 'vitest'
import { forgetTeams } from '../../src/http/access.ts'

export const TEAM = 'shop-team.cloudflareaccess.com'
const AUD = 'a1'.repeat(32)
export const settings = { ACCESS_TEAM_DOMAIN: TEAM, ACCESS_AUD: `${'b2'.repeat(32)},${AUD}` }
export const here = { issuer: `https://${TEAM}`, audience: AUD as string | string[] }

export type Pair = Awaited<ReturnType<typeof generateKeyPair>>
export const aPair = (): Promise<Pair> => generateKeyPair('RS256', { extractable: true })

/** The team's certificate address: what it serves, how often it was asked, and whether it answers. */
export function aTeam(served: Pair) {
  forgetTeams()
  const team = { keys: { k1: served } as Record<string, Pair>, asked: 0, isDown: false }
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input) => {
    const { url } = new Request(input)
    if (url !== `https://${TEAM}/cdn-cgi/access/certs`) throw new Error(`Nobody foresaw ${url}.`)
    team.asked += 1
    if (team.isDown) return new Response('', { status: 503 })
    const keys = Object.entries(team.keys).map(async ([kid, { publicKey }]) => ({
      ...(await exportJWK(publicKey)),
      ...{ kid, use: 'sig', alg: 'RS256' },
    }))
    return Response.json({ keys: await Promise.all(keys) })
  })
  return team
}

export interface Clocked {
  now: number
}

/** What an identity says of a person, and for whom and how long it says it. */
export const said = ({ now }: Clocked, claims: JWTPayload, { issuer, audience } = here, lives = 3_600) =>
  [
    { type: 'app', sub: 'subject', ...claims },
    { issuer, audience, iat: Math.floor(now / 1_000), exp: Math.floor(now / 1_000) + lives },
  ] as const

export function signedBy(
  { privateKey }: Pair,
  [claims, { issuer, audience, iat, exp }]: ReturnType<typeof said>,
  kid = 'k1',
): Promise<string> {
  const token = new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid }).setIssuer(issuer)
  return token.setAudience(audience).setIssuedAt(iat).setExpirationTime(exp).sign(privateKey)
}
