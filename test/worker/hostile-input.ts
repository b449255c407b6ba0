// Arbitrary input of the kinds that break parsers, and valid bodies of every route to spoil with it.
import * as fc from 'fast-check'
import { ADMIN } from './door.ts'
import { anOrderId, type Json, SHOP, type Till } from './till.ts'

const utf16 = fc.array(fc.nat(0xffff), { maxLength: 40 }).map((units) => String.fromCharCode(...units))

/** Names that objects have of themselves, and texts that other layers read their own way. */
const traps = [
  ...['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', 'toJSON', 'valueOf', 'then'],
  ...[
    '',
    ' ',
    '\u0000',
    'a\u0000b',
    '\ud800',
    '\udc00\ud800',
    '\ufeff',
    '\u202e\u2066',
    '\u2028',
    '😀',
    'é'.normalize('NFD'),
  ],
  ...[
    "' or 1=1--",
    '"; drop table payments;--',
    '../../etc/passwd',
    '%00',
    '%2e%2e',
    '#{7*7}',
    '{{7*7}}',
    '<script>',
  ],
  ...[
    '\r\nset-cookie: a=b',
    '\n',
    '\t',
    '\\',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'https://[::1]/',
    'http://a:b@c/',
  ],
  ...[
    'https://169.254.169.254/latest',
    'null',
    'undefined',
    'NaN',
    'true',
    '0',
    '-1',
    '1e309',
    '00',
    '0x10',
    '１',
  ],
  ...[
    'x'.repeat(300),
    'x'.repeat(5_000),
    '😀'.repeat(2_000),
    'a.'.repeat(3_000),
    '('.repeat(3_000),
    ' '.repeat(3_000),
  ],
]

export const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...traps) },
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  utf16,
)

const number = fc.oneof(
  fc.constantFrom(
    0,
    -0,
    -1,
    1,
    0.1,
    1.5,
    2 ** 31,
    2 ** 53 - 1,
    2 ** 53,
    2 ** 63,
    1e21,
    1e300,
    5e-324,
    -1e300,
  ),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
)

const nested = fc
  .tuple(fc.integer({ min: 1, max: 200 }), fc.boolean())
  .map(([depth, isList]) =>
    JSON.parse(
      isList ? '['.repeat(depth) + ']'.repeat(depth) : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
    ),
  )

/** Any JSON value. */
export const nasty: fc.Arbitrary<Json> = fc.oneof(
  { weight: 3, arbitrary: text },
  { weight: 2, arbitrary: number },
  fc.constantFrom(null, true, false, [], {}, [null], [[]], { length: 1 }, { $ne: null }),
  fc.jsonValue({ maxDepth: 4 }),
  fc.array(text, { maxLength: 120 }),
  nested,
)

interface Spoil {
  how: 'replace' | 'delete' | 'add' | 'wrap' | 'repeat'
  /** Which of the body's places, counted around. */
  place: number
  name: string
  value: Json
}

const spoil: fc.Arbitrary<Spoil> = fc.record({
  how: fc.constantFrom('replace', 'replace', 'replace', 'delete', 'add', 'wrap', 'repeat'),
  place: fc.nat(1_000),
  name: text,
  value: nasty,
})

/** The text of a JSON body: this one, spoiled in a few places or replaced by anything. Lone surrogates go as escapes. */
export const spoiled = (body: Json): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc
        .array(spoil, { minLength: 1, maxLength: 3 })
        .map((spoils) => spoils.reduce(withOne, JSON.stringify(body))),
    },
    { weight: 1, arbitrary: nasty.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: text },
  )

/** Objects are spoiled as text, since an object cannot hold a name twice, nor one that means its prototype. */
function withOne(json: string, { how, place, name, value }: Spoil): string {
  const members = [...json.matchAll(/"(?:[^"\\]|\\.)*":/g)]
  const member = members[place % Math.max(1, members.length)]
  const spoiling = JSON.stringify(value) ?? 'null'
  const named = `${JSON.stringify(name)}:${spoiling}`
  if (member === undefined) return how === 'wrap' ? `[${json}]` : json.replace('}', () => `${named}}`)
  const start = member.index
  const valueAt = start + member[0].length
  const end = endOfValue(json, valueAt)
  const rest = json.slice(end)
  switch (how) {
    case 'replace':
      return json.slice(0, valueAt) + spoiling + rest
    case 'delete':
      return json.slice(0, start) + rest.replace(/^,/, '')
    case 'add':
      return `${json.slice(0, start) + named},${json.slice(start)}`
    case 'wrap':
      return `${json.slice(0, valueAt)}[${json.slice(valueAt, end)}]${rest}`
    case 'repeat':
      return `${json.slice(0, end)},${member[0]}${spoiling}${rest}`
  }
}

function endOfValue(json: string, from: number): number {
  let depth = 0
  const token = /"(?:[^"\\]|\\.)*"|[{}[\],]/g
  token.lastIndex = from
  for (let match = token.exec(json); match !== null; match = token.exec(json)) {
    const [sign] = match
    if (depth === 0 && (sign === ',' || sign === '}' || sign === ']')) return match.index
    if (sign === '{' || sign === '[') depth += 1
    if (sign === '}' || sign === ']') depth -= 1
  }
  return json.length
}

/** A route that takes a JSON body, with one that it accepts. */
export interface Taker {
  route: string
  path: string
  as: string
  /** The order's number in it is replaced by a fresh one each time. */
  body: Json
  /** What an answer of 201 has made one of. */
  makes?: 'merchants' | 'keys' | 'connections' | 'destinations' | 'books'
}

const customer = { id: 'c-1', email: 'ani@shop.example', phone: '+374 10 123456', name: 'Ani' }
const order = { order_id: 'ORDER', amount: 1_000, currency: 'AMD', return_url: `${SHOP}/done` }
const credentials = { webhook_secrets: ['whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'] }

/** Every route that takes a JSON body; a merchant of its own for the deployer's ones, which may change anything. */
export async function takers(till: Till): Promise<Taker[]> {
  const { door } = till
  const merchant = await door.aMerchant()
  const connection = await door.aConnection(merchant.id)
  const session = await till.open()
  await till.report(session)
  const { token: operator } = await door.json(201, `/v1/admin/merchants/${till.merchantId}/operators`, {
    ...{ as: ADMIN, body: { name: 'Ani', role: 'operator', livemode: false } },
  })
  const destination = await till.json(201, '/v1/destinations', {
    body: { kind: 'crm', url: 'https://crm.example/h', event_types: ['*'] },
  })
  return [
    ...opening(till, await till.token()),
    ...moving(till, session, operator),
    ...business(till, operator, destination.id),
    ...administration(`/v1/admin/merchants/${merchant.id}`, connection.id),
    taker('POST /v1/admin/rebuild', '/v1/admin/rebuild', ADMIN, {
      ...{ merchant_id: merchant.id, order_ids: ['A-1'], livemode: false },
    }),
  ]
}

const taker = (route: string, path: string, as: string, body: Json, makes?: Taker['makes']): Taker => ({
  ...{ route, path, as, body },
  ...(makes === undefined ? {} : { makes }),
})

const opening = (till: Till, orderToken: string): Taker[] => [
  taker(
    'POST /v1/payment-sessions',
    '/v1/payment-sessions',
    till.secretKey,
    {
      ...{
        ...order,
        cancel_url: `${SHOP}/cart`,
        connection_id: till.connectionId,
        description: 'Books',
        customer,
      },
      ...{
        capture_method: 'automatic',
        expires_in: 1_800,
        metadata: { a: 'b' },
        locale: 'hy-AM',
        new_attempt: false,
      },
    },
    'books',
  ),
  taker(
    'POST /v1/payment-sessions',
    '/v1/payment-sessions',
    till.publishable,
    {
      ...{
        order_id: 'ORDER',
        order_token: orderToken,
        client_secret: 'x',
        return_url: `${SHOP}/done`,
      },
      ...{ cancel_url: `${SHOP}/cart`, connection_id: till.connectionId, locale: 'hy', new_attempt: true },
    },
    'books',
  ),
  taker('PUT /v1/orders/:order_id', `/v1/orders/${anOrderId()}`, till.secretKey, {
    ...{ amount: 1_000, currency: 'AMD', description: 'Books', customer, metadata: { a: 'b' } },
    ...{ expires_at: '2999-01-01T00:00:00.000Z', access: 'open' },
  }),
]

const moving = (till: Till, session: Json, operator: string): Taker[] => {
  const { secretKey } = till
  const payment = `/v1/payments/${session.payment_id}`
  return [
    taker('POST /v1/payment-sessions/:id/cancel', `/v1/payment-sessions/${session.id}/cancel`, secretKey, {}),
    taker('POST /v1/payments/:id/capture', `${payment}/capture`, secretKey, {
      amount: 5,
      session_id: session.id,
    }),
    taker('POST /v1/payments/:id/cancel', `${payment}/cancel`, secretKey, { session_id: session.id }),
    taker('POST /v1/payments/:id/refunds', `${payment}/refunds`, secretKey, {
      amount: 1,
      session_id: session.id,
      reason: 'Torn',
    }),
    taker('POST /v1/payments/:id/sync', `${payment}/sync`, secretKey, {}),
    taker('POST /v1/payments/:id/fiscal-receipts', `${payment}/fiscal-receipts`, secretKey, {
      ...{
        kind: 'sale',
        status: 'issued',
        refund_id: 'rfd_x',
        receipt_id: 'r',
        url: 'https://tax.example/r',
        amount: 1_000,
      },
    }),
    taker('POST /v1/payments/:id/fulfillment', `${payment}/fulfillment`, secretKey, {
      status: 'in_progress',
      note: 'Packed',
    }),
    taker('POST /v1/payments/:id/corrections', `${payment}/corrections`, operator, {
      ...{ to_status: 'failed', reason: 'Seen', evidence: 'Statement 5', amount: 1_000 },
    }),
  ]
}

const business = ({ secretKey }: Till, operator: string, destination: string): Taker[] => [
  taker('POST /v1/deliveries/:id/retry', '/v1/deliveries/dlv_x/retry', secretKey, {}),
  taker('POST /v1/exceptions/:id/resolve', '/v1/exceptions/exc_x/resolve', operator, {
    resolution: 'seen',
    note: 'n',
  }),
  taker(
    'POST /v1/destinations',
    '/v1/destinations',
    secretKey,
    {
      ...{ kind: 'crm', url: 'https://crm.example/h', event_types: ['payment.paid'], description: 'CRM' },
      ...{ ordered: false, max_per_second: 5, timeout_ms: 5_000, headers: { 'x-key': 'k' } },
      on_timeout: 'retry',
    },
    'destinations',
  ),
  taker('PATCH /v1/destinations/:id', `/v1/destinations/${destination}`, secretKey, {
    ...{ kind: 'crm', url: 'https://crm.example/h', event_types: ['payment.paid'], description: null },
    ...{ ordered: true, max_per_second: null, timeout_ms: 5_000, headers: { 'x-key': 'k' } },
    on_timeout: 'retry',
  }),
  taker('POST /v1/destinations/:id/replay', `/v1/destinations/${destination}/replay`, secretKey, {
    ...{ from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z', event_types: ['*'], only: 'failed' },
  }),
  ...['rotate-secret', 'test', 'pause', 'resume'].map((action) =>
    taker(`POST /v1/destinations/:id/${action}`, `/v1/destinations/${destination}/${action}`, secretKey, {}),
  ),
  taker('POST /v1/reconciliations/:id/run', '/v1/reconciliations/rcn_x/run', secretKey, {}),
]

const shop = {
  name: 'Shop',
  currencies: ['AMD'],
  allowed_origins: [SHOP],
  allowed_return_addresses: ['app://x'],
  quote_url: 'https://q.example/',
}

const administration = (admin: string, connectionId: string): Taker[] => [
  taker('POST /v1/admin/merchants', '/v1/admin/merchants', ADMIN, shop, 'merchants'),
  taker('PATCH /v1/admin/merchants/:merchantId', admin, ADMIN, {
    ...shop,
    default_connection_id: connectionId,
  }),
  taker(
    'POST /v1/admin/merchants/:merchantId/rotate-order-signing-secret',
    `${admin}/rotate-order-signing-secret`,
    ADMIN,
    { livemode: false },
  ),
  taker(
    'POST /v1/admin/merchants/:merchantId/keys',
    `${admin}/keys`,
    ADMIN,
    { kind: 'secret', livemode: false },
    'keys',
  ),
  taker(
    'POST /v1/admin/merchants/:merchantId/operators',
    `${admin}/operators`,
    ADMIN,
    {
      ...{ name: 'Ani', role: 'viewer', livemode: true, expires_at: '2999-01-01T00:00:00Z' },
      access_email: 'ani@shop.example',
    },
    'keys',
  ),
  taker(
    'POST /v1/admin/merchants/:merchantId/connections',
    `${admin}/connections`,
    ADMIN,
    {
      ...{
        provider: 'sandbox',
        livemode: false,
        credentials,
        settings: { api_base: 'http://127.0.0.1:1' },
        default: false,
      },
    },
    'connections',
  ),
  taker(
    'PATCH /v1/admin/merchants/:merchantId/connections/:connectionId',
    `${admin}/connections/${connectionId}`,
    ADMIN,
    {
      ...{ credentials, settings: {}, disabled: true, default: true },
    },
  ),
  taker(
    'POST /v1/admin/merchants/:merchantId/connections/:connectionId/test',
    `${admin}/connections/${connectionId}/test`,
    ADMIN,
    {},
  ),
]
