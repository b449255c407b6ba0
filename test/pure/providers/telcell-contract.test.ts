// Telcell's adapter in both of its ways against what every adapter must keep.
import { createHash } from 'node:crypto'
import type { CheckoutOrder, Opened } from '../../../src/domain/provider.ts'
import { telcell } from '../../../src/providers/telcell.ts'
import type { TelcellOptions } from '../../../src/providers/telcell-bills.ts'
import { keepsTheProviderContract, type ReportOptions, type Rig } from '../../providers/contract.ts'
import { anOrder, arriving, through } from '../../providers/order.ts'
import { telcellSimulator } from '../../simulators/telcell.ts'

const now = Date.parse('2026-11-22T12:00:00Z')
const issuer = 'shop@example.test'
const shopKey = 'telcell-newest-made-up'
const olderKey = 'telcell-older-made-up'
const customer = { phone: '+374 91 000000' }

function rigOf(checkout: TelcellOptions['checkout'], formula: TelcellOptions['formula']): () => Promise<Rig> {
  return async () => {
    const simulator = telcellSimulator({ issuer, shopKey, formula, now: () => now })
    const options: TelcellOptions = {
      ...{ issuer, shopKeys: [shopKey, olderKey], fetch: through(simulator), checkout, formula },
      ...{ serverCalls: true, now: () => now, limits: { timeoutMs: 300, maxBytes: 100_000 } },
    }
    return {
      provider: telcell(options),
      withoutSecrets: telcell({ ...options, shopKeys: [''] }),
      withWrongCredentials: telcell({ ...options, shopKeys: ['of-somebody-else'] }),
      now,
      hidden: [shopKey, olderKey],
      trouble: (kind) => simulator.behave(kind),
      checkouts: ({ sessionId }) => simulator.bills(sessionId).length,
      async pay({ sessionId }, { checkout: way }) {
        if (way.kind === 'form') await simulator.post(way.fields)
        simulator.pay(simulator.bills(sessionId)[0]!)
      },
      report: async (order, opened, asked) => report(formula, order, opened, asked),
      order: (details) => anOrder({ expiresAt: now + 1_800_000, customer, ...details }),
    }
  }
}

function report(
  formula: TelcellOptions['formula'],
  order: CheckoutOrder,
  _opened: Opened,
  asked: ReportOptions = {},
) {
  const { wrong, amount = order.amount, currency = 'AMD' } = asked
  const key = wrong === 'secret' ? 'of-somebody-else' : asked.olderSecret ? olderKey : shopKey
  const sum = `${Math.floor(amount / 100)}.${String(amount % 100).padStart(2, '0')}`
  const said: Record<string, string> = {
    ...{
      invoice: '900001',
      issuer_id: Buffer.from(order.sessionId).toString('base64'),
      payment_id: '700001',
    },
    ...(formula === 'with_buyer' && { buyer: '37491000000' }),
    ...{ currency: currency === 'AMD' ? '51' : currency, sum, time: '2026-11-22 16:00:00', status: 'PAID' },
  }
  const checksum = createHash('md5')
    .update(key + Object.values(said).join(''))
    .digest('hex')
  const body = new URLSearchParams({
    ...said,
    ...(wrong === 'body' && { sum: '1.00' }),
    checksum: wrong === 'signature' ? checksum.replace(/^.{8}/, '00000000') : checksum,
  })
  return arriving(body.toString(), {})
}

const { capabilities } = telcell({
  ...{ issuer, shopKeys: [], fetch, checkout: 'form', formula: 'without_buyer', serverCalls: true },
})
const traits = { datesReports: false, tellsAmounts: true }

keepsTheProviderContract('Telcell by form', capabilities, rigOf('form', 'without_buyer'), {
  ...traits,
  opensByForm: true,
})
keepsTheProviderContract('Telcell by its server API', capabilities, rigOf('server', 'with_buyer'), traits)
