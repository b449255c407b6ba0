// Settlement files as providers, banks and spreadsheets write them, in whatever pieces they come.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type LayoutName, layoutOf, type Mapping } from '../../../src/domain/settlement/layouts.ts'
import type { SettlementRow } from '../../../src/domain/settlement/row.ts'
import { type Encoding, FileRefused, readFile } from '../../../src/reconciliation/read-file.ts'

async function* inPieces(bytes: Uint8Array, size: number) {
  for (let start = 0; start < bytes.length; start += size) yield bytes.slice(start, start + size)
}

interface Told {
  layout?: LayoutName
  mapping?: Mapping
  encoding?: Encoding
  size?: number
}

async function rowsOf(file: string | Uint8Array, told: Told = {}): Promise<SettlementRow[]> {
  const { layout = 'generic', mapping = {}, encoding = 'utf-8', size = 7 } = told
  const bytes = typeof file === 'string' ? new TextEncoder().encode(file) : file
  const reading = { layout: layoutOf(layout, mapping), encoding, delimiter: mapping.delimiter }
  const rows: SettlementRow[] = []
  for await (const row of readFile(inPieces(bytes, size), reading)) rows.push(row)
  return rows
}

async function refusalOf(file: string | Uint8Array, told: Told = {}) {
  const error = await rowsOf(file, told).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof FileRefused)) throw new Error(`It was not refused: ${String(error)}`)
  return error.wrong.map(({ line, field }) => [line, field])
}

const lines = (...all: string[]) => `${all.join('\n')}\n`

describe('a file', () => {
  const header = 'transaction_id,type,reference,amount,currency'
  it.each<[string, string, Told]>([
    ['with line feeds', lines(header, 'tx,payment,ref,12.50,AMD'), {}],
    ['without a last line end', `${header}\ntx,payment,ref,12.50,AMD`, {}],
    ['with carriage returns', `${header}\r\ntx,payment,ref,12.50,AMD\r\n`, {}],
    ['with a byte order mark', `\ufeff${lines(header, 'tx,payment,ref,12.50,AMD')}`, {}],
    [
      'with semicolons and decimal commas',
      lines(header.replaceAll(',', ';'), 'tx;payment;ref;12,50;AMD'),
      {},
    ],
    ['with tabs', lines(header.replaceAll(',', '\t'), 'tx\tpayment\tref\t12.50\tAMD'), {}],
    ['with quotes', lines(`"${header.replaceAll(',', '","')}"`, '"tx","payment","ref","12.50","AMD"'), {}],
    [
      'with other columns',
      lines(`note,${header}`, '"a ""quoted"", and\nbroken note",tx,payment,ref,12.50,AMD'),
      {},
    ],
    ['below a title', lines('Statement', 'Account,1234', '', header, 'tx,payment,ref,12.50,AMD'), {}],
    ['above a sum', lines(header, 'tx,payment,ref,12.50,AMD', 'Total:,,,12.50,AMD'), {}],
    ['between empty lines', lines('', header, '', ',,,,', 'tx,payment,ref,12.50,AMD', ''), {}],
    ['with headings in capitals', lines(header.toUpperCase(), 'tx,Payment,ref,12.50,amd'), {}],
    ['in minor units', lines(header, 'tx,payment,ref,1250,AMD'), { mapping: { amounts: 'minor' } }],
    [
      'with columns of its own',
      lines('No|Sum|Ref', 'tx|12.50|ref'),
      { mapping: { columns: { id: ['No'], amount: ['Sum'], reference: ['Ref'] }, currency: 'AMD' } },
    ],
  ])('%s is read', async (_, file, told) => {
    const [row, ...others] = await rowsOf(file, told)
    expect(others).toEqual([])
    expect(row).toMatchObject({
      ...{ kind: 'payment', id: 'tx', references: ['ref'], amount: 1_250, currency: 'AMD', fee: null },
    })
  })

  it('in the encoding of older systems is read when it is told, and refused by its line when it is not', async () => {
    // «возврат» in windows-1251.
    const word = [0xe2, 0xee, 0xe7, 0xe2, 0xf0, 0xe0, 0xf2]
    const bytes = Uint8Array.from([
      ...new TextEncoder().encode('mdOrder,Operation,Amount\nmd-0,refund,-1.00\nmd-1,'),
      ...word,
      ...new TextEncoder().encode(',-4.00\n'),
    ])
    const rows = await rowsOf(bytes, { layout: 'arca_statement', encoding: 'windows-1251' })
    expect(rows[1]).toMatchObject({ kind: 'refund', amount: -400, currency: 'AMD', references: ['md-1'] })
    expect(await refusalOf(bytes, { layout: 'arca_statement' })).toEqual([[3, null]])
  })

  it('is refused with each of its mistakes by line and field, up to twenty', async () => {
    const wrong = [
      'tx,payment,ref,abc,AMD',
      'tx,gift,ref,1.00,AMD',
      'tx,payment,,1.00,AMD',
      'tx,payment,ref,1.00,XXX',
      'short',
    ]
    expect(await refusalOf(lines(header, 'tx,payment,ref,1.00,AMD', ...wrong))).toEqual([
      [3, 'amount'],
      [4, 'type'],
      [5, 'reference'],
      [6, 'currency'],
      [7, null],
    ])
    const many = Array.from({ length: 50 }, () => 'tx,payment,ref,abc,AMD')
    expect(await refusalOf(lines(header, ...many))).toHaveLength(20)
  })

  it('says in which line a quote was opened that never closes', async () => {
    const good = Array.from({ length: 30 }, () => 'tx,payment,ref,1.00,AMD')
    expect(await refusalOf(lines(header, ...good, 'tx,payment,"ref,1.00,AMD', ...good))).toEqual([[32, null]])
  })

  it('of one amount that may be two is refused until the mapping says which', async () => {
    const file = lines(header, 'tx,payment,ref,"1,250",AMD')
    expect(await refusalOf(file)).toEqual([[2, 'amount']])
    expect(await rowsOf(file, { mapping: { decimal: '.' } })).toMatchObject([{ amount: 125_000 }])
  })

  it('of more rows than may be is refused at the first of them', { timeout: 60_000 }, async () => {
    const rows = Array.from({ length: 100_001 }, () => 'tx,payment,ref,1.00,AMD')
    expect(await refusalOf(lines(header, ...rows), { size: 65_536 })).toEqual([[100_002, null]])
  })

  it('comes to the same rows in whatever pieces it comes', async () => {
    const cell = fc.stringMatching(/^[A-Za-z0-9 ,"\n;\u0531-\u0556]{0,12}$/)
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
    await fc.assert(
      fc.asyncProperty(
        fc.array(cell, { maxLength: 60 }),
        fc.integer({ min: 1, max: 400 }),
        async (notes, size) => {
          const rows = notes.map((note, n) => `tx-${n},payment,ref-${n},${n}.50,AMD,${quoted(note)}`)
          const file = lines(`${header},note`, ...rows)
          const read = await rowsOf(file, { size })
          expect(read.map(({ id, amount }) => [id, amount])).toEqual(
            notes.map((_, n) => [`tx-${n}`, n * 100 + 50]),
          )
          expect(read).toEqual(await rowsOf(file, { size: 1_000_000 }))
        },
      ),
    )
  })
})

describe('the layout of', () => {
  it('Stripe’s itemized report knows what the customer paid, in whose currency, and what Stripe kept', async () => {
    const heading =
      'balance_transaction_id,created_utc,currency,gross,fee,net,reporting_category,source_id,customer_facing_amount,customer_facing_currency,payment_intent_id,charge_id'
    const rows = await rowsOf(
      lines(
        heading,
        'txn_1,2026-11-20 10:00:00,usd,11.00,0.62,10.38,charge,ch_1,10.00,eur,pi_1,ch_1',
        'txn_2,2026-11-20 11:00:00,usd,-5.50,0.00,-5.50,refund,re_1,-5.00,eur,pi_1,ch_1',
        'txn_3,2026-11-20 12:00:00,jpy,1250,45,1205,charge,ch_2,,,pi_2,ch_2',
        'txn_4,2026-11-21 00:00:00,usd,-4.26,0.00,-4.26,payout,po_1,,,,',
        'txn_5,2026-11-21 00:00:00,usd,-0.62,0.00,-0.62,fee,,,,,',
        'txn_6,2026-11-21 00:00:00,usd,-10.00,15.00,-25.00,dispute,dp_1,-10.00,eur,pi_1,ch_1',
      ),
      { layout: 'stripe_balance' },
    )
    expect(rows.map((row) => [row.kind, row.id, row.amount, row.currency, row.fee, row.feeCurrency])).toEqual(
      [
        ['payment', 'txn_1', 1_000, 'EUR', 62, 'USD'],
        ['refund', 'txn_2', -500, 'EUR', 0, 'USD'],
        ['payment', 'txn_3', 1_250, 'JPY', 45, 'JPY'],
        ['other', 'txn_4', -426, 'USD', 0, 'USD'],
        ['fee', 'txn_5', -62, 'USD', 0, 'USD'],
        ['reversal', 'txn_6', -1_000, 'EUR', 1_500, 'USD'],
      ],
    )
    expect(rows[1]?.references).toEqual(['pi_1', 'ch_1', 're_1'])
  })

  it('Stripe’s balance history names the charge as its source', async () => {
    const rows = await rowsOf(
      lines(
        'id,Type,Source,Amount,Fee,Net,Currency,Created (UTC)',
        'txn_1,charge,ch_1,"1,250.00",36.55,"1,213.45",usd,2026-11-20',
      ),
      { layout: 'stripe_balance' },
    )
    expect(rows).toMatchObject([{ kind: 'payment', references: ['ch_1'], amount: 125_000, currency: 'USD' }])
  })

  it.each<LayoutName>(['arca_statement', 'ameriabank_statement'])(
    'a bank (%s) knows currencies by number and words in three languages',
    async (layout) => {
      const rows = await rowsOf(
        lines(
          'RRN;Operation type;mdOrder;orderNumber;Amount;Currency;Commission;Date',
          '1;Purchase;md-1;A1;12 500,00;051;187,50;20.11.2026',
          '2;Возврат;md-1;A1;-2 500,00;51;;21.11.2026',
          '3;Վճարում;md-2;A2;99,00;840;1,50;21.11.2026',
        ),
        { layout },
      )
      expect(
        rows.map((row) => [row.kind, row.id, row.amount, row.currency, row.fee, row.references]),
      ).toEqual([
        ['payment', '1', 1_250_000, 'AMD', 18_750, ['md-1', 'A1']],
        ['refund', '2', -250_000, 'AMD', null, ['md-1', 'A1']],
        ['payment', '3', 9_900, 'USD', 150, ['md-2', 'A2']],
      ])
    },
  )

  it('Idram knows its bills, which are our sessions, in drams', async () => {
    const bill = `ps_${'0'.repeat(39)}`
    const rows = await rowsOf(
      lines('EDP_TRANS_ID,EDP_BILL_NO,EDP_AMOUNT,EDP_TRANS_DATE', `12345,${bill},1900.00,20/11/2026`),
      { layout: 'idram' },
    )
    expect(rows).toMatchObject([
      { kind: 'payment', id: '12345', references: [bill], amount: 190_000, currency: 'AMD' },
    ])
  })
})
