/** `/v1/payment-sessions`, the orders behind them, and what a customer's browser passes. */
import * as z from 'zod'
import { sessionBody } from '../http/open-request.ts'
import { connectionId, orderNumber, paymentId, reducedSession, session, sessionId } from './payment-shapes.ts'
import { type Chapter, currencyCode, livemode, minor, time } from './route.ts'

const opened = 'The session. Send the customer to its `checkout_url`.'

export const paymentSessions: Chapter = {
  name: 'Payment sessions',
  about: 'An attempt at a provider’s checkout. The amount is fixed on the server, never by a browser.',
  parameters: { id: sessionId },
  routes: {
    'POST /v1/payment-sessions': {
      id: 'openPaymentSession',
      does: 'Open a session for an order',
      more: [
        'With a **secret key** the call carries `amount` and `currency`, or the order is registered. With a',
        '**publishable key** the amount comes from the registered order, from an `order_token`, or from the merchant’s',
        'quote address (`quote`); `amount` in a browser’s body is refused.\n\n',
        'After a lost answer or a 503 send the same request with the same key: the same attempt goes on. Any other key for',
        'the same order continues it too, and is answered 200.',
      ].join(' '),
      keyed: true,
      body: sessionBody,
      example: {
        ...{
          order_id: 'A-1001',
          amount: 1_250_000,
          currency: 'AMD',
          return_url: 'https://shop.example/thanks',
        },
      },
      answers: { 201: [opened, session], 200: ['The session of this order that is open already.', session] },
      refuses: [
        ...(['order_locked', 'order_already_paid', 'order_expired', 'previous_attempt_in_doubt'] as const),
        ...(['too_many_attempts', 'order_token_invalid', 'order_token_expired'] as const),
        ...(['order_token_superseded', 'amount_mismatch', 'currency_mismatch', 'provider_declined'] as const),
        ...(['provider_unavailable', 'quote_refused', 'quote_unavailable'] as const),
      ],
    },
    'GET /v1/payment-sessions/:id': {
      id: 'readPaymentSession',
      does: 'Read a session',
      more:
        'Whole for a secret key; without `client_secret` for an operator; reduced to what a browser may know for a ' +
        'publishable key, which must send the `client_secret` of the session.',
      answers: { 200: ['The session.', z.union([session, reducedSession])] },
      refuses: ['not_found'],
    },
    'POST /v1/payment-sessions/:id/cancel': {
      id: 'cancelPaymentSession',
      does: 'End a session that nobody has paid',
      keyed: true,
      answers: {
        200: ['It is ended, at the provider too.', session],
        202: ['It is `ending`: the provider has not confirmed, and it may still be paid.', session],
      },
      refuses: ['not_found', 'not_allowed_now'],
    },
    'GET /v1/payment-sessions/:id/live': {
      id: 'watchPaymentSession',
      does: 'Watch a session’s status as it changes',
      more:
        'Server-sent events named `payment`, each with the reduced session as its data; the stream closes after 25 s and ' +
        'browsers come back by themselves. Asked with `Upgrade: websocket` it is a WebSocket. The `client_secret` is the proof.',
      answers: {
        200: ['The events.', 'text/event-stream'],
        101: ['A WebSocket that sends the reduced session as JSON text.'],
      },
      refuses: ['not_found', 'forbidden', 'unauthorized'],
    },
  },
}

const order = z
  .object({
    object: z.literal('order'),
    order_id: orderNumber,
    payment_id: paymentId,
    amount: minor,
    currency: currencyCode,
    description: z.string().nullable(),
    metadata: z.record(z.string(), z.string()),
    access: z.enum(['token', 'open']),
    expires_at: time.nullable(),
    order_token: z
      .string()
      .meta({ description: 'Lets a browser open a session for this order; hand it to the storefront.' }),
    created_at: time,
    livemode,
  })
  .meta({ id: 'Order' })

export const orders: Chapter = {
  name: 'Orders',
  about: 'The merchant’s back end fixes an order’s terms before any browser is involved.',
  parameters: { order_id: orderNumber },
  routes: {
    'PUT /v1/orders/:order_id': {
      id: 'registerOrder',
      does: 'Register an order',
      more: 'Repeating it with the same values changes nothing and mints a fresh `order_token`.',
      example: { amount: 1_250_000, currency: 'AMD', description: 'One bag of coffee' },
      answers: { 200: ['The order, registered before.', order], 201: ['The order.', order] },
      refuses: ['order_locked', 'order_already_paid', 'currency_mismatch', 'amount_mismatch'],
    },
  },
}

const page = 'text/html; charset=UTF-8'

export const browser: Chapter = {
  name: 'The customer’s way',
  about: 'Addresses for a customer’s browser. Neither believes what the browser brings.',
  parameters: { session: sessionId },
  routes: {
    'GET /pay/:session': {
      id: 'goToCheckout',
      does: 'Send the customer to the provider’s checkout',
      answers: {
        303: ['To the provider, or back to the store when the session has ended.'],
        200: ['A form that posts itself to a provider that takes no redirect.', page],
        503: ['The checkout is being prepared; the page tries again by itself.', page],
      },
      refuses: ['not_found'],
    },
    'GET /return/:session': {
      id: 'comeBack',
      does: 'Bring the customer back to the store',
      more: 'Asks the provider where needed, and changes no status by anything that the browser says.',
      answers: { 303: ['To the `return_url` or `cancel_url`, with `session_id` and `order_id` added.'] },
      refuses: ['not_found'],
    },
    'POST /return/:session': {
      id: 'comeBackWithForm',
      does: 'Bring the customer back to the store, from a provider that posts',
      answers: { 303: ['To the `return_url` or `cancel_url`, with `session_id` and `order_id` added.'] },
      refuses: ['not_found'],
    },
  },
}

export const ingress: Chapter = {
  name: 'Provider reports',
  about: 'Where providers report. The answer is the provider’s own dialect; `docs/providers` says which.',
  parameters: {
    provider: z.string().meta({ description: 'The provider’s name.', example: 'stripe' }),
    connection_id: connectionId,
  },
  routes: {
    'GET /webhooks/:provider/:connection_id': {
      id: 'reportByQuery',
      does: 'Take a report that comes as a query',
      speaks: 'dialect',
      answers: { 200: ['It is durable: applied, repeated, stale or parked.', '*/*'] },
      refuses: ['not_found', 'temporarily_unavailable'],
    },
    'POST /webhooks/:provider/:connection_id': {
      id: 'report',
      does: 'Take a report',
      more: 'Sandbox reports carry Standard Webhooks headers. A forged or stale one is refused, and nothing changes.',
      speaks: 'dialect',
      answers: { 200: ['It is durable: applied, repeated, stale or parked.', '*/*'] },
      refuses: ['not_found', 'body_too_large', 'temporarily_unavailable'],
    },
  },
}
