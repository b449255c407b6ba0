import { describe, expect, it } from 'vitest'
import { anOrder, click, listen, serve, shop } from './sandbox-shop.ts'

const origin = 'https://gateway.example'

async function opened(details: Parameters<typeof anOrder>[0] = {}) {
  const order = anOrder(details)
  const outcome = await shop().open(order)
  if (outcome.kind !== 'done' || outcome.value.checkout.kind !== 'redirect') throw new Error(outcome.kind)
  const reference = outcome.value.references[0]
  return { order, reference, url: outcome.value.checkout.url, arrived: await listen(reference) }
}

const look = (url: string) => serve(new Request(url))

describe('the hosted checkout page', () => {
  it('stands at the address that the adapter gave, and shows the order and its amount', async () => {
    const { url, order } = await opened({
      amount: 1_250_050,
      currency: 'AMD',
      description: 'Two <b>books</b>',
    })
    const response = await look(url)
    const text = await response.text()
    expect(response.status).toBe(200)
    expect(url).toMatch(/^https:\/\/gateway\.example\/sandbox\/checkout\/sbx_/)
    expect(text).toContain(order.orderId)
    expect(text).toContain('12500.50 AMD')
    expect(text).toContain('Two &lt;b&gt;books&lt;/b&gt;')
  })

  it.each([
    ['JPY', '1250 JPY'],
    ['KWD', '1.250 KWD'],
    ['USD', '12.50 USD'],
  ])('writes %s with the decimals that it has', async (currency, written) => {
    const { url } = await opened({ amount: 1_250, currency })
    expect(await (await look(url)).text()).toContain(`>${written}<`)
  })

  it('is readable aloud: a language, a title, one heading, a label for each field and words on each button', async () => {
    const text = await (await look((await opened()).url)).text()
    expect(text).toContain('<html lang="en">')
    expect(text).toMatch(/<title>[^<]+<\/title>/)
    expect(text.match(/<h1>/g)).toHaveLength(1)
    const ids = [...text.matchAll(/<(?:input|select)[^>]* id="([^"]+)"/g)].map((match) => match[1])
    const labels = [...text.matchAll(/<label for="([^"]+)">/g)].map((match) => match[1])
    expect(ids).toEqual(['late', 'repeated', 'tampered', 'reordered', 'lost', 'anyway'])
    expect(labels.toSorted()).toEqual(ids.toSorted())
    const buttons = [...text.matchAll(/<button[^>]* value="(\w+)">([^<]+)</g)].map((match) => match.slice(1))
    expect(buttons).toEqual([
      ['pay', 'Pay'],
      ['authorize', 'Authorize only'],
      ['decline', 'Decline'],
      ['cancel', 'Cancel'],
    ])
  })

  it('runs no script, and allows none', async () => {
    const response = await look((await opened()).url)
    const policy = response.headers.get('content-security-policy') ?? ''
    const text = await response.text()
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe')
    expect(text).not.toContain('<script')
    expect(text).not.toMatch(/ style=| on\w+=/)
    const style = /<style>(.*?)<\/style>/s.exec(text)?.[1] ?? ''
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style))
    expect(policy).toContain(`sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}`)
  })

  it.each(['pay', 'authorize', 'decline', 'cancel'])(
    'sends the browser back to the shop after %s',
    async (choice) => {
      const { reference, order } = await opened()
      const response = await click(reference, { choice })
      expect(response.status).toBe(303)
      expect(response.headers.get('location')).toBe(order.returnUrl)
    },
  )

  it('holds the money only, where the shop captures later', async () => {
    const { reference, url, arrived } = await opened({ captureMethod: 'manual' })
    expect(await (await look(url)).text()).toContain('only holds the money')
    await click(reference, { choice: 'pay' })
    expect(arrived.map((report) => JSON.parse(report.body).type)).toEqual(['payment.authorized'])
  })

  it('takes no second click, and says that nothing was charged', async () => {
    const { reference, arrived } = await opened()
    await click(reference, { choice: 'cancel' })
    const response = await click(reference, { choice: 'pay' })
    const text = await response.text()
    expect(response.status).toBe(409)
    expect(text).toContain('role="alert"')
    expect(text).toContain('Nothing was charged just now.')
    expect(arrived).toHaveLength(1)
  })

  it('plays a customer whose bank pays after the end, and one who pays twice', async () => {
    const late = await opened()
    await click(late.reference, { choice: 'cancel' })
    await click(late.reference, { choice: 'pay', anyway: 'on' })
    expect(late.arrived.map((report) => JSON.parse(report.body).type)).toEqual([
      'payment.canceled',
      'payment.captured',
    ])
    const twice = await opened({ amount: 700 })
    await click(twice.reference, { choice: 'pay' })
    await click(twice.reference, { choice: 'pay', anyway: 'on' })
    expect(twice.arrived.map((report) => JSON.parse(report.body).data.amount)).toEqual([700, 1_400])
  })

  it('is not played with without end', async () => {
    const { reference } = await opened()
    const answers: number[] = []
    for (let i = 0; i < 10; i++)
      answers.push(
        (await click(reference, { choice: 'pay', anyway: 'on', repeated: '20', late: '3600' })).status,
      )
    expect([...new Set(answers)]).toEqual([303, 409])
  })

  it('shows afterwards what happened, what was reported, and the way back', async () => {
    const { reference, url, order } = await opened({ amount: 500, currency: 'USD' })
    await click(reference, { choice: 'pay' })
    const text = await (await look(url)).text()
    expect(text).toContain('This checkout is over')
    expect(text).toContain('captured 5.00 USD')
    expect(text).toContain('<td>payment.captured</td><td>1</td><td>200</td>')
    expect(text).toContain(`href="${order.returnUrl}"`)
  })

  it.each([
    [{ choice: 'rob' }, 'Choose one of the buttons.'],
    [{ choice: 'pay', late: '-1' }, 'The delay cannot be negative.'],
    [{ choice: 'pay', late: '1e9' }, 'The delay is at most 3600 seconds.'],
    [{ choice: 'pay', repeated: '0' }, 'Each report is sent at least once'],
    [{ choice: 'pay', repeated: 'often' }, 'How often is a number.'],
  ])('answers the impossible form %j with what is wrong, and does nothing', async (fields, sentence) => {
    const { reference, arrived } = await opened()
    const response = await click(reference, fields)
    expect(response.status).toBe(422)
    expect(await response.text()).toContain(sentence)
    expect(arrived).toEqual([])
  })

  it.each(['sbx_00000000000000000000000000', 'sbx_1', '..%2f..%2fapi', 'x'.repeat(3_000)])(
    'knows no checkout by the name %s',
    async (name) => {
      const response = await look(`${origin}/sandbox/checkout/${name}`)
      expect(response.status).toBe(404)
      expect((await click(name, { choice: 'pay' })).status).toBe(404)
    },
  )

  it('is 413 and a page for a form that it cannot have made', async () => {
    const { reference } = await opened()
    const response = await click(reference, { choice: 'pay', note: 'x'.repeat(20_000) })
    expect([response.status, response.headers.get('content-type')]).toEqual([413, 'text/html; charset=UTF-8'])
    expect(await response.text()).toContain('Nothing happened')
  })

  it('keeps its books away from requests that could come from the internet', async () => {
    const { reference } = await opened()
    const response = await look(`${origin}/sandbox/api/checkouts/${reference}`)
    expect(response.status).toBe(404)
  })
})
