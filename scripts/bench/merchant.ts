/** The gateway's merchant for the bench, made over HTTP as a deployer would: keys, a connection, five destinations. */
import { randomBytes } from 'node:crypto'

export interface Merchant {
  id: string
  secretKey: string
  connectionId: string
  webhookSecret: string
}

/** Makes the merchant; `outside` is where its provider answers and its business systems listen. Throws when refused. */
export async function makeMerchant(gateway: URL, adminToken: string, outside: string): Promise<Merchant> {
  const admin = (path: string, body: object) => ask(gateway, adminToken, `/v1/admin/merchants${path}`, body)
  const { id } = await admin('', { name: 'Bench', currencies: ['AMD'], allowed_origins: [outside] })
  const { key } = await admin(`/${id}/keys`, { kind: 'secret', livemode: false })
  const webhookSecret = `whsec_${randomBytes(32).toString('base64')}`
  const connection = await admin(`/${id}/connections`, {
    ...{ provider: 'sandbox', livemode: false, default: true },
    credentials: { webhook_secrets: [webhookSecret] },
    settings: { api_base: outside },
  })
  for (let n = 1; n <= 5; n++)
    await ask(gateway, key!, '/v1/destinations', {
      ...{ kind: 'other', url: `${outside}/sink/${n}`, event_types: ['payment.disputed'] },
    })
  return { id: id!, secretKey: key!, connectionId: connection.id!, webhookSecret }
}

async function ask(
  gateway: URL,
  bearer: string,
  path: string,
  body: object,
): Promise<Record<string, string>> {
  const answer = await fetch(new URL(path, gateway), {
    method: 'POST',
    headers: {
      authorization: `Bearer ${bearer}`,
      'content-type': 'application/json',
      'idempotency-key': randomBytes(16).toString('hex'),
    },
    body: JSON.stringify(body),
  })
  const text = await answer.text()
  if (!answer.ok)
    throw new Error(`The bench's merchant can't be made: ${path} answered ${answer.status}: ${text}`)
  return JSON.parse(text) as Record<string, string>
}
