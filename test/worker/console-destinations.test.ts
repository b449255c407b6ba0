// Destinations in the console: how each is, and what each role does with one.
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { recordsIn } from '../../src/store/database.ts'
import { type Recordable, writeRecords } from '../../src/store/records.ts'
import { aConsole, formIn, formTokenIn } from './console-browser.ts'
import { aCore, aPaymentId, aPublication } from './delivery-rig.ts'

async function aDestination() {
  const desk = await aConsole()
  const merchantId: string = desk.merchant.id
  const key: string = (await desk.aKey(merchantId)).key
  const { id, secret } = await desk.json(201, '/v1/destinations', {
    as: key,
    body: { kind: 'crm', url: 'https://crm.example/hook', event_types: ['payment.*'], description: 'Sales' },
  })
  const now = () => desk.json(200, `/v1/destinations/${id}`, { as: key })
  return { desk, merchantId, key, id, secret, now, path: `/console/destinations/${id}` }
}

/** An event that is recorded for the destination and waits to go out. */
async function anEventOf(merchantId: string, at: number): Promise<string> {
  const stream = aPaymentId()
  await writeRecords(recordsIn(env.DB), [aPublication({ merchantId, stream })] as Recordable[], {
    ...{ now: at, firstDelayMs: 0, leaseMs: 0, scheduleSeconds: [0] },
  })
  return stream
}

const answering = (status: number) =>
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('heard', { status }))

afterEach(() => vi.restoreAllMocks())

describe('the list of destinations', () => {
  it('shows how each is and how many deliveries wait for it', async () => {
    const { desk, merchantId, path } = await aDestination()
    await anEventOf(merchantId, desk.now)
    const { text } = await (await desk.loggedIn('viewer')).see('/console/destinations')
    expect(text).toContain(`<a href="${path}">crm · crm.example</a>`)
    expect(text).toContain('takes events')
    expect(text).toContain('<td class="number">1</td>')
    expect(text).toContain('Sales')
  })

  it('says what to do where there is none', async () => {
    const { text } = await (await (await aConsole()).loggedIn()).see('/console/destinations')
    expect(text).toContain('No business system is connected.')
  })
})

describe('a destination’s page', () => {
  it('shows what it takes and the deliveries that went to it last, each with its payment', async () => {
    const { desk, merchantId, path } = await aDestination()
    const payment = await anEventOf(merchantId, desk.now)
    const { status, text } = await (await desk.loggedIn('viewer')).see(path)
    expect(status).toBe(200)
    for (const part of ['https://crm.example/hook', 'payment.*', `href="/console/payments/${payment}"`])
      expect(text).toContain(part)
  })

  it('pauses and resumes', async () => {
    const { desk, path, now } = await aDestination()
    const browser = await desk.loggedIn()
    expect((await browser.fill(path, 'pause')).to).toBe(path)
    expect(await now()).toMatchObject({ status: 'paused', paused_because: 'asked' })
    const paused = await browser.see(path)
    expect(paused.text).toContain('role="status">The destination is paused.')
    expect(formIn(paused, 'pause')).toBeNull()
    // What it held goes out by itself.
    expect(formIn(paused, 'replay')).toBeNull()
    await browser.fill(path, 'resume')
    expect(await now()).toMatchObject({ status: 'active' })
  })

  it('tells an open breaker, since when, and when it is probed', async () => {
    const { desk, path, id } = await aDestination()
    await env.DB.prepare(
      `update destinations set status = 'paused', paused_because = 'failing', failures = 20, failing_since = ?, due_at = ? where id = ?`,
    )
      .bind(desk.now - 60_000, desk.now + 60_000, id)
      .run()
    const { text } = await (await desk.loggedIn('viewer')).see(path)
    expect(text).toContain('breaker open')
    expect(text).toContain('open since Nov 22, 2026, 11:59:00')
    expect(text).toContain('Next probe')
  })

  it('sends a test event, and shows how it went', async () => {
    const { desk, path, id } = await aDestination()
    const sent = answering(503)
    const browser = await desk.loggedIn()
    expect((await browser.fill(path, 'test')).to).toBe(path)
    expect(sent).toHaveBeenCalledOnce()
    expect((await browser.see(path)).text).toMatch(/<dt>Last test<\/dt><dd>503 · /)
    expect(id).toMatch(/^dst_/)
  })

  it('sends a span again, in the operator’s own zone, and shows how far it is', async () => {
    const { desk, merchantId, key, path, id } = await aDestination()
    await anEventOf(merchantId, desk.now)
    const browser = await desk.loggedIn()
    browser.cookies.set('tollgate-zone', 'Asia/Yerevan')
    // 12:00 in UTC is 16:00 there.
    const span = { from: '2026-11-22T15:00', to: '2026-11-22T17:00', only: 'all' }
    expect((await browser.fill(path, 'replay', span)).to).toBe(path)
    const { data } = await desk.json(200, `/v1/destinations/${id}/replays`, { as: key })
    expect(data).toEqual([
      expect.objectContaining({
        from: '2026-11-22T11:00:00.000Z',
        to: '2026-11-22T13:00:00.000Z',
        only: 'all',
      }),
    ])
    expect((await browser.see(path)).text).toMatch(/Replays[\s\S]*(finished|<progress max="100")/)
  })

  it('shows how much of its span a replay has been through', async () => {
    const { desk, path, id } = await aDestination()
    const [since, until] = [desk.now - 100_000, desk.now]
    await env.DB.prepare(
      `insert into replays (id, merchant_id, livemode, destination_id, since, until, event_types, only, cursor_at,
        cursor_id, events, deliveries, created_at) values (?, ?, 0, ?, ?, ?, '["*"]', 'all', ?, '', 1500, 40, ?)`,
    )
      .bind(`rpl_${aCore()}`, desk.merchant.id, id, since, until, since + 42_000, desk.now)
      .run()
    const { text } = await (await desk.loggedIn('viewer')).see(path)
    expect(text).toContain('<progress max="100" value="42" aria-label="Progress"></progress> 42 %')
    expect(text).toContain('<td class="number">1,500</td><td class="number">40</td>')
  })

  it.each([
    [
      'a span that ends before it begins',
      { from: '2026-11-22T17:00', to: '2026-11-22T15:00' },
      'It must be after /from.',
    ],
    ['a time that is none', { from: 'yesterday', to: '2026-11-22T15:00' }, 'Name both times'],
  ])('shows the form again, with what was typed, for %s', async (_, span, why) => {
    const { desk, path } = await aDestination()
    const refused = await (await desk.loggedIn()).fill(path, 'replay', { ...span, only: 'all' })
    expect(refused.status).toBe(422)
    expect(refused.text).toContain(why)
    expect(refused.text).toContain(`value="${span.from}"`)
  })
})

describe('an administrator', () => {
  it('gives a new secret, which is in this answer and in no other', async () => {
    const { desk, path, secret } = await aDestination()
    const browser = await desk.loggedIn('admin')
    const { status, text } = await browser.fill(path, 'rotate')
    const [, shown = ''] = /<code id="secret">(whsec_[^<]+)</.exec(text) ?? []
    expect([status, shown === secret]).toEqual([200, false])
    expect(shown).toMatch(/^whsec_/)
    const after = await browser.see(path)
    expect(after.text).not.toContain('whsec_')
    expect(after.text).toContain('The secret before signs too until')
  })

  it('changes it, and an empty field takes away what was there', async () => {
    const { desk, path, now } = await aDestination()
    const change = {
      ...{ url: 'https://new.example/in', event_types: 'payment.paid  exception.*', ordered: 'yes' },
      ...{ description: '', max_per_second: '5', timeout_ms: '', on_timeout: 'retry' },
    }
    const browser = await desk.loggedIn('admin')
    expect((await browser.fill(path, 'edit', change)).to).toBe(path)
    expect(await now()).toMatchObject({
      ...{ url: 'https://new.example/in', event_types: ['payment.paid', 'exception.*'], ordered: true },
      ...{ description: null, max_per_second: 5, timeout_ms: null, kind: 'crm' },
    })
  })

  it('hears what is wrong with a change, beside what was typed', async () => {
    const { desk, path, now } = await aDestination()
    const change = { url: 'http://10.0.0.1/', event_types: 'payment.paid', on_timeout: 'retry' }
    const refused = await (await desk.loggedIn('admin')).fill(path, 'edit', { ...change, timeout_ms: 'soon' })
    expect(refused.status).toBe(422)
    expect(refused.text).toContain('value="http://10.0.0.1/"')
    expect(refused.text).toContain('role="alert"')
    expect(await now()).toMatchObject({ url: 'https://crm.example/hook' })
  })
})

describe('who may not', () => {
  it.each(['pause', 'test', 'replay', 'rotate', 'edit'])(
    'a viewer: sees no form to %s and is refused',
    async (name) => {
      const { desk, path } = await aDestination()
      const sent = answering(200)
      const viewer = await desk.loggedIn('viewer')
      const seen = await viewer.see(path)
      expect(formIn(seen, name)).toBeNull()
      const fields = {
        from: '2026-11-22T15:00',
        to: '2026-11-22T17:00',
        url: 'https://x.example/',
        event_types: '*',
        on_timeout: 'retry',
      }
      const asked = { form_token: formTokenIn(seen), form_name: name, form_key: 'k', ...fields }
      expect((await viewer.post(path, asked)).status).toBe(403)
      expect(sent).not.toHaveBeenCalled()
    },
  )

  it.each(['rotate', 'edit'])('an operator: sees no form to %s and is refused', async (name) => {
    const { desk, path } = await aDestination()
    const operator = await desk.loggedIn('operator')
    const seen = await operator.see(path)
    expect(formIn(seen, name)).toBeNull()
    expect(formIn(seen, 'pause')).not.toBeNull()
    const fields = { url: 'https://x.example/', event_types: '*', on_timeout: 'retry' }
    const asked = { form_token: formTokenIn(seen), form_name: name, form_key: 'k', ...fields }
    const refused = await operator.post(path, asked)
    expect(refused.status).toBe(403)
    expect(refused.text).toContain('This takes an operator with the role admin.')
  })

  it('another merchant, who finds nothing', async () => {
    const { path } = await aDestination()
    expect((await (await (await aConsole()).loggedIn('admin')).see(path)).status).toBe(404)
  })
})
