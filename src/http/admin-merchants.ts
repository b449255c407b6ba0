/** Merchants as the deployer makes and changes them. Order-signing secrets are shown once, when they are made. */
import { type Context, Hono } from 'hono'
import * as z from 'zod'
import { refuseAddress } from '../domain/address.ts'
import { GatewayError } from '../domain/errors.ts'
import { base32, freshId } from '../domain/ids.ts'
import { isSchemeAddress, originOf } from '../domain/return-address.ts'
import { readConnection } from '../store/connections.ts'
import { forget } from '../store/directory.ts'
import {
  changeMerchant,
  createMerchant,
  listMerchants,
  type Merchant,
  readMerchant,
  rotateOrderSigningSecrets,
} from '../store/merchants.ts'
import { byOf } from './auth.ts'
import type { Gateway } from './gateway.ts'
import { currency, line, listOf, pageQuery, pageRequestOf, timeOf } from './schemas.ts'
import { invalid, validated, validatedQuery } from './validated.ts'

const origin = z.lazy(() =>
  z
    .string()
    .max(2_048)
    .transform((text, context) => {
      const parsed = originOf(text)
      if (parsed !== null) return parsed
      context.addIssue({
        code: 'custom',
        message: 'Not an origin such as https://shop.example, without a path.',
      })
      return z.NEVER
    }),
)

const schemeAddress = z.lazy(() =>
  z.string().refine(isSchemeAddress, {
    error: "Not an address of an app's own scheme, such as shop-app://paid.",
  }),
)

const unique = <T>(list: T[]) => [...new Set(list)]

const changeable = () => ({
  name: line(200),
  currencies: z.array(currency).min(1).max(200).transform(unique),
  allowed_origins: z.array(origin).max(100).transform(unique),
  allowed_return_addresses: z.array(schemeAddress).max(100).transform(unique),
  quote_url: z.string().nullable(),
  default_connection_id: z.string(),
})

const newMerchant = z.lazy(() => {
  const { allowed_return_addresses, quote_url, default_connection_id, ...needed } = changeable()
  return z.strictObject({
    ...needed,
    allowed_return_addresses: allowed_return_addresses.default([]),
    quote_url: quote_url.default(null),
    default_connection_id: default_connection_id.optional(),
  })
})

const merchantChange = z.lazy(() => z.strictObject(changeable()).partial())

const rotation = z.lazy(() => z.strictObject({ livemode: z.boolean().optional() }))

export const merchants = new Hono<Gateway>()
  .post('/', validated(newMerchant), async (c) => {
    const given = c.req.valid('json')
    refuseQuoteUrl(c, given.quote_url)
    if (given.default_connection_id !== undefined) throw noSuchConnection()
    const merchant: Merchant = {
      id: freshId('mer', random(17)),
      name: given.name,
      currencies: given.currencies,
      allowedOrigins: given.allowed_origins,
      allowedReturnAddresses: given.allowed_return_addresses,
      quoteUrl: given.quote_url,
      defaultConnections: { test: null, live: null },
      orderSigningSecrets: { test: [freshSecret('test')], live: [freshSecret('live')] },
      createdAt: c.var.now,
    }
    await createMerchant(c.env, merchant, byOf(c, 'deployer'))
    c.var.log.merchant = merchant.id
    const { test, live } = merchant.orderSigningSecrets
    return c.json({ ...viewOf(merchant), order_signing_secrets: { test: test[0], live: live[0] } }, 201)
  })
  .get('/', validatedQuery(pageQuery), async (c) => {
    return c.json(listOf(await listMerchants(c.env, pageRequestOf(c.req.valid('query'))), viewOf))
  })
  .get('/:merchantId', async (c) => {
    return c.json(viewOf(found(await readMerchant(c.env, c.req.param('merchantId')))))
  })
  .patch('/:merchantId', validated(merchantChange), async (c) => {
    const id = c.req.param('merchantId')
    const merchant = found(await readMerchant(c.env, id))
    const given = c.req.valid('json')
    refuseQuoteUrl(c, given.quote_url)
    const changed = await changeMerchant(
      c.env,
      id,
      {
        ...(given.name === undefined ? {} : { name: given.name }),
        ...(given.currencies === undefined ? {} : { currencies: given.currencies }),
        ...(given.allowed_origins === undefined ? {} : { allowedOrigins: given.allowed_origins }),
        ...(given.allowed_return_addresses === undefined
          ? {}
          : { allowedReturnAddresses: given.allowed_return_addresses }),
        ...(given.quote_url === undefined ? {} : { quoteUrl: given.quote_url }),
        ...(await defaultsWith(c, merchant, given.default_connection_id)),
      },
      byOf(c, 'deployer'),
    )
    forget('merchants', id)
    return c.json(viewOf(found(changed)))
  })
  .post('/:merchantId/rotate-order-signing-secret', validated(rotation, { mayBeAbsent: true }), async (c) => {
    const id = c.req.param('merchantId')
    const { livemode } = c.req.valid('json')
    const fresh = {
      ...(livemode === true ? {} : { test: freshSecret('test') }),
      ...(livemode === false ? {} : { live: freshSecret('live') }),
    }
    found(await rotateOrderSigningSecrets(c.env, id, fresh, byOf(c, 'deployer')))
    forget('merchants', id)
    return c.json({ id, object: 'merchant', order_signing_secrets: fresh })
  })

/** The merchant that the path names. Throws `not_found` when there is none. */
export function found(merchant: Merchant | null): Merchant {
  if (merchant === null) throw new GatewayError({ code: 'not_found', detail: 'There is no such merchant.' })
  return merchant
}

/** Bytes for ids and secrets. */
export const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes))

const freshSecret = (mode: 'test' | 'live') => `oss_${mode}_${base32(random(32), 51)}`

function refuseQuoteUrl(c: Context<Gateway>, url: string | null | undefined): void {
  if (url === null || url === undefined) return
  const why = refuseAddress(url, c.var.settings.ALLOW_PRIVATE_ADDRESSES)
  if (why !== null) throw invalid([{ pointer: '/quote_url', detail: `The address ${why}.` }])
}

/** The connection's own mode says whose default it becomes. */
async function defaultsWith(c: Context<Gateway>, merchant: Merchant, connectionId: string | undefined) {
  if (connectionId === undefined) return {}
  const connection = await readConnection(c.env, connectionId)
  if (connection?.merchantId !== merchant.id || connection.disabledAt !== null) throw noSuchConnection()
  const mode = connection.livemode ? 'live' : 'test'
  return { defaultConnections: { ...merchant.defaultConnections, [mode]: connectionId } }
}

const noSuchConnection = () =>
  invalid([{ pointer: '/default_connection_id', detail: 'The merchant has no such connection in use.' }])

export const viewOf = (merchant: Merchant) => ({
  id: merchant.id,
  object: 'merchant',
  name: merchant.name,
  currencies: merchant.currencies,
  allowed_origins: merchant.allowedOrigins,
  allowed_return_addresses: merchant.allowedReturnAddresses,
  quote_url: merchant.quoteUrl,
  default_connection_ids: merchant.defaultConnections,
  created_at: timeOf(merchant.createdAt),
})
