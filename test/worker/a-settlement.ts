// A merchant's till with paid orders, and the files that its provider would send about them.
import { env } from 'cloudflare:workers'
import { expect, vi } from 'vitest'
import { recordsOf } from '../../src/store/database.ts'
import { aKey, aTill, type Json, type Till } from './till.ts'

export const DAY = 86_400_000

/** A till whose payments and files are spoken of in short. */
export async function aSettlingTill() {
  const till = await aTill()
  const db = recordsOf(env, till.merchantId).$client

  /** Orders that were paid, and are recorded. */
  async function paid(count: number, change: object = {}): Promise<Json[]> {
    const sessions = []
    for (let n = 0; n < count; n += 1) {
      const session = await till.open(change)
      await till.report(session)
      sessions.push(session)
    }
    await recorded(sessions, 'paid')
    return sessions
  }

  async function recorded(sessions: readonly Json[], status: string): Promise<void> {
    await vi.waitFor(
      async () => {
        for (const { payment_id } of sessions) {
          const row = await db.prepare('select status from payments where id = ?').bind(payment_id).first()
          expect(row).toEqual({ status })
        }
      },
      { timeout: 15_000, interval: 50 },
    )
  }

  return { ...till, db, paid, recorded, ...uploadsOf(till) }
}

export type SettlingTill = Awaited<ReturnType<typeof aSettlingTill>>

/** The path with a query of what a reconciliation is made with: a period that ends in three days, without grace. */
export function asking(till: Till, change: Record<string, unknown> = {}): string {
  const said = {
    ...{ connection_id: till.connectionId, from: time(-30 * DAY), to: time(3 * DAY), grace_days: 0 },
    ...change,
  }
  const query = Object.entries(said).map(([name, value]) => [
    name,
    typeof value === 'object' ? JSON.stringify(value) : String(value),
  ])
  return `/v1/reconciliations?${new URLSearchParams(query)}`
}

const time = (fromNow: number) => new Date(Date.now() + fromNow).toISOString()

function uploadsOf(till: Till) {
  const send = (path: string, body: string | Uint8Array, change: object = {}): Promise<Response> =>
    till.call(path, {
      ...{ method: 'POST', body, key: aKey() },
      ...change,
      headers: { 'content-type': 'text/csv', ...(change as { headers?: object }).headers },
    })

  /** Sends a file and gives the reconciliation when it is through. */
  async function reconcile(body: string, change: Record<string, unknown> = {}): Promise<Json> {
    const response = await send(asking(till, change), body)
    const made: Json = await response.json()
    expect(response.status, JSON.stringify(made)).toBe(202)
    return await finished(made.id)
  }

  const finished = (id: string, run = 1): Promise<Json> =>
    vi.waitFor(
      async () => {
        const seen = await till.json(200, `/v1/reconciliations/${id}`)
        expect(seen).toMatchObject({ status: 'finished', summary: { run } })
        return seen
      },
      { timeout: 20_000, interval: 50 },
    )

  const items = async (id: string, query = ''): Promise<Json[]> =>
    (await till.json(200, `/v1/reconciliations/${id}/items?limit=100${query}`)).data

  /** Open exceptions about settlement, when there are as many. */
  const exceptions = (count: number, status = 'open'): Promise<Json[]> =>
    vi.waitFor(
      async () => {
        const path = `/v1/exceptions?kind=reconciliation_difference&status=${status}&limit=100`
        const { data } = await till.json(200, path)
        expect(data).toHaveLength(count)
        return data
      },
      { timeout: 15_000, interval: 50 },
    )

  return { send, reconcile, finished, items, exceptions }
}

const heading = 'transaction_id,type,reference,order_id,amount,currency,fee,date'

/** A file of the generic layout. */
export const aFile = (...rows: string[]) => `${[heading, ...rows].join('\n')}\n`

/** The line of a session's payment; `change` replaces cells by name. */
export function aRow(session: Json, change: Record<string, string> = {}): string {
  const cells: Record<string, string> = {
    ...{
      transaction_id: `tx-${session.id.slice(-8)}`,
      type: 'payment',
      reference: session.provider_reference,
    },
    ...{ order_id: session.order_id, amount: '10.00', currency: 'AMD', fee: '0.25', date: '2026-11-20' },
    ...change,
  }
  return heading
    .split(',')
    .map((name) => cells[name] ?? '')
    .join(',')
}
