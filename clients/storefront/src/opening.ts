/**
 * Opening a checkout: one request under one key, repeated until the gateway has answered, so that a double click, a reload
 * or a lost network never make a second one. What the customer is told meanwhile goes through `tell`.
 */
import { type Answer, backoffMs, call, type Gateway } from './gateway.ts'
import { type Intent, type Intents, type Keyed, nameOf } from './intents.ts'
import { isOver, type SessionView, type State, stateOf } from './states.ts'
import type { Surroundings } from './surroundings.ts'

/** Tries of one request: about a minute without an answer. */
const MOST_TRIES = 8
/** Other requests that one intent may become: a fresh token, a new key, an open checkout ended. */
const MOST_TURNS = 4

interface Opening {
  around: Surroundings
  gateway: Gateway
  intents: Intents
  intent: Intent
  /** Fires when the customer means something else by now: nothing more is sent, and the page stays. */
  overtaken: AbortSignal
  tell(state: State): void
}

/** Opens the checkout of an intent, or finds the one that is open, and goes there. Answers the last state; never throws. */
export async function open(opening: Opening): Promise<State> {
  const tell = (state: State) => opening.overtaken.aborted || opening.tell(state)
  tell({ status: 'opening' })
  const state = await stateAfter(opening).catch(
    (error: Error): State => ({ status: 'needs_attention', code: 'unavailable', detail: error.message }),
  )
  tell(state)
  return state
}

async function stateAfter(opening: Opening): Promise<State> {
  const { intents, intent } = opening
  let token = await tokenOf(intent)
  for (let turn = 1; ; turn += 1) {
    const name = nameOf(intent, token)
    const earlier = await earlierOf(opening, intents.find(name))
    if (earlier !== null && earlier.status !== 'failed' && earlier.status !== 'expired') return earlier
    // Its session has ended without money, so the key would only bring that one back.
    const keyed = earlier === null ? intents.find(name) : intents.renew(name)
    const answer = await asked(opening, keyed, token)
    if (opening.overtaken.aborted) return { status: 'idle' }
    if (answer.kind === 'done') return leave(opening, name, keyed, answer.body)
    if (answer.kind === 'again') return { status: 'needs_attention', code: answer.code }
    const { code } = answer
    const canTurn = turn < MOST_TURNS
    if (canTurn && code === 'idempotency_key_reused') intents.renew(name)
    else if (canTurn && code === 'order_locked' && intent.replace && !keyed.newAttempt)
      intents.save(name, { ...keyed, newAttempt: true })
    else if (canTurn && code.startsWith('order_token_') && typeof intent.orderToken === 'function')
      token = await tokenOf(intent)
    else return refused(answer)
  }
}

const tokenOf = async ({ orderToken }: Intent): Promise<string | undefined> =>
  typeof orderToken === 'function' ? orderToken() : orderToken

/** Where the session stands that this intent has opened before: gone to while it is open. Null when there is none, or nobody tells. */
async function earlierOf(opening: Opening, keyed: Keyed): Promise<State | null> {
  const { around, gateway, intents, overtaken } = opening
  const { sessionId, checkoutUrl } = keyed
  const secret = sessionId === undefined ? null : intents.secretOf(sessionId)
  if (sessionId === undefined || checkoutUrl === undefined || secret === null) return null
  const answer = await call(around, gateway, statusPath(sessionId, secret), overtaken)
  if (answer.kind !== 'done' || overtaken.aborted) return null
  const state = stateOf(answer.body as unknown as SessionView)
  if (isOver(state)) return state
  around.go(checkoutUrl)
  return { ...state, status: 'redirecting' }
}

async function asked(opening: Opening, keyed: Keyed, token: string | undefined): Promise<Answer> {
  const { around, gateway, intent, overtaken, tell } = opening
  const request = { key: keyed.key, body: bodyOf(intent, token, keyed) }
  for (let tries = 0; ; tries += 1) {
    const answer = await call(around, gateway, '/v1/payment-sessions', overtaken, request)
    if (answer.kind !== 'again' || tries + 1 >= MOST_TRIES || overtaken.aborted) return answer
    tell({ status: 'opening', code: answer.code })
    await around.wait(answer.afterMs ?? backoffMs(tries, around.random()), overtaken)
  }
}

function bodyOf(intent: Intent, token: string | undefined, { newAttempt }: Keyed): Record<string, unknown> {
  return {
    order_id: intent.orderId,
    order_token: token,
    quote: intent.quote,
    customer_token: intent.customerToken,
    return_url: intent.returnUrl,
    cancel_url: intent.cancelUrl,
    connection_id: intent.connectionId,
    locale: intent.locale,
    new_attempt: newAttempt,
  }
}

function leave(
  { around, intents }: Opening,
  name: string,
  keyed: Keyed,
  body: Record<string, unknown>,
): State {
  const { id, client_secret: secret, checkout_url: checkoutUrl } = body as Record<string, string>
  if (id === undefined || secret === undefined || checkoutUrl === undefined)
    return { status: 'needs_attention', code: 'unavailable' }
  // Kept before the page is left: whoever comes back finds out with it.
  intents.save(name, { ...keyed, sessionId: id, checkoutUrl })
  intents.keepSecret(id, secret, name)
  around.go(checkoutUrl)
  return { status: 'redirecting', session: body as unknown as SessionView }
}

function refused({ status, code, detail, body }: Extract<Answer, { kind: 'refused' }>): State {
  if (code === 'order_already_paid') return { status: 'paid', code }
  const said = {
    code: code === 'quote_refused' ? String(body.reason ?? code) : code,
    ...(detail && { detail }),
  }
  return { status: status === 402 ? 'failed' : 'needs_attention', ...said }
}

/** Where a browser reads its session. */
export const statusPath = (id: string, secret: string): string =>
  `/v1/payment-sessions/${encodeURIComponent(id)}?client_secret=${encodeURIComponent(secret)}`
