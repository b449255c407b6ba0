// The queue of exceptions in the console, over the real Worker.
import { describe, expect, it, vi } from 'vitest'
import { deskOf, formIn, formTokenIn } from './console-browser.ts'
import { aTill, click, type Json } from './till.ts'

/** A payment with an exception: its provider reported another amount. */
async function aMismatch() {
  const till = await aTill()
  const session = await till.open()
  await till.report(session, { data: { amount: 999 } })
  const desk = deskOf(till)
  const { token } = await desk.anOperator('viewer')
  const listed = async (): Promise<Json[]> => (await till.json(200, '/v1/exceptions', { as: token })).data
  await vi.waitFor(async () => expect(await listed()).toHaveLength(1), { timeout: 10_000 })
  return { till, desk, session, exception: (await listed())[0] }
}

describe('the queue', () => {
  it('shows what waits, counts it in the menu, and an operator puts an end to it with a reason', async () => {
    const { till, desk, exception, session } = await aMismatch()
    const browser = await desk.loggedIn()
    const path = `/console/exceptions/${exception.id}`
    const queue = await browser.see('/console/exceptions')
    expect(queue.text).toContain(`<a href="${path}">Report differs</a>`)
    expect(queue.text).toMatch(/id="waiting" data-live>1</)
    const resolved = await browser.fill(path, 'resolve', { resolution: 'checked', note: 'Seen at the bank.' })
    expect([resolved.status, resolved.to]).toEqual([303, path])
    expect((await browser.see(path)).text).toContain('role="status">The exception is resolved.')
    // The records follow the payment's object.
    const after = await vi.waitFor(
      async () => {
        const seen = await browser.see(path)
        expect(formIn(seen, 'resolve')).toBeNull()
        return seen.text
      },
      { timeout: 10_000 },
    )
    expect(after).toContain('Seen at the bank.')
    expect(after).not.toContain('role="status"')
    const { data } = await till.json(200, `/v1/payments/${session.payment_id}/journal`)
    const entry = data.find((one: Json) => one.type === 'exception.resolved')
    expect(entry).toMatchObject({
      actor: expect.stringMatching(/^opr_/),
      data: { note: 'Seen at the bank.' },
    })
  })

  it('shows the form again, with what was entered and why, when the gateway refuses', async () => {
    const { desk, exception } = await aMismatch()
    const browser = await desk.loggedIn()
    const refused = await browser.fill(`/console/exceptions/${exception.id}`, 'resolve', {
      resolution: 'checked',
    })
    expect(refused.status).toBe(422)
    expect(refused.text).toContain('role="alert"')
    expect(refused.text).toContain('value="checked"')
    expect(formIn(refused, 'resolve')).not.toBeNull()
  })

  it('is read by a viewer, who sees no form and is refused when it sends one all the same', async () => {
    const { desk, exception } = await aMismatch()
    const viewer = await desk.loggedIn('viewer')
    const path = `/console/exceptions/${exception.id}`
    const page = await viewer.see(path)
    expect(page.status).toBe(200)
    expect(formIn(page, 'resolve')).toBeNull()
    const asked = { form_name: 'resolve', form_key: 'k', resolution: 'seen', note: 'Looked at.' }
    const refused = await viewer.post(path, { form_token: formTokenIn(page), ...asked })
    expect(refused.status).toBe(403)
    expect(refused.text).toContain('A viewer only looks.')
    expect((await viewer.see(path)).text).toContain('>open<')
  })

  it('shows nothing of another merchant', async () => {
    const { exception } = await aMismatch()
    const stranger = await deskOf(await aTill()).loggedIn('admin')
    expect((await stranger.see(`/console/exceptions/${exception.id}`)).status).toBe(404)
    expect((await stranger.see('/console/exceptions')).text).not.toContain(exception.id)
  })

  it('escapes what came from outside', async () => {
    const till = await aTill()
    const session = await till.open({ order_id: 'A-1', description: '<b>x</b>' })
    await click(session, 'pay')
    const browser = await deskOf(till).loggedIn()
    const seen = await browser.see('/console/exceptions?kind=%22%3E%3Cscript%3E')
    expect(seen.status).toBe(422)
    expect(seen.text).not.toContain('<script>')
  })
})
