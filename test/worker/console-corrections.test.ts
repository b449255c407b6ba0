// Corrections at the desk of a deployment that wants four eyes: one person proposes, another one approves.
import { describe, expect, it, vi } from 'vitest'
import { deskWith, formTokenIn } from './console-browser.ts'
import { aTill, click, type Json } from './till.ts'

const word = { to_status: 'paid', amount: '9.00', reason: 'The bank shows it.' }

/** A payment that failed, and a desk that wants two people for a correction. */
async function aFailed() {
  const till = await aTill()
  const session = await till.open()
  await click(session, 'decline')
  await vi.waitFor(async () => expect((await till.paymentOf(session)).status).toBe('failed'), 10_000)
  const desk = deskWith({ CORRECTION_APPROVALS: '2' }, till)
  const now = (): Promise<Json> => till.paymentOf(session)
  return { till, desk, session, now, path: `/console/payments/${session.payment_id}` }
}

describe('a correction that takes two people', () => {
  it('waits, and the page says for whom and of whom', async () => {
    const { desk, path, now } = await aFailed()
    const { id, token } = await desk.anOperator()
    const first = await desk.loggedIn()
    await first.logIn(token)
    expect((await first.fill(path, 'corrections', word)).to).toBe(path)
    const { text } = await first.see(path)
    expect(text).toContain('role="status">The correction is proposed. A second person must ask for the same.')
    expect(text).toContain(`${id} proposes a correction to “paid”.`)
    expect(await now()).toMatchObject({ status: 'failed', proposed_correction: { by: id } })
  })

  it('is made by a second person, who finds in the form what the first one asked for', async () => {
    const { desk, path, now, till, session } = await aFailed()
    await (await desk.loggedIn()).fill(path, 'corrections', word)
    const { id, token } = await desk.anOperator()
    const second = await desk.loggedIn()
    await second.logIn(token)
    const { text } = await second.see(path)
    expect(text).toContain('<option value="paid" selected>')
    expect(text).toMatch(/id="corrections-amount"[^>]* value="9\.00"/)
    expect((await second.fill(path, 'corrections', word)).to).toBe(path)
    expect((await second.see(path)).text).toContain('role="status">The payment is corrected.')
    expect(await now()).toMatchObject({ status: 'paid', amount_captured: 900, proposed_correction: null })
    const { data } = await till.json(200, `/v1/payments/${session.payment_id}/journal`)
    expect(data.find(({ type }: Json) => type === 'correction.made')).toMatchObject({ actor: id })
  })

  it('is proposed no longer after a day, and nothing else is said to be proposed meanwhile', async () => {
    const { desk, path } = await aFailed()
    const { token } = await desk.anOperator()
    const first = await desk.loggedIn()
    await first.fill(path, 'corrections', word)
    await first.fill(path, 'sync', {})
    const asked = (await first.see(path)).text
    expect(asked).toContain('proposes a correction')
    expect(asked).not.toContain('role="status">The correction is proposed.')
    desk.door.now += 25 * 3_600_000
    const second = await desk.loggedIn()
    await second.logIn(token)
    const { text } = await second.see(path)
    expect(text).not.toContain('proposes a correction')
    expect(text).not.toMatch(/id="corrections-amount"[^>]* value="9\.00"/)
  })

  it('is not approved by who proposed it, nor by a viewer', async () => {
    const { desk, path, now } = await aFailed()
    const first = await desk.loggedIn()
    for (let n = 0; n < 2; n += 1) expect((await first.fill(path, 'corrections', word)).to).toBe(path)
    const viewer = await desk.loggedIn('viewer')
    const form_token = formTokenIn(await viewer.see(path))
    const sent = { form_token, form_name: 'corrections', form_key: 'k', ...word }
    expect((await viewer.post(path, sent)).status).toBe(403)
    expect((await now()).status).toBe('failed')
  })
})
