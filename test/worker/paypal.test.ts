// What only the runtime can get wrong of PayPal: certificates, RSA and checksums in workerd, and the door of its sessions.
import { expect, it } from 'vitest'
import { paypal } from '../../src/providers/paypal.ts'
import { emptyMemory } from '../../src/providers/paypal-call.ts'
// Made once by the simulator's own certificate; valid until 2040.
import signed from '../providers/paypal-signed.json' with { type: 'json' }
import { aDoor } from './door.ts'

const now = Date.parse('2026-11-22T12:00:00Z')

it('an event of PayPal is verified in the runtime, and a changed one is not', async () => {
  const provider = paypal({
    clientId: 'made-up-client-id',
    clientSecret: 'made-up-client-secret',
    webhookIds: [signed.webhookId],
    livemode: false,
    memory: emptyMemory(),
    fetch: async () => new Response(signed.certificate),
  })
  const read = (body: string) => {
    const header = (name: string) => (signed.headers as Record<string, string>)[name]
    const url = 'https://pay.example/webhooks/paypal/con_1'
    return provider.read({ method: 'POST', url, header, body: new TextEncoder().encode(body) }, now)
  }
  expect(await read(signed.body)).toMatchObject({ reports: [{ id: 'WH-1', fact: { type: 'approved' } }] })
  expect(await read(signed.body.replace('100.50', '999.50'))).toMatchObject({ kind: 'forged' })
})

it('a session at PayPal cannot be opened to hold money, nor in a currency that PayPal does not take', async () => {
  const door = aDoor()
  const { id } = await door.aMerchant({ currencies: ['USD', 'AMD'] })
  const { key } = await door.aKey(id)
  const connection = await door.aConnection(id, {
    provider: 'paypal',
    credentials: {
      client_id: 'made-up-client-id',
      client_secret: 'made-up-client-secret',
      webhook_ids: [signed.webhookId],
    },
  })
  const order = { order_id: 'A-1', amount: 1_000, currency: 'USD', return_url: 'https://shop.example/thanks' }
  const open = (more: object) =>
    door.json(422, '/v1/payment-sessions', {
      as: key,
      body: { ...order, ...more, connection_id: connection.id },
      headers: { 'idempotency-key': `k-${JSON.stringify(more).length}` },
    })
  const manual = await open({ capture_method: 'manual' })
  expect(manual.errors).toMatchObject([{ pointer: '/capture_method' }])
  const drams = await open({ currency: 'AMD' })
  expect(drams.errors).toMatchObject([
    { pointer: '/currency', detail: expect.stringMatching(/^This connection takes AUD, .*USD\.$/) },
  ])
})
