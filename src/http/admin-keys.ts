/** Merchants' keys and operators' tokens: shown once, listed without their text, and revoked for good. */
import { type Context, Hono } from 'hono'
import * as z from 'zod'
import { hashOfKey, type KeyKind, makeApiKey } from '../crypto/api-keys.ts'
import { GatewayError } from '../domain/errors.ts'
import { freshId } from '../domain/ids.ts'
import { forget } from '../store/directory.ts'
import { createKey, type KeyRecord, listKeys, revokeKey } from '../store/keys.ts'
import { readMerchant } from '../store/merchants.ts'
import { found, random } from './admin-merchants.ts'
import { allowAdministrator, byOf, mayAdminister, scopeOf } from './auth.ts'
import type { Gateway } from './gateway.ts'
import { line, listOf, pageQuery, pageRequestOf, timeOf } from './schemas.ts'
import { invalid, validated, validatedQuery } from './validated.ts'

const newKey = z.lazy(() =>
  z.strictObject({ kind: z.enum(['secret', 'publishable']), livemode: z.boolean() }),
)

const newOperator = z.lazy(() =>
  z.strictObject({
    name: line(200),
    role: z.enum(['viewer', 'operator', 'admin']),
    livemode: z.boolean(),
    expires_at: z.iso
      .datetime({ offset: true })
      .transform((text) => Date.parse(text))
      .optional(),
    access_email: z.email().max(254).toLowerCase().optional(),
  }),
)

type OfOperators = Pick<KeyRecord, 'name' | 'role' | 'expiresAt' | 'accessEmail'>
const nobody: OfOperators = { name: null, role: null, expiresAt: null, accessEmail: null }

const merchantKeys: KeyKind[] = ['secret', 'publishable']

export const keys = new Hono<Gateway>()
  .use(allowAdministrator())
  .post('/', validated(newKey), async (c) => {
    const { kind, livemode } = c.req.valid('json')
    const { record, text } = await make(c, kind, livemode, nobody)
    return c.json({ ...keyView(record), key: text }, 201)
  })
  .get('/', validatedQuery(pageQuery), async (c) => {
    return c.json(listOf(await list(c, merchantKeys, c.req.valid('query')), keyView))
  })
  .delete('/:keyId', async (c) => c.json(keyView(await revoke(c, merchantKeys, c.req.param('keyId')))))

export const operators = new Hono<Gateway>()
  .use(allowAdministrator())
  .post('/', validated(newOperator), async (c) => {
    const { name, role, livemode, ...may } = c.req.valid('json')
    const { expires_at: expiresAt = null, access_email: accessEmail = null } = may
    if (expiresAt !== null && expiresAt <= c.var.now)
      throw invalid([{ pointer: '/expires_at', detail: 'It lies in the past.' }])
    refuseMightier(c, { expiresAt, accessEmail })
    const { record, text } = await make(c, 'operator', livemode, { name, role, expiresAt, accessEmail })
    return c.json({ ...operatorView(record), token: text }, 201)
  })
  .get('/', validatedQuery(pageQuery), async (c) => {
    return c.json(listOf(await list(c, ['operator'], c.req.valid('query')), operatorView))
  })
  .delete('/:operatorId', async (c) => {
    const id = c.req.param('operatorId')
    refuseOneself(c, id)
    return c.json(operatorView(await revoke(c, ['operator'], id)))
  })

/** Nobody makes an operator that outlasts its maker, nor one that means a person in other merchants. Throws `forbidden`. */
function refuseMightier(c: Context<Gateway>, of: Pick<OfOperators, 'expiresAt' | 'accessEmail'>): void {
  const { actor, expiresAt } = c.var.administrator
  if (actor !== 'deployer' && of.accessEmail !== null)
    throw new GatewayError({
      code: 'forbidden',
      detail: 'An e-mail may belong to operators of other merchants too, so only the deployer registers one.',
    })
  if (expiresAt !== null && (of.expiresAt ?? Number.POSITIVE_INFINITY) > expiresAt)
    throw new GatewayError({
      code: 'forbidden',
      detail: `Your own token ends, so this one needs an expires_at no later than ${timeOf(expiresAt)}.`,
    })
}

/** Whoever revokes others stays, so that a merchant's last administrator goes only by the deployer or by its own expiry. */
function refuseOneself(c: Context<Gateway>, operatorId: string): void {
  if (c.var.administrator.actor === operatorId)
    throw new GatewayError({
      code: 'forbidden',
      detail: 'Nobody revokes their own token. Ask another administrator, or the deployer.',
    })
}

async function make(
  c: Context<Gateway>,
  kind: KeyKind,
  livemode: boolean,
  operator: OfOperators,
): Promise<{ record: KeyRecord; text: string }> {
  mayAdminister(c, livemode)
  const merchant = found(await readMerchant(c.env, scopeOf(c).merchantId))
  const text = makeApiKey(kind, livemode, random(32))
  const record: KeyRecord = {
    hash: hashOfKey(text),
    id: freshId(kind === 'operator' ? 'opr' : 'key', random(17)),
    merchantId: merchant.id,
    kind,
    livemode,
    ...operator,
    createdAt: c.var.now,
    revokedAt: null,
  }
  await createKey(c.env, record, byOf(c, c.var.administrator.actor))
  if (record.accessEmail !== null) forget('operators', record.accessEmail)
  c.var.log.key = record.id
  return { record, text }
}

async function list(c: Context<Gateway>, kinds: KeyKind[], query: Parameters<typeof pageRequestOf>[0]) {
  const scope = scopeOf(c)
  found(await readMerchant(c.env, scope.merchantId))
  return listKeys(c.env, scope, kinds, pageRequestOf(query))
}

async function revoke(c: Context<Gateway>, kinds: KeyKind[], id: string): Promise<KeyRecord> {
  const revoked = await revokeKey(c.env, scopeOf(c), id, kinds, byOf(c, c.var.administrator.actor))
  if (revoked === null) throw new GatewayError({ code: 'not_found', detail: 'The merchant has no such key.' })
  forget('keys', revoked.hash)
  if (revoked.accessEmail !== null) forget('operators', revoked.accessEmail)
  c.var.log.key = id
  return revoked
}

export const keyView = (key: KeyRecord) => ({
  id: key.id,
  object: 'key',
  merchant_id: key.merchantId,
  kind: key.kind,
  livemode: key.livemode,
  created_at: timeOf(key.createdAt),
  revoked_at: timeOf(key.revokedAt),
})

export const operatorView = (key: KeyRecord) => ({
  id: key.id,
  object: 'operator',
  merchant_id: key.merchantId,
  name: key.name,
  role: key.role,
  access_email: key.accessEmail,
  livemode: key.livemode,
  expires_at: timeOf(key.expiresAt),
  created_at: timeOf(key.createdAt),
  revoked_at: timeOf(key.revokedAt),
})
