// Mollie's adapter against the simulated Mollie. Its reports prove nothing, so there are none to be verified.
import { mollie } from '../../../src/providers/mollie.ts'
import { keepsTheProviderContract, type Rig } from '../../providers/contract.ts'
import { anOrder, arriving, through } from '../../providers/order.ts'
import { mollieSimulator } from '../../simulators/mollie.ts'

const now = Date.parse('2026-11-22T12:00:00Z')
const apiKey = 'test_MadeUpForTestsMadeUpForTests01'

function rig(): Promise<Rig> {
  const simulator = mollieSimulator({ apiKey, now: () => now })
  const options = { apiKey, fetch: through(simulator), limits: { timeoutMs: 300, maxBytes: 100_000 } }
  const provider = mollie(options)
  return Promise.resolve({
    provider,
    withoutSecrets: provider,
    withWrongCredentials: mollie({ ...options, apiKey: 'test_OfSomebodyElseOfSomebodyElse02' }),
    now,
    hidden: [apiKey],
    trouble: (kind) => simulator.behave(kind),
    checkouts: (order) => simulator.payments(order.sessionId),
    pay: async (_order, opened) => simulator.pay(opened.references[0]),
    report: async (_order, opened) => arriving(`id=${opened.references[0]}`, {}),
    order: (details) => anOrder({ currency: 'EUR', ...details }),
  })
}

keepsTheProviderContract('Mollie', mollie({ apiKey, fetch }).capabilities, rig)
