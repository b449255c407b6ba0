// Ameriabank's adapter against the simulated bank: with an account in one stage, and with one in two.
import { ameriabank } from '../../../src/providers/ameriabank.ts'
import { keepsTheProviderContract, type Rig } from '../../providers/contract.ts'
import { anOrder, arriving, through } from '../../providers/order.ts'
import { ameriabankSimulator } from '../../simulators/ameriabank.ts'

const now = Date.parse('2026-11-22T12:00:00Z')
const credentials = { clientId: 'made-up-client', username: 'shop', password: 'made-up-password' }

let numbers = 0

const rig = (twoStage: boolean) => (): Promise<Rig> => {
  const simulator = ameriabankSimulator({ ...credentials, twoStage, now: () => now })
  const options = {
    ...{ ...credentials, base: 'http://bank.invalid/VPOS', currencies: ['AMD'], twoStage },
    ...{ numbers: { first: 1, last: 1_000_000 }, sendsOpaque: true },
    fetch: through(simulator),
    limits: { timeoutMs: 300, maxBytes: 100_000 },
    now: () => now,
  }
  const held = new Set<string>()
  return Promise.resolve({
    provider: ameriabank(options),
    withoutSecrets: ameriabank(options),
    withWrongCredentials: ameriabank({ ...options, password: 'of-somebody-else' }),
    now,
    hidden: [credentials.password, credentials.clientId],
    trouble: (kind) => simulator.behave(kind),
    checkouts: () => simulator.payments(),
    pay: async ({ sessionId, amount }, { references: [paymentId] }) => {
      simulator.pay(paymentId)
      // Who did not ask for a hold is captured in the bank's own office, where the account knows nothing else.
      if (twoStage && !held.has(sessionId)) simulator.byHand(paymentId, { status: 2, deposited: amount })
    },
    report: async () => arriving('', {}),
    order(details = {}) {
      const captureMethod = twoStage ? 'manual' : 'automatic'
      numbers += 1
      const order = anOrder({ expiresAt: now + 1_200_000, number: numbers, captureMethod, ...details })
      if (details.captureMethod === 'manual') held.add(order.sessionId)
      return order
    },
  })
}

const capabilities = (twoStage: boolean) =>
  ameriabank({
    ...{ ...credentials, base: '', currencies: ['AMD'], fetch, twoStage },
    ...{ numbers: { first: 1, last: 9 }, sendsOpaque: true },
  }).capabilities

keepsTheProviderContract('Ameriabank', capabilities(false), rig(false))
keepsTheProviderContract('Ameriabank in two stages', capabilities(true), rig(true))
