// Every route that names anything, with what it takes to knock there: for tests of who finds what. A new route is entered here.
export type Kind = 'secret' | 'publishable' | 'operator'

export interface Door {
  /** With the names of what the victim owns in braces. */
  path: string
  /** Which kinds of caller it is open to at all; the others are 403 whatever they name. */
  open: Kind[]
  body?: object
  /** Where the body is a CSV file. */
  file?: string
}

const at = (path: string, open: Kind[], body?: object): Door => ({
  path,
  open,
  ...(body === undefined ? {} : { body }),
})

/** Made up. */
const aSecret = 'whsec_YSBzZWNyZXQgb2Ygbm9ib2R5LCBtYWRlIHVwIGhlcmU='

const both: Kind[] = ['secret', 'operator']
const receipt = { kind: 'sale', status: 'issued', receipt_id: 'r-1' }
const correction = { to_status: 'paid', reason: 'Seen at the bank.' }

/** Routes whose caller proves who it is with a key. */
export const keyed: Record<string, Door> = {
  'GET /v1/deliveries/:id': at('/v1/deliveries/{delivery}', both),
  'DELETE /v1/destinations/:id': at('/v1/destinations/{destination}', ['secret']),
  'GET /v1/destinations/:id': at('/v1/destinations/{destination}', both),
  'GET /v1/destinations/:id/latency': at('/v1/destinations/{destination}/latency', both),
  'GET /v1/destinations/:id/replays': at('/v1/destinations/{destination}/replays', both),
  'GET /v1/destinations/:id/replays/:replayId': at('/v1/destinations/{destination}/replays/{replay}', both),
  'PATCH /v1/destinations/:id': at('/v1/destinations/{destination}', both, { ordered: true }),
  'POST /v1/destinations/:id/pause': at('/v1/destinations/{destination}/pause', both),
  'POST /v1/destinations/:id/replay': at('/v1/destinations/{destination}/replay', both, {
    ...{ from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z', only: 'all' },
  }),
  'POST /v1/destinations/:id/resume': at('/v1/destinations/{destination}/resume', both),
  'POST /v1/destinations/:id/rotate-secret': at('/v1/destinations/{destination}/rotate-secret', both),
  'POST /v1/destinations/:id/test': at('/v1/destinations/{destination}/test', both),
  'GET /v1/events/:id': at('/v1/events/{event}', both),
  'GET /v1/exceptions/:id': at('/v1/exceptions/{exception}', both),
  // With the right client secret too, which a stranger's storefront may have seen.
  'GET /v1/payment-sessions/:id': at('/v1/payment-sessions/{session}?client_secret={secret}', [
    ...both,
    'publishable',
  ]),
  'GET /v1/payments/:id': at('/v1/payments/{payment}', both),
  'GET /v1/payments/:id/journal': at('/v1/payments/{payment}/journal', both),
  'GET /v1/payments/:id/journal/proof': at('/v1/payments/{payment}/journal/proof', both),
  'GET /v1/payments/:id/journal/verify': at('/v1/payments/{payment}/journal/verify', both),
  'POST /v1/deliveries/:id/retry': at('/v1/deliveries/{delivery}/retry', both),
  'POST /v1/exceptions/:id/resolve': at('/v1/exceptions/{exception}/resolve', ['operator'], {
    ...{ resolution: 'seen', note: 'Compared with the bank.' },
  }),
  'POST /v1/payment-sessions/:id/cancel': at('/v1/payment-sessions/{session}/cancel', ['secret']),
  'POST /v1/payments/:id/cancel': at('/v1/payments/{payment}/cancel', both),
  'POST /v1/payments/:id/capture': at('/v1/payments/{payment}/capture', both),
  'POST /v1/payments/:id/corrections': at('/v1/payments/{payment}/corrections', ['operator'], correction),
  'POST /v1/payments/:id/fiscal-receipts': at('/v1/payments/{payment}/fiscal-receipts', both, receipt),
  'POST /v1/payments/:id/fulfillment': at('/v1/payments/{payment}/fulfillment', both, {
    status: 'in_progress',
  }),
  'POST /v1/payments/:id/refunds': at('/v1/payments/{payment}/refunds', both),
  'POST /v1/payments/:id/sync': at('/v1/payments/{payment}/sync', both),
  'GET /v1/reconciliations/:id': at('/v1/reconciliations/{reconciliation}', both),
  'GET /v1/reconciliations/:id/items': at('/v1/reconciliations/{reconciliation}/items', both),
  'GET /v1/reconciliations/:id/items.csv': at('/v1/reconciliations/{reconciliation}/items.csv', both),
  'POST /v1/reconciliations/:id/files': {
    ...at('/v1/reconciliations/{reconciliation}/files', both),
    file: 'reference,amount,currency\n',
  },
  'POST /v1/reconciliations/:id/run': at('/v1/reconciliations/{reconciliation}/run', both),
}

/** Routes of administrators, by what of the victim's they name below a merchant. */
export const administered: Record<string, { path: string; body?: object }> = {
  'DELETE /v1/admin/merchants/:merchantId/keys/:keyId': { path: '/keys/{key}' },
  'DELETE /v1/admin/merchants/:merchantId/operators/:operatorId': { path: '/operators/{operator}' },
  'GET /v1/admin/merchants/:merchantId/connections/:connectionId': { path: '/connections/{connection}' },
  'PATCH /v1/admin/merchants/:merchantId/connections/:connectionId': {
    path: '/connections/{connection}',
    body: { settings: {} },
  },
  'POST /v1/admin/merchants/:merchantId/connections/:connectionId/test': {
    path: '/connections/{connection}/test',
  },
}

/** Routes of administrators that name a merchant only, with what makes something there. */
export const administrations: Record<string, { path: string; body?: object }> = {
  'GET /v1/admin/merchants/:merchantId/connections': { path: '/connections' },
  'GET /v1/admin/merchants/:merchantId/keys': { path: '/keys' },
  'GET /v1/admin/merchants/:merchantId/log': { path: '/log' },
  'GET /v1/admin/merchants/:merchantId/log/verify': { path: '/log/verify' },
  'GET /v1/admin/merchants/:merchantId/operators': { path: '/operators' },
  'POST /v1/admin/merchants/:merchantId/connections': {
    path: '/connections',
    body: { provider: 'sandbox', livemode: false, credentials: { webhook_secrets: [aSecret] } },
  },
  'POST /v1/admin/merchants/:merchantId/keys': { path: '/keys', body: { kind: 'secret', livemode: false } },
  'POST /v1/admin/merchants/:merchantId/operators': {
    path: '/operators',
    body: { name: 'x', role: 'admin', livemode: false },
  },
}

/** Routes of the deployer alone that name a merchant, or nobody's thing: no key or token of a merchant may. */
export const deployers: Record<string, object | undefined> = {
  'GET /v1/admin/merchants/:merchantId': undefined,
  'GET /v1/admin/rebuild/:rebuildId': undefined,
  'PATCH /v1/admin/merchants/:merchantId': { name: 'Mine now' },
  'POST /v1/admin/merchants/:merchantId/rotate-order-signing-secret': {},
}

/** Routes where the id itself, or a signature, is the proof; the tests below say how. */
export const capabilities = [
  ...['GET /pay/:session', 'GET /return/:session', 'POST /return/:session'],
  ...['GET /v1/payment-sessions/:id/live', 'PUT /v1/orders/:order_id'],
  ...['GET /webhooks/:provider/:connection_id', 'POST /webhooks/:provider/:connection_id'],
  ...['GET /sandbox/checkout/:reference', 'POST /sandbox/checkout/:reference'],
  ...['GET /sandbox/api/checkouts/:reference'],
  'POST /sandbox/api/checkouts/:reference/:verb{capture|refund|cancel}',
]
