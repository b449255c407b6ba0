// A provider's settlement against what is recorded here, over HTTP and through the real queue.
import { parse } from 'csv-parse/sync'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { aFile, aRow, aSettlingTill, asking, type SettlingTill } from './a-settlement.ts'
import { ADMIN } from './door.ts'
import { judged } from './hostile.ts'
import { text } from './hostile-input.ts'
import { aKey, click, type Json } from './till.ts'

let till: SettlingTill

beforeAll(async () => {
  till = await aSettlingTill()
}, 30_000)

describe('each row', () => {
  it('ends as what it is, and what differs stands before a person where it belongs', async () => {
    const [good, less, foreign, twice, unsettled] = await till.paid(5)
    const unpaid = await till.open()
    await till.recorded([unpaid], 'pending')
    const made = await till.reconcile(
      aFile(
        aRow(good),
        aRow(less, { amount: '9.00' }),
        aRow(foreign, { currency: 'USD' }),
        aRow(twice),
        aRow(twice, { transaction_id: 'tx-other' }),
        aRow(unpaid),
        aRow(good, { transaction_id: 'tx-unknown', reference: 'nobody', order_id: '' }),
        ',fee,,,-3.00,AMD,,',
      ),
    )
    expect(made.summary).toMatchObject({
      outcomes: {
        ...{ matched: 2, amount_difference: 1, currency_difference: 1, duplicate: 1 },
        ...{ missing_here: 2, missing_there: 1, fee: 1 },
      },
      ...{ rows: 8, differences: 6, exceptions: 6 },
      totals: { AMD: { payment: 4_900, fee: -300, fees_within: 125 }, USD: { payment: 1_000 } },
    })
    const items = await till.items(made.id)
    expect(items.map(({ line, outcome, reason }) => [line, outcome, reason])).toEqual([
      [2, 'matched', null],
      [3, 'amount_difference', null],
      [4, 'currency_difference', null],
      [5, 'matched', null],
      [6, 'duplicate', 'settled_twice'],
      [7, 'missing_here', 'unpaid'],
      [8, 'missing_here', 'unknown'],
      [9, 'fee', null],
      [null, 'missing_there', null],
    ])
    expect(items[1]).toMatchObject({ amount: 900, expected_amount: 1_000, payment_id: less.payment_id })
    expect(items.at(-1)).toMatchObject({ payment_id: unsettled.payment_id, session_id: unsettled.id })
    const exceptions = await till.exceptions(6)
    expect(exceptions.map(({ payment_id }) => payment_id).toSorted()).toEqual(
      [less, foreign, twice, unpaid, unsettled]
        .map((one) => one.payment_id)
        .concat(null)
        .toSorted(),
    )
  })
})

describe('a difference', () => {
  it('is raised once however often a reconciliation runs, and stays closed when a person has closed it', async () => {
    const till = await aSettlingTill()
    const [less, gone] = await till.paid(2)
    const file = aFile(aRow(less, { amount: '9.00' }))
    const made = await till.reconcile(file)
    const [first, second] = await till.exceptions(2)
    const items = await till.items(made.id)
    const operator = await till.door.json(201, `/v1/admin/merchants/${till.merchantId}/operators`, {
      ...{ as: ADMIN, body: { name: 'Ani', role: 'operator', livemode: false } },
    })
    await till.json(200, `/v1/exceptions/${first.id}/resolve`, {
      ...{ as: operator.token, body: { resolution: 'agreed', note: 'The bank has put it right.' } },
    })
    await till.json(202, `/v1/reconciliations/${made.id}/run`, { method: 'POST', body: {} })
    const again = await till.finished(made.id, 2)
    expect(again.summary).toMatchObject({ differences: 2, outcomes: made.summary.outcomes })
    expect(await till.items(made.id)).toEqual(items)
    // The same file in another reconciliation tells nothing new either.
    await till.reconcile(file)
    expect(await till.exceptions(1)).toMatchObject([{ id: second.id }])
    expect((await till.paymentOf(gone)).open_exceptions + (await till.paymentOf(less)).open_exceptions).toBe(
      1,
    )
  })

  it('is ended by the facts when a later file explains it', async () => {
    const till = await aSettlingTill()
    const [early, late] = await till.paid(2)
    const made = await till.reconcile(aFile(aRow(early)))
    expect(await till.exceptions(1)).toMatchObject([{ payment_id: late.payment_id }])
    const added = await till.send(`/v1/reconciliations/${made.id}/files`, aFile(aRow(late)))
    expect(added.status).toBe(202)
    const again = await till.finished(made.id, 2)
    expect(again.files).toMatchObject([
      { n: 1, rows: 1 },
      { n: 2, rows: 1 },
    ])
    expect(again.summary.outcomes).toMatchObject({ matched: 2, missing_there: 0 })
    const [ended] = await till.exceptions(1, 'resolved')
    expect(ended).toMatchObject({ resolution: 'explained', resolved_by: 'tollgate' })
    expect(await till.exceptions(0)).toEqual([])
  })

  it('waits for files that are still to come, and says nothing about half of them', async () => {
    const till = await aSettlingTill()
    const [early, late] = await till.paid(2)
    const response = await till.send(asking(till, { files: 2 }), aFile(aRow(early)))
    const made: Json = await response.json()
    expect(made).toMatchObject({ status: 'receiving', run: 0, summary: null, files_expected: 2 })
    const refused = await till.call(`/v1/reconciliations/${made.id}/run`, { method: 'POST' })
    expect([refused.status, ((await refused.json()) as Json).code]).toEqual([409, 'not_allowed_now'])
    await till.send(`/v1/reconciliations/${made.id}/files`, aFile(aRow(late)))
    const through = await till.finished(made.id)
    expect(through.summary.outcomes).toMatchObject({ matched: 2, missing_there: 0 })
    expect(await till.exceptions(0)).toEqual([])
  })
})

describe('a payment whose report was lost (pain 13: a lost report leaves it pending for ever)', () => {
  it('is found in the settlement, and its provider is asked', async () => {
    const till = await aSettlingTill()
    const session = await till.open()
    await till.recorded([session], 'pending')
    // The customer pays, and what the provider reports is lost on the way.
    await click(session, 'pay', { lost: 'on' })
    expect((await till.paymentOf(session)).status).toBe('pending')
    const made = await till.reconcile(aFile(aRow(session)))
    expect(await till.items(made.id)).toMatchObject([{ outcome: 'missing_here', reason: 'unpaid' }])
    await vi.waitFor(async () => expect((await till.paymentOf(session)).status).toBe('paid'), {
      ...{ timeout: 15_000, interval: 100 },
    })
    await till.recorded([session], 'paid')
    await till.json(202, `/v1/reconciliations/${made.id}/run`, { method: 'POST', body: {} })
    const again = await till.finished(made.id, 2)
    expect(again.summary.outcomes).toMatchObject({ matched: 1, missing_here: 0 })
    expect(await till.exceptions(0)).toEqual([])
  })
})

describe('a refund', () => {
  it('is compared with the refund that it is, and one that nobody made here is missing here', async () => {
    const till = await aSettlingTill()
    const [session] = await till.paid(1)
    await till.json(200, `/v1/payments/${session.payment_id}/refunds`, { key: aKey(), body: { amount: 400 } })
    await vi.waitFor(async () => {
      const row = await till.db
        .prepare('select body from payments where id = ?')
        .bind(session.payment_id)
        .first()
      expect(JSON.parse(String(row?.body)).amount_refunded).toBe(400)
    }, 10_000)
    const refund = (amount: string, id: string) =>
      aRow(session, { type: 'refund', amount, transaction_id: id })
    const made = await till.reconcile(aFile(aRow(session), refund('-4.00', 're-1'), refund('-1.00', 're-2')))
    expect((await till.items(made.id)).map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['matched', null],
      ['matched', null],
      ['missing_here', 'unknown_refund'],
    ])
  })
})

describe('a request', () => {
  it('that is repeated under its key meets the reconciliation that it made, and another one does not', async () => {
    const file = aFile('tx,fee,,,-3.00,AMD,,')
    const key = aKey()
    const path = asking(till)
    const [first, second] = await Promise.all([
      till.send(path, file, { key }),
      till.send(path, file, { key }),
    ])
    const third = await till.send(path, file, { key })
    const bodies: Json[] = await Promise.all([first, second, third].map((one) => one.json()))
    expect([first.status, second.status, third.status]).toEqual([202, 202, 202])
    expect(new Set(bodies.map(({ id }) => id)).size).toBe(1)
    expect(bodies[2].files).toHaveLength(1)
    expect(third.headers.get('idempotent-replayed')).toBe('true')
    const other = await till.send(path, aFile('tx,fee,,,-4.00,AMD,,'), { key })
    expect([other.status, ((await other.json()) as Json).code]).toEqual([422, 'idempotency_key_reused'])
    const none = await till.call(path, {
      method: 'POST',
      body: file,
      headers: { 'content-type': 'text/csv' },
    })
    expect(((await none.json()) as Json).code).toBe('idempotency_key_missing')
  })

  it('with the same file once more adds nothing', async () => {
    const file = aFile('tx,fee,,,-3.00,AMD,,')
    const { id } = await till.reconcile(file)
    const again = await till.send(`/v1/reconciliations/${id}/files`, file)
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([202, 'true'])
    expect((await till.finished(id)).files).toHaveLength(1)
  })

  it.each([
    ['a connection of nobody', { connection_id: 'con_nobody' }, '/connection_id'],
    ['a period that ends before it begins', { to: '2020-01-01T00:00:00Z' }, '/to'],
    ['a mapping that is none', { mapping: '{"colums":{}}' }, '/mapping/colums'],
    ['a layout that nobody knows', { layout: 'excel' }, '/layout'],
  ])('with %s is refused by its place', async (_, change, pointer) => {
    const response = await till.send(asking(till, change), aFile())
    expect(await response.json()).toMatchObject({ code: 'validation_failed', errors: [{ pointer }] })
  })
})

describe('a file that cannot be read', () => {
  const good = 'tx,fee,,,-3.00,AMD,,'
  const many = Array.from({ length: 1_200 }, () => good)
  it.each<[string, string | Uint8Array, string]>([
    ['an amount that is none', aFile(good, 'tx,fee,,,abc,AMD,,'), '/lines/3/amount'],
    ['an amount finer than its currency', aFile('tx,fee,,,1.234,JPY,,'), '/lines/2/amount'],
    ['an unknown currency', aFile('tx,fee,,,1.00,XXX,,'), '/lines/2/currency'],
    ['a word that no layout knows', aFile('tx,gift,,,1.00,AMD,,'), '/lines/2/type'],
    ['a row about nothing', aFile('tx,payment,,,1.00,AMD,,'), '/lines/2/reference'],
    ['a cell too many', aFile(...many, `${good},,`), '/lines/1202'],
    ['a quote that never closes', aFile(...many, `tx,fee,"a,,-3.00,AMD,,`, good), '/lines/1202'],
    ['no header', 'some,thing,else\n1,2,3\n', '/lines/1'],
    ['nothing', '\n', '/lines/1'],
    [
      'another encoding',
      Buffer.concat([Buffer.from(aFile(good)), Buffer.from([0xcf, 0xf0, 0x0a])]),
      '/lines/3',
    ],
    ['UTF-16', Buffer.from(aFile(good), 'utf16le'), '/lines/1'],
  ])('with %s is named by its line, and nothing of it stays', async (_, body, pointer) => {
    const response = await till.send(asking(till), body)
    const problem: Json = await response.json()
    expect([response.status, problem.code, problem.errors?.[0].pointer]).toEqual([
      422,
      'validation_failed',
      pointer,
    ])
    expect(await leftovers()).toEqual([0, 0])
  })

  it('because it is too large is 413, and nothing of it stays', async () => {
    const row = `${good.padEnd(1_000)}\n`
    const body = new TextEncoder().encode(aFile() + row.repeat(21 * 1_049))
    const response = await till.send(asking(till), body)
    expect([response.status, ((await response.json()) as Json).code]).toEqual([413, 'body_too_large'])
    expect(await leftovers()).toEqual([0, 0])
  })

  it('because it is no CSV is 415', async () => {
    const response = await till.send(asking(till), '{}', { headers: { 'content-type': 'application/json' } })
    expect([response.status, ((await response.json()) as Json).code]).toEqual([415, 'unsupported_media_type'])
  })

  it('is never a 500, whatever it is', async () => {
    const cell = fc.oneof(
      fc.constantFrom('"', ',', '\n', '\r\n', ';', '\ufeff', '10.00', 'AMD', 'payment'),
      text,
    )
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(cell, { maxLength: 30 }), async (headed, cells) => {
        const body = new TextEncoder().encode((headed ? aFile() : '') + cells.join(','))
        const startedAt = Date.now()
        await judged(await till.send(asking(till), body), startedAt, 'a file')
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  async function leftovers(): Promise<unknown[]> {
    const unfinished = till.db
      .prepare('select count(*) as n from settlement_files where n is null')
      .first('n')
    const chunks = till.db
      .prepare(
        'select count(*) as n from settlement_chunks where file_id not in (select id from settlement_files)',
      )
      .first('n')
    return await Promise.all([unfinished, chunks])
  }
})

describe('items', () => {
  it('come in pages in the order of the file, of one outcome or all, and as a file that runs nothing', async () => {
    const till = await aSettlingTill()
    const rows = Array.from({ length: 45 }, (_, n) => {
      const reference = n % 3 === 0 ? `=cmd|' /C calc'!A${n}` : `ref-${n}`
      return `tx-${n},payment,"${reference}",,${n + 1}.00,AMD,,`
    })
    const { id } = await till.reconcile(aFile(...rows, 'fee-1,fee,,,-3.00,AMD,,'))
    const lines: number[] = []
    for (let cursor = ''; ; ) {
      const page = await till.json(
        200,
        `/v1/reconciliations/${id}/items?limit=20&outcome=missing_here${cursor}`,
      )
      lines.push(...page.data.map((item: Json) => item.line))
      if (page.next_cursor === null) break
      cursor = `&cursor=${page.next_cursor}`
    }
    expect(lines).toEqual(Array.from({ length: 45 }, (_, n) => n + 2))
    expect(await till.items(id, '&outcome=fee')).toMatchObject([{ line: 47, amount: -300 }])

    const exported = await till.call(`/v1/reconciliations/${id}/items.csv`)
    expect(exported.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    const read = parse(await exported.text(), { columns: true }) as Record<string, string>[]
    expect(read).toHaveLength(46)
    expect(read[0]).toMatchObject({ line: '2', outcome: 'missing_here', amount: '1.00', currency: 'AMD' })
    expect(read[45]).toMatchObject({ outcome: 'fee', amount: '-3.00' })
    const texts = read.flatMap((row) => Object.entries(row).filter(([name]) => name !== 'amount'))
    expect(texts.filter(([, value]) => /^[=+\-@\t\r]/.test(value))).toEqual([])
    expect(read[0]!.reference).toBe(`'=cmd|' /C calc'!A0`)
  })
})
