/** One call of Adyen's API: its headers, and what its refusals mean. */
import * as z from 'zod'
import type { Outcome } from '../domain/provider.ts'
import { call, type Fetch, isRefusal, jsonOf, type Limits, usualLimits } from './call.ts'

export const VERSION = 'v71'
const TEST_BASE = `https://checkout-test.adyen.com/${VERSION}`

/** Who calls, and how. */
export interface AdyenAccount {
  apiKey: string
  merchantAccount: string
  fetch: Fetch
  /** With the version; Adyen's test system when left out. */
  apiBase?: string
  limits?: Limits
}

const refusal = z.lazy(() => z.object({ errorCode: z.string().max(20) }))

/** A call of Adyen's API; `schema` is what its good answer looks like. Never throws. */
export async function ask<T>(
  { apiKey, apiBase = TEST_BASE, fetch, limits = usualLimits }: AdyenAccount,
  schema: z.ZodType<T>,
  { path, key, body, method = body === undefined ? 'GET' : 'POST' }: Asking,
): Promise<Outcome<T>> {
  const headers: Record<string, string> = {
    'x-api-key': apiKey,
    ...(key !== undefined && { 'idempotency-key': key }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  }
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }
  const answer = await call(fetch, `${apiBase}${path}`, init, limits)
  if (answer.kind === 'no_answer') return { kind: 'unknown', detail: answer.why }
  const said = jsonOf(answer.text)
  const read = schema.safeParse(said)
  if ((answer.status === 200 || answer.status === 201) && read.success)
    return { kind: 'done', value: read.data }
  const refused = refusal.safeParse(said)
  if (isRefusal(answer.status) && refused.success) return declined(answer.status, refused.data.errorCode)
  return { kind: 'unknown', detail: `Adyen answered ${answer.status} with nothing that can be read.` }
}

interface Asking {
  path: string
  key?: string
  body?: object
  method?: string
}

/** Adyen's sentences may quote what was sent, so only its codes come through. */
function declined(status: number, code: string): Outcome<never> {
  // Somebody else is at it under this key, or was: only the first call's own outcome counts.
  if (status === 409 || code === '704')
    return { kind: 'unknown', detail: 'Adyen knows this call already and does not repeat its answer.' }
  if (status === 401 || status === 403)
    return {
      kind: 'declined',
      code: 'bad_credentials',
      detail: 'Adyen does not accept the API key, or not for this merchant account.',
    }
  const detail = `Adyen's error ${/^\w+$/.test(code) ? code : 'without a code'}`
  if (code === '137') return { kind: 'declined', code: 'unsupported_amount', detail }
  return { kind: 'declined', code: code === '138' ? 'unsupported_currency' : 'invalid_request', detail }
}
