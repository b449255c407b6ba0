// A month's settlement: the file goes in, what differs stands before people, the result comes out as a file, and a run
// after the facts have changed says so.
import { randomUUID } from 'node:crypto'
import { parse } from 'csv-parse/sync'
import { expect, inject, it } from 'vitest'
import { eventually } from './support/eventually.ts'
import { type Session, shopOf } from './support/shop.ts'

const dev = inject('dev')
const shop = shopOf(() => dev)

interface Reconciliation {
  id: string
  status: string
  summary: { run: number; outcomes: Record<string, number>; differences: number } | null
}

async function send(path: string, file: string): Promise<{ status: number; body: Reconciliation }> {
  const response = await fetch(`${dev.url}${path}`, {
    method: 'POST',
    headers: {
      ...{ authorization: `Bearer ${dev.secret_key}`, 'content-type': 'text/csv' },
      'idempotency-key': randomUUID(),
    },
    body: file,
  })
  return { status: response.status, body: (await response.json()) as Reconciliation }
}

const finished = (id: string, run: number) =>
  eventually(async () => {
    const body = (await shop.call('GET', `/v1/reconciliations/${id}`)).body as unknown as Reconciliation
    expect(body.status).toBe('finished')
    expect(body.summary?.run).toBe(run)
    return body
  })

/** Open differences of a payment. */
const differencesOf = async (session: Session): Promise<{ status: string; resolution: string | null }[]> => {
  const path = '/v1/exceptions?kind=reconciliation_difference&limit=100'
  const { data } = (await shop.call('GET', path)).body as { data: { payment_id: string; status: string }[] }
  return data.filter((one) => one.payment_id === session.payment_id) as never
}

async function paid(): Promise<Session> {
  const { body: session } = await shop.open()
  await shop.checkOut(session)
  await shop.untilPaid(session.payment_id)
  return session
}

const heading = 'transaction_id;type;reference;amount;currency;fee\r\n'
const row = (session: Session, amount = '12 500,00') =>
  `${session.id};payment;${session.provider_reference};${amount};AMD;125,00\r\n`

it('goes from a file through differences and exceptions to an export, and a later file explains what it can', async () => {
  const from = new Date().toISOString()
  const [good, less, late] = [await paid(), await paid(), await paid()]
  const to = new Date(Date.now() + 1).toISOString()
  for (const session of [good, less, late])
    await eventually(async () => {
      const { data } = (await shop.call('GET', `/v1/payments?order_id=${session.order_id}`)).body as {
        data: object[]
      }
      expect(data).toMatchObject([{ status: 'paid' }])
    })

  const query = new URLSearchParams({ connection_id: dev.connections.sandbox!.id, from, to, grace_days: '0' })
  const file = `\ufeff${heading}${row(good)}${row(less, '12 000,00')}`
  const { status, body: made } = await send(`/v1/reconciliations?${query}`, file)
  expect(status).toBe(202)
  const first = await finished(made.id, 1)
  expect(first.summary).toMatchObject({ outcomes: { matched: 1, amount_difference: 1, missing_there: 1 } })
  for (const session of [less, late])
    await eventually(async () => expect(await differencesOf(session)).toMatchObject([{ status: 'open' }]))

  const exported = await fetch(`${dev.url}/v1/reconciliations/${made.id}/items.csv`, {
    headers: { authorization: `Bearer ${dev.secret_key}` },
  })
  const rows = parse(await exported.text(), { columns: true }) as Record<string, string>[]
  expect(rows.map(({ outcome, amount, expected_amount }) => [outcome, amount, expected_amount])).toEqual([
    ['matched', '12500.00', '12500.00'],
    ['amount_difference', '12000.00', '12500.00'],
    ['missing_there', '', '12500.00'],
  ])

  await shop.call('POST', `/v1/reconciliations/${made.id}/run`)
  expect((await finished(made.id, 2)).summary).toMatchObject({ outcomes: first.summary?.outcomes })
  expect([await differencesOf(less), await differencesOf(late)].map((all) => all.length)).toEqual([1, 1])

  expect((await send(`/v1/reconciliations/${made.id}/files`, heading + row(late))).status).toBe(202)
  expect((await finished(made.id, 3)).summary).toMatchObject({ outcomes: { matched: 2, missing_there: 0 } })
  await eventually(async () =>
    expect(await differencesOf(late)).toMatchObject([{ status: 'resolved', resolution: 'explained' }]),
  )
  const broken = await send(`/v1/reconciliations/${made.id}/files`, `${heading}x;payment;y;twelve;AMD;\r\n`)
  expect(broken).toMatchObject({ status: 422, body: { errors: [{ pointer: '/lines/2/amount' }] } })
})
