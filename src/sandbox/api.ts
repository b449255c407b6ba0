/**
 * The sandbox's API for shops, in its own dialect, as any foreign provider has one: checkouts are opened under an
 * idempotency key, asked about, captured, refunded and canceled. Only the adapter calls it, over the service binding.
 */
import { Hono } from 'hono'
import * as z from 'zod'
import { isSecret } from '../crypto/standard-webhooks.ts'
import { API_ORIGIN, isReference, referenceOf } from './account.ts'
import type { ApiAnswer, SandboxBook, Standing } from './book.ts'

export interface SandboxBindings {
  SANDBOX: DurableObjectNamespace<SandboxBook>
}

const MAX_BODY_BYTES = 64 * 1024
const MAX_TOKENS = 10

const text = z.string().min(1).max(256)
const amount = z.lazy(() => z.int().positive())
const key = z.lazy(() => z.string().min(1).max(255))

const terms = z.lazy(() =>
  z.strictObject({
    account: text,
    session_id: text,
    order_id: text,
    amount,
    currency: z.string().regex(/^[A-Z]{3}$/),
    capture_method: z.enum(['automatic', 'manual']),
    description: z.string().max(1000).nullable(),
    expires_at: z.int().positive(),
    return_url: z.url({ protocol: /^https?$/ }),
    report_url: z
      .url({ protocol: /^https?$/ })
      .refine((url) => !URL.canParse(url) || new URL(url).pathname.startsWith('/webhooks/'), {
        error: 'Not an address for reports.',
      }),
    secrets: z.array(z.string().refine(isSecret)).min(1).max(MAX_TOKENS),
  }),
)
const money = z.lazy(() => z.strictObject({ amount }))
const nothing = z.lazy(() => z.strictObject({}))

export const api = new Hono<{ Bindings: SandboxBindings }>()
  .use(async (c, next) => {
    if (new URL(c.req.url).origin !== API_ORIGIN) return refuse('unknown_checkout')
    return next()
  })
  .post('/checkouts', async (c) => {
    const asked = terms.safeParse(await bodyOf(c.req.raw))
    const under = key.safeParse(c.req.header('idempotency-key'))
    if (!asked.success || !under.success) return refuse('invalid_request')
    const { session_id, order_id, capture_method, expires_at, return_url, report_url, ...same } = asked.data
    const reference = referenceOf(asked.data.account, under.data)
    const answer = await c.env.SANDBOX.getByName(reference).open(
      reference,
      {
        ...same,
        sessionId: session_id,
        orderId: order_id,
        captureMethod: capture_method,
        expiresAt: expires_at,
        returnUrl: return_url,
        reportUrl: report_url,
      },
      tokensOf(c.req.raw),
    )
    return dialect(answer)
  })
  .get('/checkouts', async (c) => {
    const asked = z.object({ account: text, key }).safeParse(c.req.query())
    if (!asked.success) return refuse('invalid_request')
    const reference = referenceOf(asked.data.account, asked.data.key)
    return dialect(await c.env.SANDBOX.getByName(reference).standing(tokensOf(c.req.raw)))
  })
  .get('/checkouts/:reference', async (c) => {
    const reference = c.req.param('reference')
    if (!isReference(reference)) return refuse('unknown_checkout')
    return dialect(await c.env.SANDBOX.getByName(reference).standing(tokensOf(c.req.raw)))
  })
  .post('/checkouts/:reference/:verb{capture|refund|cancel}', async (c) => {
    const { reference, verb } = c.req.param()
    const under = key.safeParse(c.req.header('idempotency-key'))
    const asked = (verb === 'cancel' ? nothing : money).safeParse(await bodyOf(c.req.raw))
    if (!isReference(reference)) return refuse('unknown_checkout')
    if (!asked.success || !under.success) return refuse('invalid_request')
    const wanted = 'amount' in asked.data ? asked.data.amount : 0
    const instruction =
      verb === 'cancel' ? { type: 'cancel' as const } : { type: verb as 'capture', amount: wanted }
    const book = c.env.SANDBOX.getByName(reference)
    return dialect(await book.instruct(instruction, under.data, tokensOf(c.req.raw)))
  })

type Refusal = 'invalid_request' | 'unknown_checkout' | 'wrong_token' | 'key_reused' | 'refused'

const statusOf = {
  invalid_request: 400,
  wrong_token: 401,
  unknown_checkout: 404,
  refused: 409,
  key_reused: 422,
} as const satisfies Record<Refusal, number>

function refuse(code: Refusal, message: string = code): Response {
  return Response.json({ error: { code, message } }, { status: statusOf[code] })
}

function dialect(answer: ApiAnswer): Response {
  switch (answer.kind) {
    case 'standing':
      return Response.json(checkoutOf(answer.standing))
    case 'refused':
      return refuse('refused', answer.why)
    default:
      return refuse(answer.kind)
  }
}

function checkoutOf(standing: Standing) {
  return {
    reference: standing.reference,
    session_id: standing.sessionId,
    order_id: standing.orderId,
    amount: standing.amount,
    currency: standing.currency,
    page: `/sandbox/checkout/${standing.reference}`,
    expires_at: standing.expiresAt,
    state: standing.expired ? 'expired' : standing.payable ? 'payable' : 'over',
    happened: standing.happened.map(({ type, at, amount, refundReference }) => ({
      type,
      at,
      amount,
      ...(refundReference !== undefined && { refund_reference: refundReference }),
    })),
  }
}

/** One token for each secret that the shop has, separated by dots, since secrets change while checkouts are open. */
function tokensOf(request: Request): string[] {
  const bearer = /^Bearer ([0-9a-f.]+)$/.exec(request.headers.get('authorization') ?? '')?.[1]
  return bearer?.split('.').slice(0, MAX_TOKENS) ?? []
}

async function bodyOf(request: Request): Promise<unknown> {
  const length = Number(request.headers.get('content-length') ?? 0)
  if (length > MAX_BODY_BYTES) return undefined
  try {
    return await request.json()
  } catch {
    return undefined
  }
}
