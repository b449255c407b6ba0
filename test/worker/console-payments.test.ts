// Payments in the console, over the real Worker: finding one, its story, and what each role may do about it.
import { describe, expect, it, vi } from 'vitest'
import { type Browser, deskOf, formIn, formTokenIn } from './console-browser.ts'
import { anOrderId, aTill, click, type Json } from './till.ts'

async function aPaid(change: object = {}) {
  const till = await aTill()
  const order_id = anOrderId()
  const session = await till.open({ order_id, amount: 1_250_050, ...change })
  await click(session, 'pay')
  await vi.waitFor(async () => expect((await till.paymentOf(session)).status).not.toBe('pending'), 10_000)
  const desk = deskOf(till)
  return { till, desk, session, order_id, path: `/console/payments/${session.payment_id}` }
}

/** Waits for the records, which follow the payment's object. */
const untilListed = (browser: Browser, search: string, text: string) =>
  vi.waitFor(
    async () => expect((await browser.see(`/console/payments${search}`)).text).toContain(text),
    10_000,
  )

describe('the list of payments', () => {
  it('finds one by its order, its provider’s reference, its amount and its status, and nothing else by them', async () => {
    const { desk, session, order_id, path } = await aPaid()
    const browser = await desk.loggedIn('viewer')
    const link = `<a href="${path}">${order_id}</a>`
    await untilListed(browser, '', link)
    const searches = [`q=${order_id}`, `q=${session.provider_reference}`, 'amount=12500.50&currency=amd']
    for (const search of [...searches, 'status=paid', 'amount=12%20500,50&currency=AMD&status=paid'])
      expect((await browser.see(`/console/payments?${search}`)).text, search).toContain(link)
    const others = [
      'q=Nobody-1',
      'amount=12500.51&currency=AMD',
      'amount=12500.50&currency=USD',
      'status=failed',
    ]
    for (const search of [...others, 'until=2020-01-01', `q=${order_id}&amount=1.00&currency=AMD`])
      expect((await browser.see(`/console/payments?${search}`)).text, search).not.toContain(link)
  })

  it('leads from any id of a payment’s straight to it', async () => {
    const { desk, session, path } = await aPaid()
    const browser = await desk.loggedIn('viewer')
    for (const id of [session.payment_id, session.id])
      expect((await browser.see(`/console/payments?q=${id}`)).to).toBe(path)
  })

  it('asks for a currency with an amount, since only that tells its decimals', async () => {
    const { desk } = await aPaid()
    const browser = await desk.loggedIn()
    for (const half of ['amount=12500', 'currency=AMD'])
      expect((await browser.see(`/console/payments?${half}`)).text, half).toContain('role="alert"')
  })
})

describe('a payment’s page', () => {
  it('tells where it stands in words and pictures, what was reported and what was written', async () => {
    const { desk, path, session } = await aPaid()
    const { text } = await (await desk.loggedIn('viewer')).see(path)
    for (const part of ['AMD', '12,500.50', session.provider_reference, 'Report applied', 'Checkout opened'])
      expect(text).toContain(part)
    expect(text).toMatch(/aria-label="Session: captured\. /)
    expect(text).toMatch(/aria-label="Refund: none\. Can become: partial, full\."/)
    expect(text.match(/<g class="lit">/g)).toHaveLength(5)
  })

  it('offers a viewer no form, and refuses every one that it sends', async () => {
    const { till, desk, path, session } = await aPaid()
    const viewer = await desk.loggedIn('viewer')
    const page = await viewer.see(path)
    const before = await till.paymentOf(session)
    for (const name of ['sync', 'capture', 'cancel', 'refunds', 'corrections']) {
      expect(formIn(page, name), name).toBeNull()
      const asked = { form_name: name, form_key: 'k-1', to_status: 'failed', reason: 'Because.' }
      const fields = name === 'corrections' ? asked : { form_name: name, form_key: 'k-1' }
      const refused = await viewer.post(path, { form_token: formTokenIn(page), ...fields })
      expect([name, refused.status]).toEqual([name, 403])
    }
    expect(await till.paymentOf(session)).toEqual(before)
  })

  it('refunds a part, once however often the form is sent, and says what is left', async () => {
    const { till, desk, path, session } = await aPaid()
    const browser = await desk.loggedIn()
    const form = formIn(await browser.see(path), 'refunds') ?? {}
    const fields = { ...form, amount: '2 500.50', reason: 'One bag came back.' }
    for (let n = 0; n < 2; n++) expect((await browser.post(path, fields)).to).toBe(path)
    const payment = await vi.waitFor(async () => {
      const read: Json = await till.paymentOf(session)
      expect(read.amount_refunded).toBe(250_050)
      return read
    }, 10_000)
    expect(payment.refunds).toHaveLength(1)
    expect((await browser.see(path)).text).toMatch(/At most AMD\s10,000\.00/)
  })

  it('shows the gateway’s refusal beside the form, and keeps what was entered', async () => {
    const { desk, path } = await aPaid()
    const browser = await desk.loggedIn()
    for (const [amount, word] of [
      ['99999', 'is at most'],
      ['1.234', 'no amount of this currency'],
    ] as const) {
      const refused = await browser.fill(path, 'refunds', { amount, reason: 'Because.' })
      expect(refused.status).toBe(422)
      expect(refused.text).toContain(word)
      expect(refused.text).toContain('value="Because."')
    }
  })

  it('captures what was authorized, asks the provider, and gives back what is only held', async () => {
    const held = await aPaid({ capture_method: 'manual' })
    const browser = await held.desk.loggedIn()
    expect((await browser.fill(held.path, 'sync')).to).toBe(held.path)
    expect((await browser.fill(held.path, 'capture', { amount: '10000.00' })).to).toBe(held.path)
    expect(await held.till.paymentOf(held.session)).toMatchObject({
      status: 'paid',
      amount_captured: 1_000_000,
    })
    const other = await aPaid({ capture_method: 'manual' })
    expect((await (await other.desk.loggedIn()).fill(other.path, 'cancel')).to).toBe(other.path)
    expect(await other.till.paymentOf(other.session)).toMatchObject({ status: 'canceled' })
  })

  it('corrects what the machine cannot know, under the operator’s name', async () => {
    const till = await aTill()
    const session = await till.open()
    await click(session, 'decline')
    await vi.waitFor(async () => expect((await till.paymentOf(session)).status).toBe('failed'), 10_000)
    const desk = deskOf(till)
    const { id, token } = await desk.anOperator()
    const browser = await desk.loggedIn()
    await browser.logIn(token)
    const path = `/console/payments/${session.payment_id}`
    const fields = {
      to_status: 'paid',
      reason: 'The bank shows it.',
      evidence: 'Statement of 30 November, line 4.',
    }
    expect((await browser.fill(path, 'corrections', fields)).to).toBe(path)
    expect((await till.paymentOf(session)).status).toBe('paid')
    const { data } = await till.json(200, `/v1/payments/${session.payment_id}/journal`)
    expect(data.find((one: Json) => one.type === 'correction.made')).toMatchObject({ actor: id })
  })

  it('is not there for another merchant’s operator', async () => {
    const { path } = await aPaid()
    const stranger = await deskOf(await aTill()).loggedIn('admin')
    expect((await stranger.see(path)).status).toBe(404)
    const form_token = formTokenIn(await stranger.see('/console/payments'))
    expect((await stranger.post(path, { form_token, form_name: 'sync', form_key: 'k' })).status).toBe(404)
  })
})

describe('the texts', () => {
  it.each(['hy', 'ru'])(
    'are there in %s on every page, and amounts are written as that language writes them',
    async (language) => {
      const { desk, path } = await aPaid()
      const browser = await desk.loggedIn()
      for (const page of ['/console/payments', '/console/exceptions', path]) {
        const { text } = await browser.see(`${page}?language=${language}`)
        expect(text).toContain(`<html lang="${language}"`)
        expect(text).not.toMatch(/>(Payments|Exceptions|Log out|Search|Refund|Journal)</)
      }
      expect((await browser.see(path)).text).toMatch(/12\s500,50/u)
    },
  )
})
