/**
 * Cloudflare Access identities: the JWT that Access puts on each request of somebody who has logged in, signed by the
 * team's own keys. Only RS256, which is what Access signs with; the audience is the application's, the issuer the team's.
 */
import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify } from 'jose'

export type ReadAccessToken =
  /** The e-mail in lower case. */
  | { kind: 'ok'; email: string }
  /** Signed, it says, with a key that is not among these: the team may have a newer one. */
  | { kind: 'unknown_key' }
  /** `why` is for the log. */
  | { kind: 'refused'; why: string }

/** By what a token is judged. */
export interface AccessJudge {
  /** `team.cloudflareaccess.com`. */
  teamDomain: string
  /** The audience tags of the applications that stand before this deployment. */
  audiences: readonly string[]
  /** Milliseconds since the epoch. */
  now: number
}

const LONGEST_TOKEN = 16_384
/** Cloudflare's clock and ours differ by no more. */
const SKEW_SECONDS = 10

/** Never throws on what a token says. */
export async function readAccessToken(
  token: string,
  keys: JSONWebKeySet,
  judge: AccessJudge,
): Promise<ReadAccessToken> {
  if (token.length > LONGEST_TOKEN) return { kind: 'refused', why: 'access_token_long' }
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys), {
      algorithms: ['RS256'],
      issuer: `https://${judge.teamDomain}`,
      audience: [...judge.audiences],
      requiredClaims: ['exp', 'iat', 'email'],
      currentDate: new Date(judge.now),
      clockTolerance: SKEW_SECONDS,
    })
    const { email } = payload
    // A service token is somebody's machine: it has no e-mail, and is no person.
    return typeof email === 'string' && email.includes('@')
      ? { kind: 'ok', email: email.toLowerCase() }
      : { kind: 'refused', why: 'access_no_email' }
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return { kind: 'unknown_key' }
    if (error instanceof errors.JWTExpired) return { kind: 'refused', why: 'access_expired' }
    if (error instanceof errors.JWTClaimValidationFailed)
      return { kind: 'refused', why: `access_claim_${error.claim}` }
    return { kind: 'refused', why: 'access_not_genuine' }
  }
}
