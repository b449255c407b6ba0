// What each role does at the desk, done once in a real browser by the least role that may.
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { browserOfThisFile } from './support/browser.ts'
import { type Role, sandboxSecret, scenesOf, settlementFile, tokenOf } from './support/desk-scenes.ts'
import { type Visit, visitDesk } from './support/desk-visit.ts'
import { eventually } from './support/eventually.ts'
import { type OwnSystem, ownSystem } from './support/own-system.ts'
import { type Delivery, shopOf } from './support/shop.ts'

const dev = inject('dev')
const shop = shopOf(() => dev)
const scenes = scenesOf(shop, dev)
const browser = browserOfThisFile()
const visits: Visit[] = []
let system: OwnSystem

async function visitAs(role: Role): Promise<Visit> {
  const visit = await visitDesk(browser(), dev, await tokenOf(shop, role))
  visits.push(visit)
  return visit
}

beforeAll(async () => {
  system = await ownSystem(shop)
})

afterAll(async () => {
  for (const { context } of visits) await context.close()
  await system.end()
})

/** Waits until the page, opened again, has something; lists and runs follow by themselves. */
const reopened = (visit: Visit, place: string, selector: string) =>
  eventually(async () => {
    await visit.open(place)
    if ((await visit.page.locator(selector).count()) === 0)
      throw new Error(`${place} has no ${selector} yet.`)
  })

/** So many days from now, as a form writes it. */
const dayFrom = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

describe('a viewer', () => {
  let visit: Visit
  beforeAll(async () => {
    visit = await visitAs('viewer')
  })

  it('verifies a payment’s journal', async () => {
    const { payment_id } = await scenes.chosen('pay', 'paid')
    await visit.open('/audit')
    await visit.page.getByLabel('Payment’s id').fill(payment_id)
    await visit.page.getByRole('button', { name: 'Verify' }).click()
    expect(await visit.text('#proof .tag')).toBe('whole')
  })

  it('saves what a settlement came to as a file', async () => {
    await visit.open(`/reconciliations/${await scenes.aSettlement()}`)
    const saving = visit.page.waitForEvent('download')
    await visit.page.getByRole('link', { name: 'Save as CSV' }).click()
    const saved = await text(await (await saving).createReadStream())
    expect(saved.split('\r\n').find((row) => row.includes('amount_difference'))).toContain('12000.00')
  })
})

describe('an operator', () => {
  let visit: Visit
  beforeAll(async () => {
    visit = await visitAs('operator')
  })

  it('refunds a part of a payment that it has found, and reads the time of its own zone', async () => {
    const { order_id } = await scenes.chosen('pay', 'paid')
    await reopened(visit, `/payments?q=${order_id}`, '#list a')
    await visit.page.getByRole('link', { name: order_id }).click()
    expect(await visit.act('refunds', { amount: '500' })).toContain('refund')
    expect(await visit.page.getByText('Times in Asia/Yerevan').count()).toBe(1)
    expect(await visit.text('.facts')).toMatch(/AMD\s500\.00/)
  })

  it('asks the provider, captures a part of what is held, and gives back what another payment holds', async () => {
    const held = { capture_method: 'manual' }
    const [taken, given] = [
      await scenes.chosen('pay', 'authorized', held),
      await scenes.chosen('pay', 'authorized', held),
    ]
    await visit.open(`/payments/${taken.payment_id}`)
    expect(await visit.act('sync')).toBe('The provider was asked.')
    expect(await visit.act('capture', { amount: '10 000,00' })).toBe('The capture is done.')
    await visit.open(`/payments/${given.payment_id}`)
    expect(await visit.act('cancel')).toBe('The authorization is cancelled.')
    expect(await shop.payment(taken.payment_id)).toMatchObject({ status: 'paid', amount_captured: 1_000_000 })
    expect((await shop.payment(given.payment_id)).status).toBe('canceled')
  })

  it('proposes a correction, which another operator approves with what the form already says', async () => {
    const { payment_id } = await scenes.chosen('decline', 'failed')
    const place = `/payments/${payment_id}`
    await visit.open(place)
    const word = { to_status: 'paid', amount: '12000.00', reason: 'The bank shows it.' }
    expect(await visit.act('corrections', word)).toContain('A second person must ask for the same.')
    expect((await shop.payment(payment_id)).status).toBe('failed')
    const second = await visitAs('operator')
    await second.open(place)
    expect(await second.act('corrections', { reason: 'I see it too.' })).toBe('The payment is corrected.')
    expect(await shop.payment(payment_id)).toMatchObject({ status: 'paid', amount_captured: 1_200_000 })
  })

  it('tries a delivery again that has failed', async () => {
    system.answers = 500
    const session = await scenes.chosen('pay', 'paid')
    const { id } = await scenes.aFailure(system, session)
    await visit.open(`/payments/${session.payment_id}`)
    system.answers = 200
    expect(await visit.act(`retry-${id}`)).toBe('The delivery is on its way again.')
    await eventually(async () => {
      const { body } = await shop.call('GET', `/v1/deliveries/${id}`)
      const { attempts } = body as unknown as Delivery
      expect(attempts).toContainEqual(expect.objectContaining({ trigger: 'manual', status: 200 }))
    })
  })

  it('sends a destination a test event, pauses and resumes it', async () => {
    await visit.open(`/destinations/${system.id}`)
    expect(await visit.act('test')).toContain('The test event went out.')
    expect(await visit.text('#state')).toMatch(/Last test\s*200/)
    expect(await visit.act('pause')).toBe('The destination is paused.')
    expect(await visit.act('resume')).toBe('The destination takes events again.')
  })

  it('sends a span of events once more, and sees how far it is', async () => {
    await scenes.chosen('pay', 'paid')
    await reopened(visit, `/destinations/${system.id}`, '#deliveries .tag.good')
    // The form offers the day until this very minute, which is to end after what has just happened.
    expect(await visit.act('replay', { to: '2030-01-01T00:00', only: 'all' })).toBe('The replay runs.')
    await reopened(visit, `/destinations/${system.id}`, '#replays .tag.good')
    expect(await visit.text('#replays tbody tr')).toContain('finished')
    expect(Number(await visit.text('#replays tbody tr td.number:nth-child(6)'))).toBeGreaterThan(0)
  })

  it('sends a settlement file in two parts, sees what differs, and has it compared again', async () => {
    const less = await scenes.chosen('pay', 'paid')
    const part = (text: string) => ({ name: 'day.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })
    await visit.open('/reconciliations')
    const [from, to] = [dayFrom(-1), dayFrom(2)]
    const period = { connection_id: dev.connections.sandbox.id, from, to, grace_days: '0' }
    const first = { ...period, files: '2', file: part(settlementFile(less)) }
    expect(await visit.act('reconcile', first)).toContain('The file is here.')
    const place = new URL(visit.page.url()).pathname.replace('/console', '')
    expect(await visit.text('#state')).toContain('1 of 2')
    const other = part('transaction_id;type;reference;amount;currency;fee\r\n;fee;;-1,00;AMD;\r\n')
    expect(await visit.act('add', { file: other })).toContain('The file is here.')
    await reopened(visit, place, '#state .tag.good')
    expect(await visit.text('#items')).toContain('another amount')
    expect(await visit.act('run')).toContain('The comparison runs again.')
  })
})

describe('an administrator', () => {
  let visit: Visit
  beforeAll(async () => {
    visit = await visitAs('admin')
  })

  it('changes a destination and gives it a secret that is shown once', async () => {
    await visit.open(`/destinations/${system.id}`)
    expect(await visit.act('edit', { description: 'The warehouse' })).toBe('The change is made.')
    expect(await visit.text('#state')).toContain('The warehouse')
    expect(await visit.act('rotate')).toContain('whsec_')
    await visit.open(`/destinations/${system.id}`)
    expect(await visit.page.content()).not.toContain('whsec_')
  })

  it('connects a provider, tries its credentials, replaces them, changes its settings and whether it is used', async () => {
    const credentials = () => ({ 'credentials.webhook_secrets': sandboxSecret() })
    await visit.open('/connections')
    await visit.page.getByLabel('Provider').selectOption('sandbox')
    await visit.page.getByRole('button', { name: 'Continue' }).click()
    expect(await visit.act('connect', credentials())).toBe('The provider is connected.')
    expect(await visit.act('try')).toContain('Accepted')
    await visit.open(new URL(visit.page.url()).pathname.replace('/console', ''))
    const changed = 'The change is made.'
    expect(await visit.act('credentials', credentials())).toBe(changed)
    expect(await visit.act('settings', { settings: '{"currencies": ["GEL"]}' })).toBe(changed)
    expect(await visit.act('disable')).toBe(changed)
    expect(await visit.act('enable')).toBe(changed)
  })

  it('makes another connection the default, and the one before again', async () => {
    const connection = await scenes.aConnection()
    for (const id of [connection, dev.connections.sandbox.id]) {
      await visit.open(`/connections/${id}`)
      expect(await visit.act('default')).toBe('The change is made.')
    }
  })

  it.each([
    ['operator', { name: 'Vahe', role: 'viewer' }, /op_\w+/],
    ['key', { kind: 'secret' }, /sk_test_\w+/],
  ] as const)('makes a new %s that is shown once, and revokes it', async (form, filled, secret) => {
    await visit.open('/operators')
    expect(await visit.act(form, filled)).toMatch(secret)
    await visit.open('/operators')
    expect(await visit.page.content()).not.toMatch(secret)
    const newest = await visit.page
      .locator(`form.act[id^="revoke-${form === 'key' ? 'key' : 'opr'}_"]`)
      .first()
    expect(await visit.act((await newest.getAttribute('id')) ?? '')).toContain('It is revoked.')
  })

  it('verifies the admin log', async () => {
    await visit.open('/audit')
    await visit.page.getByRole('button', { name: 'Verify this chain' }).click()
    expect(await visit.text('#verified .tag')).toBe('whole')
  })
})
