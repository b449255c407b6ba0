/** What a person and a test are told once everything runs: the welcome on the terminal, and `dev.json`. */
import type { Seed } from './seed.ts'
import { type SimulatedConnection, simulatedNames } from './simulated.ts'

export interface Addresses {
  url: string
  pid: number
  /** The runtime process, for tests that kill it. */
  runtimePid: number | null
  adminToken: string
  sink: string
}

/** The content of `dev.json`. */
export function devInfo(at: Addresses, seed: Seed, simulated: Record<string, SimulatedConnection>) {
  return {
    url: at.url,
    pid: at.pid,
    runtime_pid: at.runtimePid,
    merchant_id: seed.merchant_id,
    secret_key: seed.secret_key,
    publishable_key: seed.publishable_key,
    operator_token: seed.operator_token,
    admin_token: at.adminToken,
    order_signing_secret: seed.order_signing_secret,
    sink_url: at.sink,
    store_url: `${at.sink}/`,
    connections: {
      sandbox: {
        id: seed.sandbox.id,
        webhook_url: `${at.url}/webhooks/sandbox/${seed.sandbox.id}`,
        webhook_secret: seed.sandbox.webhook_secret,
      },
      ...simulated,
    },
    destinations: Object.fromEntries(
      Object.entries(seed.destinations).map(([name, { id, secret }]) => [
        name,
        { id, url: `${at.sink}/${name}`, secret },
      ]),
    ),
  }
}

/** The text on the terminal. `warnings` are whole sentences; `order` is an order number that is still free. */
export function welcome(
  at: Addresses,
  seed: Seed,
  devFile: string,
  order: string,
  warnings: string[],
): string {
  return `
Tollgate is ready.

  the demo store            ${at.sink}/   (open it: buy something)
  the gateway               ${at.url}   (says what else there is to look at)
  the operator's desk       ${at.url}/console   (its token is operator_token of the keys below)
  demo business systems     ${at.sink}/crm/received   (also erp, fiscal, notification)
  simulated providers       ${simulatedNames.join(', ')}   (beside the sandbox; they forget when this stops)
  keys and addresses        ${devFile}
${warnings.map((warning) => `\n  ! ${warning}\n`).join('')}
Open a session for an order:

  curl -s ${at.url}/v1/payment-sessions \\
    -H 'authorization: Bearer ${seed.secret_key}' \\
    -H 'idempotency-key: ${order}' -H 'content-type: application/json' \\
    -d '{"order_id":"${order}","amount":1250000,"currency":"AMD","return_url":"${at.sink}/thanks"}'

Open its "checkout_url" in a browser and press a button there. Then see what the CRM got:

  curl -s ${at.sink}/crm/received

Ctrl-C stops everything; the next start goes on where this one stopped.
`
}
