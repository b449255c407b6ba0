/** `/v1/admin`: merchants, their keys, operators, connections and admin log, for the deployer and, in part, for administrators. */
import * as z from 'zod'
import type { viewOf as connectionView } from '../http/admin-connections.ts'
import type { keyView, operatorView } from '../http/admin-keys.ts'
import type { viewOf as entryView } from '../http/admin-log.ts'
import type { viewOf as merchantView } from '../http/admin-merchants.ts'
import { connectionId } from './payment-shapes.ts'
import { proof } from './payments.ts'
import { rebuildId, rebuilds } from './rebuilds.ts'
import { type Chapter, currencyCode, idOf, listOf, livemode, shaped, time } from './route.ts'

const merchantId = idOf('mer', 'A merchant.')
const keyId = idOf('key', 'A key, by its id and not by its text.')
const operatorId = idOf('opr', 'An operator.')

const modes = <S extends z.ZodType>(each: S) => z.object({ test: each, live: each })

const merchantFields = {
  id: merchantId,
  object: z.literal('merchant'),
  name: z.string(),
  currencies: z.array(currencyCode),
  allowed_origins: z.array(z.string()),
  allowed_return_addresses: z.array(z.string()),
  quote_url: z.string().nullable(),
  default_connection_ids: modes(connectionId.nullable()),
  created_at: time,
}
const merchant = shaped<ReturnType<typeof merchantView>>()(merchantFields).meta({ id: 'Merchant' })
const secretText = z.string().meta({ description: 'Shown this once.' })
const newMerchant = z
  .object({ ...merchantFields, order_signing_secrets: modes(secretText) })
  .meta({ id: 'MerchantWithSecrets' })
const rotated = z.object({
  id: merchantId,
  object: z.literal('merchant'),
  order_signing_secrets: modes(secretText).partial(),
})

const keyFields = {
  id: keyId,
  object: z.literal('key'),
  merchant_id: merchantId,
  kind: z.enum(['secret', 'publishable']),
  livemode,
  created_at: time,
  revoked_at: time.nullable(),
}
const key = shaped<ReturnType<typeof keyView>>()(keyFields).meta({ id: 'Key' })
const newKey = z.object({ ...keyFields, key: secretText }).meta({ id: 'KeyWithText' })

const operatorFields = {
  id: operatorId,
  object: z.literal('operator'),
  merchant_id: merchantId,
  name: z.string().nullable(),
  role: z.enum(['viewer', 'operator', 'admin']).nullable(),
  livemode,
  access_email: z
    .string()
    .nullable()
    .meta({ description: 'Whom Cloudflare Access lets in as this operator; null for one with a token.' }),
  expires_at: time.nullable(),
  created_at: time,
  revoked_at: time.nullable(),
}
const operator = shaped<ReturnType<typeof operatorView>>()(operatorFields).meta({ id: 'Operator' })
const newOperator = z.object({ ...operatorFields, token: secretText }).meta({ id: 'OperatorWithToken' })

const connection = shaped<ReturnType<typeof connectionView>>()({
  id: connectionId,
  object: z.literal('connection'),
  merchant_id: merchantId,
  provider: z.string(),
  livemode,
  settings: z.looseObject({}),
  default: z.boolean().meta({
    description:
      'Sessions of its mode that name no connection are paid through it, where it takes their currency.',
  }),
  disabled: z.boolean(),
  disabled_at: time.nullable(),
  webhook_url: z.url().meta({ description: 'Register it at the provider.' }),
  created_at: time,
}).meta({ id: 'Connection' })

const trial = z
  .object({
    object: z.literal('connection_test'),
    connection_id: connectionId,
    result: z.enum(['accepted', 'refused', 'no_answer', 'untestable']),
    detail: z.string(),
  })
  .meta({ id: 'ConnectionTest' })

const logEntry = shaped<ReturnType<typeof entryView>>()({
  object: z.literal('admin_log_entry'),
  chain: z.enum(['directory', 'destinations']),
  livemode: livemode.nullable().meta({ description: 'Null for what belongs to both modes.' }),
  seq: z.int().min(1),
  at: time,
  actor: z.string(),
  request_id: z.string().nullable(),
  action: z.string(),
  subject: z.string(),
  fields: z.array(z.string()),
  prev_hash: z.string(),
  hash: z.string(),
}).meta({ id: 'AdminLogEntry' })

const merchants: Chapter['routes'] = {
  'POST /v1/admin/merchants': {
    id: 'createMerchant',
    does: 'Make a merchant',
    example: { name: 'My store', currencies: ['AMD'], allowed_origins: ['https://shop.example'] },
    answers: { 201: ['The merchant, with the secrets that sign its order tokens.', newMerchant] },
  },
  'GET /v1/admin/merchants': {
    id: 'listMerchants',
    does: 'List merchants, newest first',
    answers: { 200: ['A page of merchants.', listOf(merchant)] },
  },
  'GET /v1/admin/merchants/:merchantId': {
    id: 'readMerchant',
    does: 'Read a merchant',
    answers: { 200: ['The merchant.', merchant] },
    refuses: ['not_found'],
  },
  'PATCH /v1/admin/merchants/:merchantId': {
    id: 'changeMerchant',
    does: 'Change a merchant',
    more: 'What is left out stays. `default_connection_id` becomes the default of its own mode.',
    example: { quote_url: 'https://shop.example/quote' },
    answers: { 200: ['The merchant.', merchant] },
    refuses: ['not_found'],
  },
  'POST /v1/admin/merchants/:merchantId/rotate-order-signing-secret': {
    id: 'rotateOrderSigningSecret',
    does: 'Give a merchant new secrets for its order tokens',
    more: 'The one before is taken too, until the next rotation. Without `livemode` both modes get one.',
    answers: { 200: ['The new secrets.', rotated] },
    refuses: ['not_found'],
  },
}

const keys: Chapter['routes'] = {
  'POST /v1/admin/merchants/:merchantId/keys': {
    id: 'createKey',
    does: 'Make a key',
    example: { kind: 'secret', livemode: false },
    answers: { 201: ['The key, with its text.', newKey] },
    refuses: ['not_found'],
  },
  'GET /v1/admin/merchants/:merchantId/keys': {
    id: 'listKeys',
    does: 'List a merchant’s keys, newest first',
    answers: { 200: ['A page of keys, without their texts.', listOf(key)] },
    refuses: ['not_found'],
  },
  'DELETE /v1/admin/merchants/:merchantId/keys/:keyId': {
    id: 'revokeKey',
    does: 'Revoke a key',
    more: 'Within 60 seconds it works nowhere any more.',
    answers: { 200: ['The revoked key.', key] },
    refuses: ['not_found'],
  },
  'POST /v1/admin/merchants/:merchantId/operators': {
    id: 'createOperator',
    does: 'Make an operator',
    more: 'By an operator: without `access_email`, and not beyond its own `expires_at` (403).',
    example: { name: 'Ani', role: 'operator', livemode: false },
    answers: { 201: ['The operator, with the token.', newOperator] },
    refuses: ['not_found'],
  },
  'GET /v1/admin/merchants/:merchantId/operators': {
    id: 'listOperators',
    does: 'List a merchant’s operators, newest first',
    answers: { 200: ['A page of operators.', listOf(operator)] },
    refuses: ['not_found'],
  },
  'DELETE /v1/admin/merchants/:merchantId/operators/:operatorId': {
    id: 'revokeOperator',
    does: 'Revoke an operator’s token',
    more: 'Not one’s own: 403.',
    answers: { 200: ['The revoked operator.', operator] },
    refuses: ['not_found'],
  },
}

const connections: Chapter['routes'] = {
  'POST /v1/admin/merchants/:merchantId/connections': {
    id: 'createConnection',
    does: 'Connect a provider’s account',
    more: 'Credentials go in and never come back; `docs/providers` says which ones each provider needs.',
    example: { provider: 'sandbox', livemode: false, credentials: { webhook_secrets: ['whsec_…'] } },
    answers: { 201: ['The connection.', connection] },
    refuses: ['not_found'],
  },
  'GET /v1/admin/merchants/:merchantId/connections': {
    id: 'listConnections',
    does: 'List a merchant’s connections, newest first',
    answers: { 200: ['A page of connections.', listOf(connection)] },
    refuses: ['not_found'],
  },
  'GET /v1/admin/merchants/:merchantId/connections/:connectionId': {
    id: 'readConnection',
    does: 'Read a connection',
    answers: { 200: ['The connection.', connection] },
    refuses: ['not_found'],
  },
  'PATCH /v1/admin/merchants/:merchantId/connections/:connectionId': {
    id: 'changeConnection',
    does: 'Change a connection: credentials, settings, disabled, default',
    example: { disabled: true },
    answers: { 200: ['The connection.', connection] },
    refuses: ['not_found'],
  },
  'POST /v1/admin/merchants/:merchantId/connections/:connectionId/test': {
    id: 'testConnection',
    does: 'Try a connection’s credentials, without moving anything',
    answers: { 200: ['What the provider says.', trial] },
    refuses: ['not_found'],
  },
}

const log: Chapter['routes'] = {
  'GET /v1/admin/merchants/:merchantId/log': {
    id: 'readAdminLog',
    does: 'Read who changed what of a merchant, newest first',
    more: 'An operator sees the entries of its own mode and those of the merchant itself.',
    answers: { 200: ['A page of entries.', listOf(logEntry)] },
    refuses: ['not_found'],
  },
  'GET /v1/admin/merchants/:merchantId/log/verify': {
    id: 'verifyAdminLog',
    does: 'Check the chain of a merchant’s admin log',
    more: 'The whole chain, in which the entries of both modes follow one another.',
    answers: { 200: ['Whether it is whole.', proof] },
    refuses: ['not_found'],
  },
}

export const admin: Chapter = {
  name: 'Administration',
  about:
    'For the deployer, with the `ADMIN_TOKEN`. Keys, operators, connections and the admin log are open to the merchant’s own operators with the role `admin` too, each in its own mode.',
  parameters: { merchantId, keyId, operatorId, connectionId, rebuildId },
  routes: { ...merchants, ...keys, ...connections, ...log, ...rebuilds },
}
