// Verification in the console: a payment's journal for everybody, the admin log for administrators.
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { recordsOf } from '../../src/store/database.ts'
import { aConsole, deskOf } from './console-browser.ts'
import { aTill } from './till.ts'

describe('a payment’s journal', () => {
  it('is verified for whoever asks: how many entries, and whether the chain is whole', async () => {
    const till = await aTill()
    const { payment_id } = await till.open()
    const viewer = await deskOf(till).loggedIn('viewer')
    const { head, entries } = await till.json(200, `/v1/payments/${payment_id}/journal/verify`)
    const { status, text } = await viewer.see(`/console/audit?payment=${payment_id}`)
    expect(status).toBe(200)
    expect(text).toMatch(/id="proof"><p>Chain <span class="tag good">whole</)
    expect(text).toContain(`<dd><code>${head}</code></dd>`)
    expect(text).toContain(`<dt>Entries</dt><dd>${entries}</dd>`)
    expect(text).toContain('none yet; the daily one notes it')
  })

  it('is not found where there is no such payment, or it is another merchant’s', async () => {
    const { payment_id } = await (await aTill()).open()
    const stranger = await (await aConsole()).loggedIn('admin')
    for (const id of [payment_id, 'pay_nothing'])
      expect((await stranger.see(`/console/audit?payment=${id}`)).status).toBe(404)
  })
})

describe('the admin log', () => {
  it('tells an administrator who changed what, and whether nobody has changed the log', async () => {
    const desk = await aConsole()
    const { id } = await desk.aKey(desk.merchant.id)
    const admin = await desk.loggedIn('admin')
    const { text } = await admin.see('/console/audit')
    expect(text).toContain('<code>key.created</code>')
    expect(text).toContain(`<code>${id}</code>`)
    expect(text).toContain('<code>deployer</code>')
    expect(text).not.toContain('id="verified"')
    const checked = await admin.see('/console/audit?chain=directory&verify=yes')
    expect(checked.text).toMatch(/id="verified"><p>Chain <span class="tag good">whole</)
  })

  it('has a chain for destinations of its own', async () => {
    const desk = await aConsole()
    const { key } = await desk.aKey(desk.merchant.id)
    const body = { kind: 'crm', url: 'https://crm.example/hook', event_types: ['*'] }
    const { id } = await desk.json(201, '/v1/destinations', { as: key, body })
    const admin = await desk.loggedIn('admin')
    expect((await admin.see('/console/audit')).text).not.toContain(id)
    expect((await admin.see('/console/audit?chain=destinations')).text).toContain(`<code>${id}</code>`)
  })

  it('shows where it was tampered with', async () => {
    const desk = await aConsole()
    await desk.aKey(desk.merchant.id)
    const admin = await desk.loggedIn('admin')
    await recordsOf(env, desk.merchant.id)
      .$client.prepare(
        `update admin_log set actor = 'nobody' where merchant_id = ? and chain = 'directory' and seq = 2`,
      )
      .bind(desk.merchant.id)
      .run()
    const { text } = await admin.see('/console/audit?verify=yes')
    expect(text).toMatch(/id="verified"><p>Chain <span class="tag bad">broken</)
    expect(text).toContain('<dt>Broken at entry</dt><dd>2 ')
  })

  it.each(['viewer', 'operator'] as const)('is closed to a %s, who is told so', async (role) => {
    const desk = await aConsole()
    await desk.aKey(desk.merchant.id)
    const { text } = await (await desk.loggedIn(role)).see('/console/audit?verify=yes')
    expect(text).toContain('The admin log is open to operators with the role admin.')
    expect(text).not.toContain('key.created')
  })

  it('refuses a chain that is none', async () => {
    const admin = await (await aConsole()).loggedIn('admin')
    expect((await admin.see('/console/audit?chain=other')).status).toBe(422)
  })
})
