// ArCa's adapter against the simulated bank: once as the manual has it, and once with a bank that signs callbacks.
import type { CheckoutOrder, Opened } from '../../../src/domain/provider.ts'
import { arca } from '../../../src/providers/arca.ts'
import { keepsTheProviderContract, type ReportOptions, type Rig } from '../../providers/contract.ts'
import { anOrder, arriving, through } from '../../providers/order.ts'
import { arcaSimulator, signed } from '../../simulators/arca.ts'

const now = Date.parse('2026-11-22T12:00:00Z')
const credentials = { username: 'shop-api', password: 'made-up-password' }
const key = 'made-up-callback-key'
const olderKey = 'older-callback-key'

const rig = (callbackKeys: string[] | null) => (): Promise<Rig> => {
  const simulator = arcaSimulator({ ...credentials, now: () => now })
  const options = {
    ...credentials,
    callbackKeys,
    base: 'http://bank.invalid/payment/rest',
    currencies: ['AMD'],
    fetch: through(simulator),
    limits: { timeoutMs: 300, maxBytes: 100_000 },
    now: () => now,
  }
  return Promise.resolve({
    provider: arca(options),
    withoutSecrets: arca({ ...options, callbackKeys: [''] }),
    withWrongCredentials: arca({ ...options, password: 'of-somebody-else' }),
    now,
    hidden: [credentials.password, key, olderKey],
    trouble: (kind) => simulator.behave(kind),
    checkouts: (order) => simulator.orders(order.sessionId.slice(3, 29)),
    pay: async (_order, opened) => simulator.pay(opened.references[0]),
    report,
    order: (details) => anOrder({ expiresAt: now + 1_200_000, ...details }),
  })
}

async function report(order: CheckoutOrder, opened: Opened, options: ReportOptions = {}) {
  const [mdOrder, orderNumber = ''] = opened.references
  const { wrong, amount = order.amount } = options
  const fields = { mdOrder, orderNumber, operation: 'deposited', status: '1', amount: String(amount) }
  const by = wrong === 'secret' ? 'of somebody else' : options.olderSecret ? olderKey : key
  const form = signed(fields, by)
  if (wrong === 'signature') form.set('checksum', '0'.repeat(64))
  if (wrong === 'body') form.set('amount', String(amount + 1))
  return arriving(form.toString(), { 'content-type': 'application/x-www-form-urlencoded' })
}

const capabilities = (keys: string[] | null) =>
  arca({ ...credentials, base: '', callbackKeys: keys, currencies: ['AMD'], fetch }).capabilities
// A callback says neither when it was signed nor in which currency.
const traits = { datesReports: false, tellsAmounts: true, tellsCurrency: false }

keepsTheProviderContract('ArCa', capabilities(null), rig(null), traits)
keepsTheProviderContract('A bank that signs callbacks', capabilities([key]), rig([key, olderKey]), traits)
