/** One call of Mollie's API, and what its refusals mean. */
import * as z from 'zod'
import type { Outcome } from '../domain/provider.ts'
import { call, type Fetch, isRefusal, jsonOf, type Limits, usualLimits } from './call.ts'

const API = 'https://api.mollie.com'

/** Who calls, and how. */
export interface MollieAccount {
  apiKey: string
  fetch: Fetch
  apiBase?: string
  limits?: Limits
}

const refusal = z.lazy(() =>
  z.object({
    status: z.int(),
    title: z.string(),
    field: z.string().optional().catch(undefined),
  }),
)

/** A call under `/v2`; `schema` is what its good answer looks like. Never throws. */
export async function ask<T>(
  account: MollieAccount,
  schema: z.ZodType<T>,
  {
    method,
    path,
    key,
    body,
  }: { method: 'GET' | 'POST' | 'DELETE'; path: string; key?: string; body?: object },
): Promise<Outcome<T>> {
  const headers: Record<string, string> = {
    authorization: `Bearer ${account.apiKey}`,
    accept: 'application/hal+json',
    // Only POST knows keys; whatever else repeats is harmless there.
    ...(key !== undefined && { 'idempotency-key': key }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  }
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }
  const url = `${account.apiBase ?? API}/v2${path}`
  const answer = await call(account.fetch, url, init, account.limits ?? usualLimits)
  if (answer.kind === 'no_answer') return { kind: 'unknown', detail: answer.why }
  const json = jsonOf(answer.text)
  const read = schema.safeParse(json)
  if ([200, 201, 202, 204].includes(answer.status) && read.success) return { kind: 'done', value: read.data }
  const refused = refusal.safeParse(json)
  if (isRefusal(answer.status) && refused.success) return declined(answer.status, refused.data)
  return { kind: 'unknown', detail: `Mollie answered ${answer.status} with nothing that can be read.` }
}

/** Mollie's sentences may quote what they were given, so only its title and the name of the field come through. */
function declined(status: number, { title, field }: z.output<typeof refusal>): Outcome<never> {
  // Another call under this key is under way; or one like it was made a moment ago, and later the same may be done.
  if (status === 409) return { kind: 'unknown', detail: 'Mollie has a call like this under way.' }
  if (status === 401 || status === 403)
    return { kind: 'declined', code: 'bad_credentials', detail: 'Mollie does not accept the API key.' }
  // Asked for with the key of another profile. What this payment did under its own, nobody said.
  if (status === 404 || status === 410)
    return { kind: 'unknown', detail: 'Mollie does not know this payment under the API key.' }
  const detail = [title, field].filter((word) => word && /^[\w .[\]-]{1,100}$/.test(word)).join(', ')
  if (field === 'amount.currency') return { kind: 'declined', code: 'unsupported_currency', detail }
  if (field === 'amount' || field === 'amount.value')
    return { kind: 'declined', code: 'unsupported_amount', detail }
  return { kind: 'declined', code: 'invalid_request', detail }
}
