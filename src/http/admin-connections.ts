/**
 * Connections as administrators make them. Credentials go in and never come back; what may be given is the provider's own
 * schema. The provider and the mode of a connection never change, since its old sessions and reports belong to it.
 */
import { type Context, Hono } from 'hono'
import * as z from 'zod'
import { GatewayError } from '../domain/errors.ts'
import { freshId } from '../domain/ids.ts'
import { providersOf } from '../payment/providers.ts'
import { checkConnection } from '../providers/index.ts'
import {
  type ConnectionSummary,
  changeConnection,
  createConnection,
  listConnections,
  noteTrial,
  readConnection,
} from '../store/connections.ts'
import { forget, forgetConnection } from '../store/directory.ts'
import { type Merchant, readMerchant, setDefaultConnection } from '../store/merchants.ts'
import { found, random } from './admin-merchants.ts'
import { allowAdministrator, byOf, mayAdminister, scopeOf } from './auth.ts'
import type { Gateway } from './gateway.ts'
import { line, listOf, noBody, pageQuery, pageRequestOf, timeOf } from './schemas.ts'
import { invalid, validated, validatedQuery } from './validated.ts'

const bag = z.lazy(() => z.record(z.string(), z.unknown()))

const newConnection = z.lazy(() =>
  z.strictObject({
    provider: line(40),
    livemode: z.boolean(),
    credentials: bag,
    settings: bag.default({}),
    default: z.boolean().optional(),
  }),
)

const connectionChange = z.lazy(() =>
  z.strictObject({
    credentials: bag.optional(),
    settings: bag.optional(),
    disabled: z.boolean().optional(),
    default: z.literal(true).optional(),
  }),
)

export const connections = new Hono<Gateway>()
  .use(allowAdministrator())
  .post('/', validated(newConnection), async (c) => {
    const { default: asked, ...given } = c.req.valid('json')
    mayAdminister(c, given.livemode)
    const merchant = found(await readMerchant(c.env, scopeOf(c).merchantId))
    const connection = {
      id: freshId('con', random(17)),
      merchantId: merchant.id,
      provider: given.provider,
      livemode: given.livemode,
      ...accepted(given),
      disabledAt: null,
      createdAt: c.var.now,
    }
    await createConnection(c.env, connection, actorOf(c))
    forgetConnection(connection)
    // The first connection of a mode is the only one that a session could mean.
    const isFirst = merchant.defaultConnections[given.livemode ? 'live' : 'test'] === null
    if (asked ?? isFirst) await makeDefault(c, connection)
    c.var.log.connection = connection.id
    return c.json(await viewIn(c, connection), 201)
  })
  .get('/', validatedQuery(pageQuery), async (c) => {
    const scope = scopeOf(c)
    const merchant = found(await readMerchant(c.env, scope.merchantId))
    const page = await listConnections(c.env, scope, pageRequestOf(c.req.valid('query')))
    return c.json(listOf(page, (connection) => viewOf(c, connection, merchant)))
  })
  .get('/:connectionId', async (c) => c.json(await viewIn(c, await connectionOf(c))))
  .patch('/:connectionId', validated(connectionChange), async (c) => {
    const connection = await connectionOf(c)
    const given = c.req.valid('json')
    const { credentials, settings } = accepted({ ...connection, ...defined(given) })
    const isDisabled = given.disabled ?? connection.disabledAt !== null
    if (given.default && isDisabled)
      throw invalid([{ pointer: '/default', detail: 'A disabled connection cannot be the default.' }])
    const changed = await changeConnection(
      c.env,
      connection,
      {
        ...(given.credentials === undefined ? {} : { credentials }),
        ...(given.settings === undefined ? {} : { settings }),
        ...(given.disabled === undefined
          ? {}
          : { disabledAt: isDisabled ? (connection.disabledAt ?? c.var.now) : null }),
      },
      actorOf(c),
    )
    if (given.default) await makeDefault(c, connection)
    forgetConnection(connection)
    c.var.log.connection = connection.id
    return c.json(await viewIn(c, changed ?? connection))
  })
  .post('/:connectionId/test', validated(noBody, { mayBeAbsent: true }), async (c) => {
    const connection = await connectionOf(c)
    // As it is now, whatever this isolate remembers of it.
    forgetConnection(connection)
    const { id } = connection
    const provider = await providersOf(c.env, c.var.now, c.var.origin)(id)
    if (provider === null) throw noSuchConnection()
    await noteTrial(c.env, connection, actorOf(c))
    const trial = await provider.tryCredentials()
    c.var.log.connection = id
    const detail = trial.kind === 'accepted' ? 'The provider accepts the credentials.' : trial.detail
    return c.json({ object: 'connection_test', connection_id: id, result: trial.kind, detail })
  })

const actorOf = (c: Context<Gateway>) => byOf(c, c.var.administrator.actor)

/** Credentials and settings as the provider's adapter wants them. Throws `validation_failed`. */
function accepted(wish: { provider: string; livemode: boolean; credentials: unknown; settings: unknown }) {
  const checked = checkConnection(wish)
  if (checked.kind === 'wrong') throw invalid(checked.errors)
  return { credentials: checked.credentials as Record<string, unknown>, settings: checked.settings }
}

/** What a change names, so that what it leaves out keeps its value. */
const defined = (given: { credentials?: unknown; settings?: unknown }) => ({
  ...(given.credentials === undefined ? {} : { credentials: given.credentials }),
  ...(given.settings === undefined ? {} : { settings: given.settings }),
})

async function connectionOf(c: Context<Gateway>) {
  const connection = await readConnection(c.env, c.req.param('connectionId') ?? '')
  const { merchantId, livemode } = scopeOf(c)
  if (connection?.merchantId !== merchantId || connection.livemode !== (livemode ?? connection.livemode))
    throw noSuchConnection()
  return connection
}

const noSuchConnection = () =>
  new GatewayError({ code: 'not_found', detail: 'The merchant has no such connection.' })

async function makeDefault(c: Context<Gateway>, connection: ConnectionSummary): Promise<void> {
  await setDefaultConnection(c.env, connection.merchantId, connection.livemode, connection.id, actorOf(c))
  forget('merchants', connection.merchantId)
}

/** The view beside its merchant as that is now. */
const viewIn = async (c: Context<Gateway>, connection: ConnectionSummary) =>
  viewOf(c, connection, found(await readMerchant(c.env, connection.merchantId)))

export const viewOf = (
  c: Context<Gateway>,
  connection: ConnectionSummary,
  { defaultConnections }: Pick<Merchant, 'defaultConnections'>,
) => ({
  id: connection.id,
  object: 'connection',
  merchant_id: connection.merchantId,
  provider: connection.provider,
  livemode: connection.livemode,
  settings: connection.settings,
  default: defaultConnections[connection.livemode ? 'live' : 'test'] === connection.id,
  disabled: connection.disabledAt !== null,
  disabled_at: timeOf(connection.disabledAt),
  webhook_url: `${c.var.origin}/webhooks/${connection.provider}/${connection.id}`,
  created_at: timeOf(connection.createdAt),
})
