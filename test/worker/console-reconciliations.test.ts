// Settlement files in the console: sent from a form, compared, shown with what differs, and saved as a file.
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { aFile, aRow, aSettlingTill, DAY, type SettlingTill } from './a-settlement.ts'
import { aConsole, type Browser, deskOf, formIn, formTokenIn, type Seen } from './console-browser.ts'
import type { Json } from './till.ts'

const path = '/console/reconciliations'

let till: SettlingTill

beforeAll(async () => {
  till = await aSettlingTill()
}, 30_000)

const day = (fromNow: number) => new Date(Date.now() + fromNow).toISOString().slice(0, 10)

/** Fills in the form as a browser sends one with a file: several parts, and the file among them. */
async function upload(
  browser: Browser,
  at: string,
  name: string,
  { file, ...fields }: Record<string, string | null> & { file: string | null },
): Promise<Seen> {
  const hidden = formIn(await browser.see(at), name)
  if (hidden === null) throw new Error(`${at} has no form called ${name}`)
  return sent(browser, at, { ...hidden, ...fields }, file)
}

function sent(
  browser: Browser,
  at: string,
  fields: Record<string, string | null>,
  file: string | null,
): Promise<Seen> {
  const body = new FormData()
  for (const [field, value] of Object.entries(fields)) if (value !== null) body.set(field, value)
  if (file !== null) body.set('file', new File([file], 'november.csv', { type: 'text/csv' }))
  return browser.send(at, { method: 'POST', headers: { origin: 'https://pay.example' }, body })
}

/** What an operator fills in, for a period that holds everything. */
const filled = (file: string | null, change: Record<string, string | null> = {}) => ({
  ...{ connection_id: till.connectionId, from: day(-30 * DAY), to: day(3 * DAY), grace_days: '0' },
  ...{ encoding: 'utf-8', files: '1', layout: '', mapping: '' },
  ...change,
  file,
})

/** The page once the comparison is through. */
const finished = (browser: Browser, at: string): Promise<string> =>
  vi.waitFor(
    async () => {
      const { text } = await browser.see(at)
      expect(text).toContain('>finished<')
      return text
    },
    { timeout: 20_000, interval: 50 },
  )

describe('an operator', () => {
  it('sends a file, sees what differs, each with its payment, and saves it', async () => {
    const [good, less] = (await till.paid(2)) as [Json, Json]
    const browser = await deskOf(till).loggedIn()
    const form = await browser.see(path)
    expect(form.text).toContain('enctype="multipart/form-data"')
    // The connection of the payments that it can see is filled in.
    expect(form.text).toContain(`value="${till.connectionId}"`)
    const file = aFile(aRow(good), aRow(less, { amount: '9.00' }), ',fee,,,-3.00,AMD,,')
    const { status, to } = await upload(browser, path, 'reconcile', filled(file))
    expect(status).toBe(303)
    const text = await finished(browser, to!)
    for (const part of [
      'another amount',
      'AMD 9.00',
      'AMD 10.00',
      '−AMD 3.00',
      `/console/payments/${less.payment_id}`,
    ])
      expect(text.replaceAll('\u00a0', ' ')).toContain(part)
    const only = await browser.see(`${to}?outcome=amount_difference`)
    expect(only.text).toContain(less.order_id)
    expect(only.text).not.toContain(good.order_id)
    const csv = await browser.see(`${to}/items.csv?outcome=amount_difference`)
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(csv.headers.get('content-disposition')).toContain('attachment')
    expect(csv.text.trim().split('\r\n')).toHaveLength(2)
    expect((await browser.see(path)).text).toContain(`<a href="${to}">`)
  })

  it('makes one reconciliation of a form that is sent twice', async () => {
    const browser = await deskOf(till).loggedIn()
    const hidden = formIn(await browser.see(path), 'reconcile')!
    const { file, ...fields } = filled(aFile())
    const asked = { ...hidden, ...fields }
    const [first, second] = [await sent(browser, path, asked, file), await sent(browser, path, asked, file)]
    expect(first.status).toBe(303)
    expect(second.to).toBe(first.to)
  })

  it('adds a file that belongs to the same period, and compares again', async () => {
    const browser = await deskOf(till).loggedIn()
    const { to } = await upload(browser, path, 'reconcile', filled(aFile(), { files: '2' }))
    const waiting = await browser.see(to!)
    expect(waiting.text).toContain('waits for files')
    expect(waiting.text).toContain('1 of 2')
    expect(formIn(waiting, 'run')).toBeNull()
    const added = await upload(browser, to!, 'add', { encoding: 'utf-8', file: aFile(',fee,,,-1.00,AMD,,') })
    expect([added.status, added.to]).toEqual([303, to])
    expect(await finished(browser, to!)).toContain('2 of 2')
    expect((await browser.fill(to!, 'run')).to).toBe(to)
  })

  it.each([
    ['no file', null, {}, 'Choose a file.'],
    [
      'a file that cannot be read',
      'transaction_id,reference,amount,currency\nx,y,much,AMD\n',
      {},
      '/lines/2/amount',
    ],
    [
      'a period that ends before it begins',
      'reference,amount,currency\n',
      { to: '2020-01-01' },
      'It must be after /from.',
    ],
    [
      'somebody else’s connection',
      'reference,amount,currency\n',
      { connection_id: 'con_1' },
      'No such connection',
    ],
  ])('hears what is wrong with %s, beside what was filled in', async (_, file, change, why) => {
    const browser = await deskOf(till).loggedIn()
    const refused = await upload(browser, path, 'reconcile', filled(file, change as Record<string, string>))
    expect(refused.status).toBe(422)
    expect(refused.text).toContain(why)
    expect(refused.text).toContain(`value="${day(-30 * DAY)}"`)
    expect(formIn(refused, 'reconcile')).not.toBeNull()
  })

  it('is told as a page when a file is larger than a form may bring', async () => {
    const browser = await deskOf(till).loggedIn()
    const refused = await upload(browser, path, 'reconcile', filled('x'.repeat(9 * 1_048_576)))
    expect(refused.status).toBe(413)
    expect(refused.text).toContain('A file is at most 8 MiB here.')
  })
})

describe('who may not', () => {
  it('a viewer: reads, sees no form, and is refused when it sends one all the same', async () => {
    const viewer = await deskOf(till).loggedIn('viewer')
    const seen = await viewer.see(path)
    expect(seen.status).toBe(200)
    expect(formIn(seen, 'reconcile')).toBeNull()
    const { file, ...fields } = filled(aFile())
    const asked = { form_token: formTokenIn(seen), form_name: 'reconcile', form_key: 'k', ...fields }
    const refused = await sent(viewer, path, asked, file)
    expect(refused.status).toBe(403)
    expect(refused.text).toContain('A viewer only looks.')
  })

  it('another merchant, who finds nothing, not even as a file', async () => {
    const { to } = await upload(await deskOf(till).loggedIn(), path, 'reconcile', filled(aFile()))
    const stranger = await (await aConsole()).loggedIn('admin')
    for (const address of [to!, `${to}/items.csv`]) expect((await stranger.see(address)).status).toBe(404)
  })
})
