// FastShift's adapter against the simulated FastShift. Its reports prove nothing, so there are none to be verified.
import { fastshift } from '../../../src/providers/fastshift.ts'
import { keepsTheProviderContract, type Rig } from '../../providers/contract.ts'
import { anOrder, arriving, through } from '../../providers/order.ts'
import { fastshiftSimulator } from '../../simulators/fastshift.ts'

const now = Date.parse('2026-11-22T12:00:00Z')
const token = 'made-up-for-tests-01'
const apiBase = 'https://fastshift.invalid'

function rig(): Promise<Rig> {
  const simulator = fastshiftSimulator({ token, now: () => now })
  const options = {
    ...{ token, apiBase, now: () => now, fetch: through(simulator) },
    limits: { timeoutMs: 300, maxBytes: 100_000 },
  }
  const provider = fastshift(options)
  return Promise.resolve({
    provider,
    withoutSecrets: provider,
    withWrongCredentials: fastshift({ ...options, token: 'of-somebody-else-02' }),
    now,
    hidden: [token],
    trouble: (kind) => simulator.behave(kind),
    checkouts: (order) => simulator.orders(order.orderId),
    pay: async (_order, opened) => simulator.pay(opened.references[0]),
    report: async (_order, opened) =>
      arriving(JSON.stringify({ status: 'completed', order_number: opened.references[0] }), {}),
    order: anOrder,
  })
}

keepsTheProviderContract('FastShift', fastshift({ token, apiBase, fetch }).capabilities, rig)
