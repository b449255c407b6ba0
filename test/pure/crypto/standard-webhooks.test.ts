import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import {
  isSecret,
  secretFrom,
  signatureHeaders,
  verifySignature,
} from '../../../src/crypto/standard-webhooks.ts'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const older = 'whsec_T2xkZXIgc2VjcmV0IG9mIHR3ZW50eWZvdXI='
const vector = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  at: 1_614_265_330,
  body: '{"test": 2432232314}',
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
}

const bytes = (text: string) => new TextEncoder().encode(text)
const received = (headers: Record<string, string>, body: string) => ({
  header: (name: string) => headers[name],
  body: bytes(body),
})
const vectorHeaders = {
  'webhook-id': vector.id,
  'webhook-timestamp': String(vector.at),
  'webhook-signature': vector.signature,
}
const whenSent = vector.at * 1000

describe('signing by Standard Webhooks', () => {
  it('makes the signature of the published example', async () => {
    expect(await signatureHeaders([secret], vector.id, vector.at, vector.body)).toEqual(vectorHeaders)
  })

  it('signs bytes and their text alike', async () => {
    const body = '{"name":"Կարեն 🎈"}'
    expect(await signatureHeaders([secret], 'msg_1', 1_700_000_000, bytes(body))).toEqual(
      await signatureHeaders([secret], 'msg_1', 1_700_000_000, body),
    )
  })

  it('signs with every secret, and the reference library accepts each of them', async () => {
    const at = Math.floor(Date.now() / 1000)
    const headers = await signatureHeaders([secret, older], 'msg_2', at, '{"a":1}')
    expect(headers['webhook-signature']?.split(' ')).toHaveLength(2)
    expect(new Webhook(secret).verify('{"a":1}', headers)).toEqual({ a: 1 })
    expect(new Webhook(older).verify('{"a":1}', headers)).toEqual({ a: 1 })
  })

  it('refuses to sign without a secret, and does not quote an unusable one', async () => {
    await expect(signatureHeaders([], 'msg_3', 1, '{}')).rejects.toThrow('at least one secret')
    const unusable = signatureHeaders(['whsec_§hush§'], 'msg_3', 1, '{}')
    await expect(unusable).rejects.toThrow('base64')
    await expect(unusable).rejects.not.toThrow('hush')
  })

  it('makes secrets that the reference library takes', () => {
    const made = secretFrom(new Uint8Array(32).fill(7))
    expect(made).toMatch(/^whsec_[A-Za-z0-9+/]+=*$/)
    expect(isSecret(made)).toBe(true)
    expect(() => new Webhook(made)).not.toThrow()
    expect(() => secretFrom(new Uint8Array(8))).toThrow(RangeError)
  })
})

describe('verifying by Standard Webhooks', () => {
  it('takes the published example', async () => {
    expect(await verifySignature([secret], received(vectorHeaders, vector.body), whenSent)).toEqual({
      kind: 'ok',
      id: vector.id,
      timestampSeconds: vector.at,
    })
  })

  it('takes what the reference library signs', async () => {
    const sent = new Date(vector.at * 1000)
    const signature = new Webhook(secret).sign('msg_4', sent, '{"b":"Ֆ"}')
    const headers = { ...vectorHeaders, 'webhook-id': 'msg_4', 'webhook-signature': signature }
    const verified = await verifySignature([older, secret], received(headers, '{"b":"Ֆ"}'), whenSent)
    expect(verified.kind).toBe('ok')
  })

  it('takes a genuine signature among foreign ones and other versions', async () => {
    const header = `v1a,AAAA v1,AAAA v1,§ ${vector.signature} v2,AAAA`
    const headers = { ...vectorHeaders, 'webhook-signature': header }
    const verified = await verifySignature([secret], received(headers, vector.body), whenSent)
    expect(verified.kind).toBe('ok')
  })

  it.each([
    ['body', vectorHeaders, `${vector.body} `],
    ['id', { ...vectorHeaders, 'webhook-id': 'msg_other' }, vector.body],
    ['timestamp', { ...vectorHeaders, 'webhook-timestamp': String(vector.at + 1) }, vector.body],
    ['signature', { ...vectorHeaders, 'webhook-signature': 'v1,AAAA' }, vector.body],
    ['version', { ...vectorHeaders, 'webhook-signature': vector.signature.replace('v1', 'v2') }, vector.body],
    ['missing id', { ...vectorHeaders, 'webhook-id': '' }, vector.body],
    ['endless id', { ...vectorHeaders, 'webhook-id': 'm'.repeat(300) }, vector.body],
    ['worded timestamp', { ...vectorHeaders, 'webhook-timestamp': `${vector.at}x` }, vector.body],
    ['missing signature', { 'webhook-id': vector.id, 'webhook-timestamp': String(vector.at) }, vector.body],
  ] as [string, Record<string, string>, string][])(
    'calls a wrong %s forged',
    async (_what, headers, body) => {
      const verified = await verifySignature([secret], received(headers, body), whenSent)
      expect(verified.kind).toBe('forged')
    },
  )

  it.each([[[]], [['']], [['whsec_']], [['whsec_§']]])(
    'keeps the door closed with the secrets %j',
    async (secrets) => {
      const verified = await verifySignature(secrets, received(vectorHeaders, vector.body), whenSent)
      expect(verified).toEqual({ kind: 'forged', why: 'no secret is configured' })
    },
  )

  it.each([
    [300, 'ok'],
    [301, 'too_old'],
    [-300, 'ok'],
    [-301, 'too_new'],
  ])('calls a message that is %i seconds old %s', async (seconds, kind) => {
    const now = whenSent + seconds * 1000
    expect((await verifySignature([secret], received(vectorHeaders, vector.body), now)).kind).toBe(kind)
  })

  it('calls a forged message forged, however old it is', async () => {
    const forged = received(vectorHeaders, 'other')
    expect((await verifySignature([secret], forged, whenSent + 86_400_000)).kind).toBe('forged')
  })
})
