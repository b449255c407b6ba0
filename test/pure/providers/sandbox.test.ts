import { describe, expect, it } from 'vitest'
import { signatureHeaders } from '../../../src/crypto/standard-webhooks.ts'
import type { Heard } from '../../../src/domain/provider.ts'
import { sandbox } from '../../../src/providers/sandbox.ts'

const secret = 'whsec_QSBzZWNyZXQgZm9yIHRoZSB0ZXN0cyBvbmx5ISEh'
const now = Date.parse('2026-11-22T12:00:00Z')
const adapter = sandbox({
  connectionId: 'con_1',
  webhookSecrets: [secret],
  fetch: () => Promise.reject(new Error('Nobody is to be asked.')),
  apiOrigin: 'https://sandbox.internal',
  pageOrigin: 'https://gateway.example',
})

const honest = {
  reference: 'sbx_1',
  order_id: 'A-1',
  session_id: 'ps_1',
  amount: 1_000,
  currency: 'USD',
  occurred_at: '2026-11-22T11:59:58.500Z',
}

/** What the adapter hears when this body arrives under a genuine signature. */
async function hear(body: string, ageSeconds = 0): Promise<Heard> {
  const headers = await signatureHeaders([secret], 'rpt_1', now / 1000 - ageSeconds, body)
  const bytes = new TextEncoder().encode(body)
  return adapter.read(
    { method: 'POST', url: 'https://x.example', header: (name) => headers[name], body: bytes },
    now,
  )
}
const hearData = (type: string, data: object) => hear(JSON.stringify({ type, timestamp: 'x', data }))

describe('the sandbox adapter reads', () => {
  it.each([
    ['payment.authorized', {}, { type: 'authorized', amount: 1_000, currency: 'USD' }],
    ['payment.captured', {}, { type: 'captured', amount: 1_000, currency: 'USD' }],
    ['payment.failed', {}, { type: 'failed' }],
    ['payment.canceled', {}, { type: 'canceled' }],
    ['payment.expired', {}, { type: 'expired' }],
    ['payment.refunded', {}, { type: 'refunded', amount: 1_000, currency: 'USD' }],
    [
      'payment.refunded',
      { refund_reference: 'r_2', amount_refunded_total: 700 },
      { type: 'refunded', amount: 700, currency: 'USD', reference: 'r_2' },
    ],
    ['payment.disputed', {}, { type: 'disputed' }],
    ['payment.dispute_closed', { outcome: 'lost' }, { type: 'dispute_closed', outcome: 'lost' }],
  ])('%s with %j as the fact %j', async (type, more, fact) => {
    const occurredAt = Date.parse(honest.occurred_at)
    const named = { reference: 'sbx_1', sessionId: 'ps_1', orderId: 'A-1' }
    expect(await hearData(type, { ...honest, ...more })).toEqual({
      kind: 'reports',
      reports: [{ id: 'rpt_1', named, fact, occurredAt }],
    })
  })

  it.each([
    ['missing', { amount: undefined, currency: undefined }],
    ['text', { amount: '1000', currency: 840 }],
    ['negative', { amount: -1, currency: null }],
    ['fractional', { amount: 10.5, currency: ['USD'] }],
    ['beyond all numbers', { amount: 2 ** 60, currency: {} }],
  ])('an amount and currency that are %s as unsaid, so that they show as a mismatch', async (_how, wrong) => {
    expect(await hearData('payment.captured', { ...honest, ...wrong })).toMatchObject({
      kind: 'reports',
      reports: [{ fact: { type: 'captured', amount: null, currency: null } }],
    })
  })

  it.each([7, null, ['A-1'], 'A'.repeat(257), ''])(
    'an order or session that is named %j as nobody’s, and not as one that was left out',
    async (name) => {
      const said = { ...honest, order_id: name, session_id: name }
      expect(await hearData('payment.captured', said)).toMatchObject({
        reports: [{ named: { reference: 'sbx_1', orderId: '', sessionId: '' } }],
      })
    },
  )

  it('a report without a reference as one that belongs to no checkout', async () => {
    expect(await hearData('payment.captured', { ...honest, reference: undefined })).toMatchObject({
      reports: [{ named: { reference: '', sessionId: 'ps_1' } }],
    })
  })

  it.each(['payment.settled', 'constructor', '__proto__', 'order.created'])(
    '%s as nothing of ours',
    async (type) => {
      expect(await hearData(type, honest)).toEqual({ kind: 'ignored', type })
    },
  )

  it.each([
    'no json',
    '',
    'null',
    '[]',
    '{"type":7}',
    '{"type":"payment.captured"}',
    '{"type":"payment.captured","data":{}}',
    '{"type":"payment.dispute_closed","data":{"reference":"sbx_1","outcome":"drawn"}}',
  ])('the genuine but senseless body %j as unreadable', async (body) => {
    expect(await hear(body)).toEqual({ kind: 'ignored', type: 'unreadable' })
  })

  it.each([
    [301, 'signed too long ago'],
    [-301, 'signed in the future'],
  ])('no fact in a report of %i seconds ago, only whom it named', async (ageSeconds, why) => {
    const body = JSON.stringify({ type: 'payment.captured', data: honest })
    const named = { reference: 'sbx_1', sessionId: 'ps_1', orderId: 'A-1' }
    expect(await hear(body, ageSeconds)).toEqual({ kind: 'untimely', why, named })
    expect(await hear('no json', ageSeconds)).toEqual({ kind: 'untimely', why, named: null })
  })
})

describe('the sandbox adapter replies', () => {
  it.each([
    ['kept', 200],
    ['ignored', 200],
    ['refused', 401],
    ['not_kept', 503],
  ] as const)('to what was %s with %i', (kind, status) => {
    expect(adapter.reply({ kind: 'ignored', type: 'x' }, { kind })).toMatchObject({ status })
  })
})

it('the sandbox adapter asks nobody when it has no secret to show', async () => {
  const poor = sandbox({
    connectionId: 'con_1',
    webhookSecrets: [''],
    fetch: () => Promise.reject(new Error('Nobody is to be asked.')),
    apiOrigin: 'https://sandbox.internal',
    pageOrigin: 'https://gateway.example',
  })
  const session = {
    ...{ sessionId: 'ps_1', orderId: 'A-1', references: ['sbx_1'], amount: 1, currency: 'USD' },
    ...{ expiresAt: 1_800_000_000_000, calls: 1, captured: 0, refunded: 0 },
  }
  expect(await poor.act({ type: 'cancel' }, session, 'k')).toMatchObject({
    kind: 'declined',
    code: 'bad_credentials',
  })
})
