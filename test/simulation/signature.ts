/** A receiver's own check of Standard Webhooks, which shares nothing with the code that signs. */
import { createHmac } from 'node:crypto'
import type { LightRequest } from './globals.ts'

const TOLERANCE_MS = 300_000

/** Whether a receiver that knows this one secret takes the request at this time. */
export function isSignedWith(secret: string, { headers, body }: LightRequest, now: number): boolean {
  const [id, at] = [headers['webhook-id'], headers['webhook-timestamp']]
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const expected = createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')
  const isFresh = Math.abs(Number(at) * 1_000 - now) <= TOLERANCE_MS
  return isFresh && (headers['webhook-signature'] ?? '').split(' ').includes(`v1,${expected}`)
}
