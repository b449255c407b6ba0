/**
 * What is asked of each system over HTTP: to open something fresh, to write into something known, to read something
 * known. The gateway's sessions and the floors' objects are kept as they are opened, because the other two need them.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { requestOf } from './connection.ts'
import type { Call } from './load.ts'
import type { Merchant } from './merchant.ts'

/** Reports that one session gets: its capture, and then partial refunds. All are applied, and more would be no life. */
export const REPORTS_OF_A_SESSION = 8
const AMOUNT = 1_250_000

export interface Door {
  /** Names of what was opened and not used up yet, oldest first. */
  readonly opened: string[]
  open(): Call
  /** The `turn`-th write into `name`, from 0. */
  write(name: string, turn: number): Call
  read(name: string): Call
}

export function floorDoor(origin: URL): Door {
  const opened: string[] = []
  const row = 'x'.repeat(1_000)
  const call = (method: string, name: string, status: number, body = '', took = () => {}): Call => ({
    ...{ bytes: requestOf(origin, method, `/${name}`, {}, body), status, took },
  })
  return {
    opened,
    open() {
      const name = randomBytes(12).toString('hex')
      return call('POST', name, 201, row, () => opened.push(name))
    },
    write: (name) => call('PUT', name, 200, row),
    read: (name) => call('GET', name, 200),
  }
}

export function gatewayDoor(origin: URL, merchant: Merchant, outside: string): Door {
  const opened: string[] = []
  const key = { authorization: `Bearer ${merchant.secretKey}` }
  const json = { 'content-type': 'application/json' }
  return {
    opened,
    open() {
      const order = randomBytes(12).toString('hex')
      const body = { order_id: order, amount: AMOUNT, currency: 'AMD', return_url: `${outside}/thanks` }
      const headers = { ...key, ...json, 'idempotency-key': order }
      return {
        bytes: requestOf(origin, 'POST', '/v1/payment-sessions', headers, JSON.stringify(body)),
        status: 201,
        took: (answer) => opened.push(/"id":"(ps_\w+)"/.exec(answer)?.[1] ?? ''),
      }
    },
    write(sessionId, turn) {
      const body = reportOf(sessionId, turn)
      const path = `/webhooks/sandbox/${merchant.connectionId}`
      const headers = { ...json, ...signed(merchant.webhookSecret, `${sessionId}.${turn}`, body) }
      return { bytes: requestOf(origin, 'POST', path, headers, body), status: 200 }
    },
    read: (sessionId) => ({
      bytes: requestOf(origin, 'GET', `/v1/payment-sessions/${sessionId}`, key),
      status: 200,
    }),
  }
}

function reportOf(sessionId: string, turn: number): string {
  const data = { reference: `chk_${sessionId}`, session_id: sessionId, currency: 'AMD' }
  return JSON.stringify(
    turn === 0
      ? { type: 'payment.captured', data: { ...data, amount: AMOUNT } }
      : {
          type: 'payment.refunded',
          data: { ...data, amount: turn, amount_refunded_total: turn, refund_reference: `rf_${turn}` },
        },
  )
}

/** As any sender of Standard Webhooks signs, without the code that verifies it. */
function signed(secret: string, id: string, body: string): Record<string, string> {
  const at = Math.floor(Date.now() / 1_000)
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': `v1,${signature}` }
}
