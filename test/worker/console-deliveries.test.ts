// A payment's deliveries at the desk, over the real Worker: every try that failed, and one more when a person asks for it.
import { afterEach, describe, expect, it, vi } from 'vitest'
import { deskOf, formIn, formTokenIn } from './console-browser.ts'
import { aTill, click, type Json } from './till.ts'

afterEach(() => vi.restoreAllMocks())

/** A payment of which a system has heard nothing, since it answers otherwise than it should. */
async function aFailedDelivery() {
  const answers = { status: 500 }
  vi.spyOn(globalThis, 'fetch').mockImplementation(
    async () => new Response('no room', { status: answers.status }),
  )
  const till = await aTill()
  const body = { kind: 'crm', url: 'https://crm.example/hook', event_types: ['payment.paid'] }
  await till.json(201, '/v1/destinations', { body })
  const session = await till.open()
  await click(session, 'pay')
  const delivery = await vi.waitFor(
    async () => {
      const { data } = await till.json(200, `/v1/deliveries?payment_id=${session.payment_id}`)
      expect(data).toMatchObject([{ attempt_count: 1 }])
      return data[0] as Json
    },
    { timeout: 10_000, interval: 50 },
  )
  const now = (): Promise<Json> => till.json(200, `/v1/deliveries/${delivery.id}`)
  const place = { path: `/console/payments/${session.payment_id}`, form: `retry-${delivery.id}` }
  return { till, answers, now, ...place, id: delivery.id as string }
}

describe('a delivery that failed', () => {
  it('shows each try with what it was answered, and is tried again at once when an operator asks', async () => {
    const { till, answers, now, path, form } = await aFailedDelivery()
    const operator = await deskOf(till).loggedIn('operator')
    const { text } = await operator.see(path)
    expect(text).toContain('<h3>payment.paid → crm · crm.example</h3>')
    expect(text).toContain('no room')
    answers.status = 200
    expect((await operator.fill(path, form)).to).toBe(path)
    await vi.waitFor(async () => expect((await now()).status).toBe('delivered'), {
      ...{ timeout: 10_000, interval: 50 },
    })
    expect((await now()).attempts).toMatchObject([
      { trigger: 'schedule', status: 500 },
      { trigger: 'manual', status: 200 },
    ])
    const after = await operator.see(path)
    expect(after.text).toContain('role="status">The delivery is on its way again.')
    expect(formIn(after, form)).toBeNull()
  })

  it('is not tried again for a viewer, who sees no form and is refused', async () => {
    const { till, now, path, form, id } = await aFailedDelivery()
    const viewer = await deskOf(till).loggedIn('viewer')
    const seen = await viewer.see(path)
    expect(seen.text).toContain('no room')
    expect(formIn(seen, form)).toBeNull()
    const sent = { form_token: formTokenIn(seen), form_name: form, form_key: 'k', delivery: id }
    expect((await viewer.post(path, sent)).status).toBe(403)
    expect((await now()).attempts).toHaveLength(1)
  })

  it('is not there for another merchant’s operator', async () => {
    const { now, form, id } = await aFailedDelivery()
    const theirs = await aTill()
    const { payment_id } = await theirs.open()
    const path = `/console/payments/${payment_id}`
    const stranger = await deskOf(theirs).loggedIn('admin')
    const form_token = formTokenIn(await stranger.see(path))
    const sent = { form_token, form_name: form, form_key: 'k', delivery: id }
    expect((await stranger.post(path, sent)).status).toBe(404)
    expect((await now()).attempts).toHaveLength(1)
  })
})
