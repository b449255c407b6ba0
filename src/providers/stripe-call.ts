/** One call of Stripe's API: its headers, its forms, and what its refusals mean. */
import * as z from 'zod'
import type { Outcome } from '../domain/provider.ts'
import { call, type Fetch, isRefusal, jsonOf, type Limits, usualLimits } from './call.ts'

const API = 'https://api.stripe.com'
/** Pinned, because the shape of answers follows it. Reports come in the version of the endpoint at Stripe. */
const VERSION = '2026-10-28.endive'

/** Who calls, and how. */
export interface StripeAccount {
  secretKey: string
  fetch: Fetch
  apiBase?: string
  limits?: Limits
}

const refusal = z.lazy(() =>
  z.object({
    error: z.object({
      type: z.string(),
      code: z.string().optional(),
      decline_code: z.string().optional(),
      param: z.string().optional(),
    }),
  }),
)

/** A call of Stripe's API; `schema` is what its good answer looks like. Never throws. */
export async function ask<T>(
  options: StripeAccount,
  schema: z.ZodType<T>,
  { path, key, form }: { path: string; key?: string; form?: Record<string, string> },
): Promise<Outcome<T>> {
  const headers: Record<string, string> = {
    authorization: `Bearer ${options.secretKey}`,
    'stripe-version': VERSION,
    ...(key !== undefined && { 'idempotency-key': key }),
    ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
  }
  const init =
    form === undefined
      ? { method: 'GET', headers }
      : { method: 'POST', headers, body: new URLSearchParams(form).toString() }
  const answer = await call(
    options.fetch,
    `${options.apiBase ?? API}${path}`,
    init,
    options.limits ?? usualLimits,
  )
  if (answer.kind === 'no_answer') return { kind: 'unknown', detail: answer.why }
  const body = jsonOf(answer.text)
  const read = schema.safeParse(body)
  if (answer.status === 200 && read.success) return { kind: 'done', value: read.data }
  const refused = refusal.safeParse(body)
  if (isRefusal(answer.status) && refused.success) return declined(answer.status, refused.data.error)
  return { kind: 'unknown', detail: `Stripe answered ${answer.status} with nothing that can be read.` }
}

/** Stripe's sentences may quote keys and customers, so only its fixed words come through. */
function declined(status: number, error: z.output<typeof refusal>['error']): Outcome<never> {
  const { type, code, decline_code: reason, param } = error
  // Somebody else is at it under this key, or was: only the first call's own outcome counts.
  if (status === 409 || type === 'idempotency_error')
    return { kind: 'unknown', detail: 'Stripe knows this call already and does not repeat its answer.' }
  if (status === 401 || status === 403)
    return { kind: 'declined', code: 'bad_credentials', detail: 'Stripe does not accept the secret key.' }
  const words = [code ?? type, reason, param].filter((word) => word && /^[\w.[\]-]{1,100}$/.test(word))
  const detail = words.join(', ')
  const why = reason ?? code
  if (why === 'insufficient_funds' || why === 'expired_card') return { kind: 'declined', code: why, detail }
  if (code === 'amount_too_small' || code === 'amount_too_large')
    return { kind: 'declined', code: 'unsupported_amount', detail }
  if (param !== undefined && /currency\]?$/.test(param))
    return { kind: 'declined', code: 'unsupported_currency', detail }
  return { kind: 'declined', code: type === 'card_error' ? 'declined' : 'invalid_request', detail }
}
