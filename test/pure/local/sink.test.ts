import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Received } from '../../../scripts/local/received.ts'
import { type Sink, startSink } from '../../../scripts/local/sink.ts'

const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`
let folder: string
let sink: Sink

async function begin(): Promise<void> {
  sink = await startSink({ folder, port: null, store: async () => false })
  sink.setSecrets({ crm: secret })
}
beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'tollgate-sink-'))
  await begin()
})
afterEach(async () => {
  await sink.stop()
  rmSync(folder, { recursive: true, force: true })
})

const paid = (sequence = 3) =>
  JSON.stringify({ type: 'payment.paid', data: { event_id: 'evt_1', sequence, payment: { id: 'pay_1' } } })

function send(id: string, body = paid(), change: { signed?: string; at?: Date; to?: string } = {}) {
  const { signed = body, at = new Date(), to = 'crm' } = change
  return fetch(`${sink.url}/${to}`, {
    method: 'POST',
    body,
    headers: {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, at, signed),
    },
  })
}
const received = async () =>
  ((await (await fetch(`${sink.url}/crm/received`)).json()) as { data: Received[] }).data
const behave = (body: unknown) =>
  fetch(`${sink.url}/crm/behaviour`, { method: 'PUT', body: JSON.stringify(body) })

describe('a demo business system', () => {
  it('keeps a signed event and tells what it was, newest first', async () => {
    expect((await send('evt_1')).status).toBe(200)
    expect((await send('evt_2', paid(4))).status).toBe(200)
    expect(await received()).toMatchObject([
      { webhook_id: 'evt_2', sequence: 4 },
      { webhook_id: 'evt_1', type: 'payment.paid', payment_id: 'pay_1', sequence: 3, duplicate: false },
    ])
  })

  it('marks an event as a duplicate only when it had answered that one with success', async () => {
    await behave({ mode: 'fail', times: 1 })
    expect((await send('evt_1')).status).toBe(500)
    await send('evt_1')
    await send('evt_1')
    expect((await received()).map((event) => event.duplicate)).toEqual([true, false])
  })

  it('believes nothing that is tampered with, stale or unsigned', async () => {
    expect((await send('evt_1', paid(), { signed: paid(9) })).status).toBe(401)
    expect((await send('evt_1', paid(), { at: new Date(Date.now() - 600_000) })).status).toBe(401)
    expect((await fetch(`${sink.url}/crm`, { method: 'POST', body: paid() })).status).toBe(401)
    expect(await received()).toEqual([])
  })

  it('remembers what it got over a restart, also when a kill cut its last line off', async () => {
    await send('evt_1')
    await sink.stop()
    appendFileSync(path.join(folder, 'crm.jsonl'), '{"webhook_id":"evt_half')
    await begin()
    await send('evt_1')
    await sink.stop()
    await begin()
    expect((await received()).map((event) => event.duplicate)).toEqual([true, false])
  })

  it.each([
    { mode: 'fail', status: 500 },
    { mode: 'gone', status: 410 },
    { mode: 'throttle', status: 429 },
  ])('answers $status for as often as it was told to $mode, and then behaves', async ({ mode, status }) => {
    expect((await behave({ mode, times: 2 })).status).toBe(200)
    const statuses = [await send('evt_1'), await send('evt_1'), await send('evt_1')].map((one) => one.status)
    expect(statuses).toEqual([status, status, 200])
  })

  it('hangs until the caller loses patience', async () => {
    await behave({ mode: 'hang', times: 1 })
    const id = 'evt_1'
    const body = paid()
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, new Date(), body),
    }
    const patience = AbortSignal.timeout(200)
    await expect(
      fetch(`${sink.url}/crm`, { method: 'POST', body, headers, signal: patience }),
    ).rejects.toThrow()
    expect((await send(id)).status).toBe(200)
  })

  it.each([
    { body: { mode: 'sulk' }, says: '"mode" must be one of ok, fail' },
    { body: { mode: 'ok', times: 0 }, says: '"times" must be a whole number' },
    { body: { mode: 'fail', times: 1.5 }, says: '"times" must be a whole number' },
    { body: { mode: 'ok', tiems: 1 }, says: 'Unknown field "tiems"' },
    { body: [], says: 'The body must be a JSON object' },
  ])('refuses the behaviour $body and says why', async ({ body, says }) => {
    const answer = await behave(body)
    expect(answer.status).toBe(422)
    expect(((await answer.json()) as { error: string }).error).toContain(says)
  })

  it('says what there is when it is asked for something else', async () => {
    expect((await send('evt_1', paid(), { to: 'payroll' })).status).toBe(404)
    expect((await fetch(`${sink.url}/crm`)).status).toBe(405)
    expect((await fetch(`${sink.url}/crm`, { method: 'POST', body: 'x'.repeat(300_000) })).status).toBe(413)
  })
})
