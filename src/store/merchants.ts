/** Merchants, with their order-signing secrets sealed. Read on the hot path only through the directory's cache. */
import { and, desc, eq } from 'drizzle-orm'
import { type Keyring, seal, unseal } from '../crypto/seal.ts'
import { type By, type Scope, tooMuchAtOnce, withEntry } from './admin-log.ts'
import { recordsIn } from './database.ts'
import { olderThan, type Page, type PageRequest, pageOf } from './page.ts'
import { merchants } from './schema.ts'

export interface Merchant {
  id: string
  name: string
  /** The currencies it may be paid in. */
  currencies: string[]
  /** As parsed: `https://shop.example`, without a path. */
  allowedOrigins: string[]
  /** Scheme addresses of apps, compared exactly. */
  allowedReturnAddresses: string[]
  quoteUrl: string | null
  /** The ids of the connections used when a session names none. */
  defaultConnections: { test: string | null; live: string | null }
  orderSigningSecrets: OrderSigningSecrets
  /** Milliseconds since the epoch. */
  createdAt: number
}

/** Newest first, at most two: the older one still verifies while a merchant rotates. */
export interface OrderSigningSecrets {
  test: string[]
  live: string[]
}

/** What the store needs of the deployment. */
export type Directory = Keyring & { DB: D1Database }

type Row = typeof merchants.$inferSelect
type Change = Partial<
  Pick<
    Merchant,
    'name' | 'currencies' | 'allowedOrigins' | 'allowedReturnAddresses' | 'quoteUrl' | 'defaultConnections'
  >
>

export async function createMerchant(env: Directory, merchant: Merchant, by: By): Promise<void> {
  const { defaultConnections, orderSigningSecrets, ...plain } = merchant
  const sealed = await seal(env, JSON.stringify(orderSigningSecrets), merchant.id)
  const db = recordsIn(env.DB)
  const values = { ...plain, ...defaultsOf(defaultConnections), orderSigningSecrets: sealed }
  const { id: _id, createdAt: _createdAt, ...given } = values
  const note = noteOf(merchant.id, 'created', Object.keys(given))
  await withEntry(db, by, note, db.insert(merchants).values(values))
}

/** The merchant with its secrets opened; null when there is none. */
export async function readMerchant(env: Directory, id: string): Promise<Merchant | null> {
  const row = await recordsIn(env.DB).select().from(merchants).where(eq(merchants.id, id)).get()
  return row ? merchantOf(env, row) : null
}

export async function listMerchants(env: Directory, page: PageRequest): Promise<Page<Merchant>> {
  const rows = await recordsIn(env.DB)
    .select()
    .from(merchants)
    .where(olderThan(merchants.createdAt, merchants.id, page.after))
    .orderBy(desc(merchants.createdAt), desc(merchants.id))
    .limit(page.limit + 1)
  const found = await Promise.all(rows.map((row) => merchantOf(env, row)))
  return pageOf(found, page.limit, (merchant) => ({ at: merchant.createdAt, id: merchant.id }))
}

/** Changes what is given and answers the merchant as it is then; null when there is none. */
export async function changeMerchant(
  env: Directory,
  id: string,
  change: Change,
  by: By,
): Promise<Merchant | null> {
  const { defaultConnections, ...plain } = change
  const values = { ...plain, ...(defaultConnections ? defaultsOf(defaultConnections) : {}) }
  if (Object.keys(values).length > 0) await write(env, { merchantId: id, livemode: null }, values, by)
  return readMerchant(env, id)
}

async function write(env: Directory, of: Scope, values: Partial<Row>, by: By): Promise<void> {
  const db = recordsIn(env.DB)
  const where = eq(merchants.id, of.merchantId)
  const note = { ...noteOf(of.merchantId, 'changed', Object.keys(values)), livemode: of.livemode }
  await withEntry(db, by, note, db.update(merchants).set(values).where(where), { table: merchants, where })
}

/** Makes a connection the one used when a session of its mode names none. */
export async function setDefaultConnection(
  env: Directory,
  id: string,
  livemode: boolean,
  connectionId: string,
  by: By,
) {
  const values = livemode ? { defaultConnectionLive: connectionId } : { defaultConnectionTest: connectionId }
  await write(env, { merchantId: id, livemode }, values, by)
}

/**
 * Puts a fresh secret first in each mode that has one here, and keeps the one before it. Two rotations at once both
 * count: the row is written only if nobody else wrote it, else it is read again.
 */
export async function rotateOrderSigningSecrets(
  env: Directory,
  id: string,
  fresh: { test?: string; live?: string },
  by: By,
): Promise<Merchant | null> {
  const db = recordsIn(env.DB)
  for (let tries = 0; tries < 5; tries++) {
    const row = await db.select().from(merchants).where(eq(merchants.id, id)).get()
    if (!row) return null
    const merchant = await merchantOf(env, row)
    const rotated = {
      test: withFresh(fresh.test, merchant.orderSigningSecrets.test),
      live: withFresh(fresh.live, merchant.orderSigningSecrets.live),
    }
    const where = and(eq(merchants.id, id), eq(merchants.orderSigningSecrets, row.orderSigningSecrets))
    const rotate = db
      .update(merchants)
      .set({ orderSigningSecrets: await seal(env, JSON.stringify(rotated), id) })
      .where(where)
      .returning({ id: merchants.id })
    const fields = Object.keys(fresh).map((mode) => `order_signing_secrets.${mode}`)
    const note = noteOf(id, 'secret_rotated', fields)
    const written = await withEntry(db, by, note, rotate, { table: merchants, where })
    if (written.length > 0) return { ...merchant, orderSigningSecrets: rotated }
  }
  throw tooMuchAtOnce()
}

const noteOf = (id: string, verb: string, fields: string[]) => ({
  chain: 'directory' as const,
  merchantId: id,
  livemode: null,
  action: `merchant.${verb}`,
  subject: id,
  fields,
})

const withFresh = (fresh: string | undefined, active: string[]) =>
  fresh === undefined ? active : [fresh, ...active].slice(0, 2)

const defaultsOf = (defaults: Merchant['defaultConnections']) => ({
  defaultConnectionTest: defaults.test,
  defaultConnectionLive: defaults.live,
})

async function merchantOf(env: Directory, row: Row): Promise<Merchant> {
  const { defaultConnectionTest, defaultConnectionLive, orderSigningSecrets, ...plain } = row
  const opened = JSON.parse(await unseal(env, orderSigningSecrets, row.id)) as OrderSigningSecrets
  return {
    ...plain,
    defaultConnections: { test: defaultConnectionTest, live: defaultConnectionLive },
    orderSigningSecrets: opened,
  }
}
