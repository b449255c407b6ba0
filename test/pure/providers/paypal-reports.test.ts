// PayPal's events, fact by fact: what is signed and under whose certificate, and what each event means.
import { sign } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Heard } from '../../../src/domain/provider.ts'
import { paypal } from '../../../src/providers/paypal.ts'
import { emptyMemory } from '../../../src/providers/paypal-call.ts'
import { arriving } from '../../providers/order.ts'
import { selfSigned } from '../../simulators/certificate.ts'

const now = Date.parse('2026-11-22T12:00:00Z')
const certificate = selfSigned('messageverificationcerts.paypal.example')
const webhookId = '1JE4291016473214C'
const address = 'https://api.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594'
const example =
  '{"id":"WH-TEST-1","event_type":"CHECKOUT.ORDER.APPROVED","resource":{"id":"5O190127TN364715T"}}'

interface Bench {
  livemode?: boolean
  apiBase?: string
  sharedAccount?: boolean
  webhookIds?: string[]
  pem?: string
  status?: number
}

/** An adapter for which every address serves the certificate, and what it asked for. */
function bench({ pem = certificate.pem, status = 200, ...more }: Bench = {}) {
  const asked: string[] = []
  const provider = paypal({
    clientId: 'made-up-client-id',
    clientSecret: 'made-up-client-secret',
    webhookIds: [webhookId],
    livemode: false,
    memory: emptyMemory(),
    fetch: async ({ url }) => {
      asked.push(url)
      return new Response(pem, { status })
    },
    ...more,
  })
  return { provider, asked }
}

/** As PayPal would send it; `over` replaces headers. */
function sent(body: string, over: Record<string, string> = {}, key = certificate.privateKey) {
  const [id, time] = ['69cd13f0-d67a-11e5-baa3-778b53f4ae55', '2016-02-18T20:01:35Z']
  const text = Buffer.from(`${id}|${time}|${webhookId}|${crc32(body)}`)
  return arriving(body, {
    'paypal-transmission-id': id,
    'paypal-transmission-time': time,
    'paypal-transmission-sig': sign('sha256', text, key).toString('base64'),
    'paypal-auth-algo': 'SHA256withRSA',
    'paypal-cert-url': address,
    ...over,
  })
}

const whyNot = async (heard: Promise<Heard>): Promise<string> => {
  const one = await heard
  return one.kind === 'forged' ? one.why : one.kind
}

describe('a flood of forged events, each with a certificate of its own,', () => {
  const forged = (nth: number, may: boolean) => ({
    ...sent(example, { 'paypal-cert-url': `${address}-${nth}`, 'paypal-transmission-sig': 'bm9uZQ==' }),
    mayAsk: async () => may,
  })

  it('makes us fetch none beyond what its sender may ask for', async () => {
    const { provider, asked } = bench()
    expect(await whyNot(provider.read(forged(1, true), now))).toBe('no signature fits')
    for (const nth of [2, 3, 4])
      expect(await whyNot(provider.read(forged(nth, false), now))).toBe('too many certificates to fetch')
    expect(asked).toEqual([`${address}-1`])
  })

  it('keeps no genuine event out whose certificate is known already', async () => {
    const { provider, asked } = bench()
    const genuine = { ...sent(example), mayAsk: async () => asked.length === 0 }
    for (const _ of [1, 2]) expect(await whyNot(provider.read(genuine, now))).toBe('ignored')
    expect(asked).toEqual([address])
  })
})

describe("PayPal's signature", () => {
  it('is over the checksum of the raw body, in decimal', async () => {
    expect(crc32(example)).toBe(2_987_850_144)
    expect(crc32('123456789').toString(16)).toBe('cbf43926')
    const text = '69cd13f0-d67a-11e5-baa3-778b53f4ae55|2016-02-18T20:01:35Z|1JE4291016473214C|2987850144'
    const signature = sign('sha256', Buffer.from(text), certificate.privateKey).toString('base64')
    const request = sent(example, { 'paypal-transmission-sig': signature })
    // The published body is genuine, and lacks what an order has.
    expect(await whyNot(bench().provider.read(request, now))).toBe('ignored')
    const hex = sign('sha256', Buffer.from(text.replace('2987850144', 'b216f1a0')), certificate.privateKey)
    const wrong = sent(example, { 'paypal-transmission-sig': hex.toString('base64') })
    expect(await whyNot(bench().provider.read(wrong, now))).toBe('no signature fits')
  })

  it.each([
    [{ 'paypal-transmission-sig': '' }, 'no usable signature headers'],
    [{ 'paypal-transmission-sig': 'not base64!' }, 'no usable signature headers'],
    [{ 'paypal-transmission-id': '' }, 'no usable signature headers'],
    [{ 'paypal-auth-algo': 'SHA1withRSA' }, 'signed in another way'],
    [{ 'paypal-transmission-time': '2026-11-22T12:00:00Z' }, 'no signature fits'],
  ])('with the headers %j is no signature: %s', async (over, why) => {
    expect(await whyNot(bench().provider.read(sent(example, over), now))).toBe(why)
  })

  it('under another key than the certificate’s fits nothing', async () => {
    const { privateKey } = selfSigned('somebody.example')
    expect(await whyNot(bench().provider.read(sent(example, {}, privateKey), now))).toBe('no signature fits')
  })

  it('asks for nothing where there is no webhook id', async () => {
    const { provider, asked } = bench({ webhookIds: [] })
    expect(await whyNot(provider.read(sent(example), now))).toBe('no webhook id to verify with')
    expect(asked).toEqual([])
  })
})

describe("PayPal's certificate", () => {
  it.each([
    'http://api.sandbox.paypal.com/v1/notifications/certs/CERT-1',
    'https://api.sandbox.paypal.com.evil.example/v1/notifications/certs/CERT-1',
    'https://evil.example/api.sandbox.paypal.com/v1/notifications/certs/CERT-1',
    'https://api.sandbox.paypal.com@evil.example/v1/notifications/certs/CERT-1',
    'https://user:word@api.sandbox.paypal.com/v1/notifications/certs/CERT-1',
    'https://api.sandbox.paypal.com:8443/v1/notifications/certs/CERT-1',
    'https://api.sandbox.paypal.com/v1/notifications/certs/../../oauth2/authorize',
    'https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1?redirect=https://evil.example',
    'https://www.paypal.com/v1/notifications/certs/CERT-1',
    'https://169.254.169.254/v1/notifications/certs/CERT-1',
    'http://127.0.0.1:4010/v1/notifications/certs/CERT-1',
    'file:///v1/notifications/certs/CERT-1',
    'CERT-1',
    '',
  ])('at %j is not even fetched', async (url) => {
    const { provider, asked } = bench()
    const heard = provider.read(sent(example, { 'paypal-cert-url': url }), now)
    expect(await whyNot(heard)).toBe('the certificate is not at PayPal')
    expect(asked).toEqual([])
  })

  it.each([
    ['a live connection', { livemode: true }, 'https://api.paypal.com', 'https://api.sandbox.paypal.com'],
    ['a test connection', {}, 'https://api-m.sandbox.paypal.com', 'https://api.paypal.com'],
    ['a simulator', { apiBase: 'http://127.0.0.1:4010' }, 'http://127.0.0.1:4010', 'https://api.paypal.com'],
  ])('of %s comes from its own system only', async (_name, more, own, other) => {
    const { provider } = bench(more)
    const from = (origin: string) =>
      provider.read(sent(example, { 'paypal-cert-url': `${origin}/v1/notifications/certs/CERT-1` }), now)
    expect((await from(own)).kind).toBe('ignored')
    expect((await from(other)).kind).toBe('forged')
  })

  it('is fetched once, and only a good one is remembered', async () => {
    const { provider, asked } = bench()
    await provider.read(sent(example), now)
    await provider.read(sent(example), now)
    expect(asked).toEqual([address])
    const poor = bench({ pem: '<html>' })
    await poor.provider.read(sent(example), now)
    expect(await whyNot(poor.provider.read(sent(example), now))).toBe('the certificate cannot be read')
    expect(poor.asked).toHaveLength(2)
  })

  it('that cannot be had makes PayPal send again', async () => {
    const { provider } = bench({ status: 503 })
    const heard = await provider.read(sent(example), now)
    expect(heard).toEqual({ kind: 'forged', why: 'the certificate could not be fetched' })
    expect(provider.reply(heard, { kind: 'refused' }).status).toBeGreaterThanOrEqual(400)
  })

  it.each([
    ['before', Date.parse('2019-12-31T00:00:00Z')],
    ['after', Date.parse('2040-01-02T00:00:00Z')],
  ])('is not good %s its time', async (_when, at) => {
    expect(await whyNot(bench().provider.read(sent(example), at))).toBe('the certificate is not valid now')
  })
})

const fixtures = path.resolve(import.meta.dirname, '../../providers/fixtures/paypal')
const hear = (event: object, more: Bench = {}) => bench(more).provider.read(sent(JSON.stringify(event)), now)

describe('PayPal tells', () => {
  it.each(readdirSync(fixtures))('%s', async (file) => {
    const { event, means } = JSON.parse(readFileSync(path.join(fixtures, file), 'utf8'))
    const heard = await hear(event)
    if (means === null) return expect(heard).toEqual({ kind: 'ignored', type: event.event_type })
    const occurredAt = Date.parse(event.create_time)
    expect(heard).toEqual({ kind: 'reports', reports: [{ id: event.id, ...means, occurredAt }] })
  })

  it('nothing about orders of other software, where the account is shared, and all about disputes', async () => {
    const resource = { id: 'C1', status: 'COMPLETED', amount: null, custom_id: 'shop-17' }
    const event = { id: 'WH-1', event_type: 'PAYMENT.CAPTURE.COMPLETED', resource }
    expect((await hear(event)).kind).toBe('reports')
    expect((await hear(event, { sharedAccount: true })).kind).toBe('ignored')
    const dispute = { dispute_id: 'PP-D-1', disputed_transactions: [{ seller_transaction_id: 'C1' }] }
    const opened = { id: 'WH-2', event_type: 'CUSTOMER.DISPUTE.CREATED', resource: dispute }
    expect((await hear(opened, { sharedAccount: true })).kind).toBe('reports')
  })

  it.each([
    'no json',
    '[]',
    '{"id":"WH-1"}',
    '{"id":"WH-1","event_type":"PAYMENT.CAPTURE.COMPLETED","resource":{}}',
    '{"id":"WH-1","event_type":"CUSTOMER.DISPUTE.CREATED","resource":{"dispute_id":"PP-D-1"}}',
  ])('nothing that can be read in the genuine body %j', async (body) => {
    expect(await bench().provider.read(sent(body), now)).toEqual({ kind: 'ignored', type: 'unreadable' })
  })
})
