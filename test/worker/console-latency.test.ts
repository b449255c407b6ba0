// How fast destinations answer, as the overview and each one's page show it.
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { recordsIn } from '../../src/store/database.ts'
import { type Recordable, writeRecords } from '../../src/store/records.ts'
import { aConsole } from './console-browser.ts'
import { anEntry, aPaymentId, aPublication } from './delivery-rig.ts'

/** Destinations, the first of which has been told of two events: one was refused at first, the other taken at once. */
async function aDesk(destinations = 1) {
  const desk = await aConsole()
  const { key } = await desk.aKey(desk.merchant.id)
  const ids: string[] = []
  for (let n = 0; n < destinations; n += 1) {
    const body = { kind: 'crm', url: `https://crm-${n}.example/hook`, event_types: ['*'] }
    ids.push((await desk.json(201, '/v1/destinations', { as: key, body })).id)
  }
  for (const tries of [
    [
      { n: 1, at: desk.now - 9_000, durationMs: 1_240, status: 503 },
      { n: 2, at: desk.now - 7_000, durationMs: 35, status: 200 },
    ],
    [{ n: 1, at: desk.now - 9_500, durationMs: 45, status: 200 }],
  ])
    await anEvent(desk.merchant.id, desk.now, ids[0]!, tries)
  return { desk, path: `/console/destinations/${ids[0]}`, viewer: await desk.loggedIn('viewer') }
}

/** An event of ten seconds ago, with these tries at a destination. */
async function anEvent(merchantId: string, now: number, destinationId: string, tries: object[]) {
  const stream = aPaymentId()
  const entries = [{ ...anEntry(stream, 1), at: now - 10_000 }]
  await writeRecords(recordsIn(env.DB), [aPublication({ merchantId, stream }, { entries }) as Recordable], {
    ...{ now, firstDelayMs: 0, leaseMs: 0, scheduleSeconds: [0] },
  })
  await env.DB.prepare('update deliveries set attempts = ? where stream = ? and destination_id = ?')
    .bind(JSON.stringify(tries), stream, destinationId)
    .run()
}

describe('the overview', () => {
  it('shows beside each other how fast destinations answer and events arrive, with each try as a bar', async () => {
    const { viewer, path } = await aDesk()
    const { text } = await viewer.see('/console')
    const [, row = ''] = text.split(`<a href="${path}">crm · crm-0.example</a>`)
    const figures = [...row.split('</tr>')[0]!.matchAll(/<td class="number">([^<]*)</g)].map(([, one]) => one)
    expect(figures).toEqual(['3', '45 ms', '1.2 s', '545 ms', '3 s'])
    const bars = row.split('</svg>')[0]!.match(/<rect class="(good|bad)"/g)
    expect(bars).toEqual(['good', 'bad', 'good'].map((tone) => `<rect class="${tone}"`))
    // Three of fifty places of 2.4 each, at the right.
    expect(row).toContain('<rect class="good" x="112.8" y="23" width="1.9" height="1"/>')
    expect(row).toContain('<rect class="bad" x="115.2" y="0" width="1.9" height="24"/>')
  })

  it('reads no more than twenty destinations, and says so', async () => {
    const { viewer } = await aDesk(21)
    const { text } = await viewer.see('/console')
    expect(text.match(/<svg class="spark"/g)).toHaveLength(20)
    expect(text).toContain('The newest 20 destinations are shown.')
  })
})

describe('a destination’s page', () => {
  it('shows each of its latest tries with when it was and what it was answered, and how they spread', async () => {
    const { viewer, path } = await aDesk()
    const { text } = await viewer.see(path)
    expect(text).toContain('aria-label="3 tries, the slowest took 1.2 s"')
    expect(text).toMatch(/<title>[^<]*11:59:51[^<]*: 503 · 1\.2 s<\/title>/)
    expect(text).toContain('<dt>Half answered within</dt><dd>45 ms</dd>')
    expect(text).toContain('<dt>95 % arrived within</dt><dd>3 s</dd>')
  })

  it('has dashes and no picture where nothing was sent yet', async () => {
    const desk = await aConsole()
    const { key } = await desk.aKey(desk.merchant.id)
    const body = { kind: 'crm', url: 'https://crm.example/hook', event_types: ['*'] }
    const { id } = await desk.json(201, '/v1/destinations', { as: key, body })
    const { text } = await (await desk.loggedIn('viewer')).see(`/console/destinations/${id}`)
    expect(text).toContain('<dt>Half answered within</dt><dd>–</dd>')
    expect(text).not.toContain('class="chart"')
  })
})
