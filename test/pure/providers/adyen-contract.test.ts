// Adyen's adapter against the simulated Adyen; the notifications are signed by Adyen's own library.
import { hmacValidator } from '@adyen/api-library'
import type { CheckoutOrder, Opened } from '../../../src/domain/provider.ts'
import { adyen } from '../../../src/providers/adyen.ts'
import { toAdyen } from '../../../src/providers/adyen-amounts.ts'
import { keepsTheProviderContract, type ReportOptions, type Rig } from '../../providers/contract.ts'
import { anOrder, arriving, through } from '../../providers/order.ts'
import { adyenSimulator } from '../../simulators/adyen.ts'

const now = Date.parse('2026-11-22T12:00:00Z')
const apiKey = 'AQE_made_up_for_these_tests'
const merchantAccount = 'TollgateTests'
const key = '1F'.repeat(32)
const olderKey = '2E'.repeat(32)
const oracle = new hmacValidator()

function rig(): Promise<Rig> {
  const simulator = adyenSimulator({ apiKey, merchantAccount, now: () => now })
  const options = {
    apiKey,
    merchantAccount,
    hmacKeys: [key, olderKey],
    fetch: through(simulator),
    limits: { timeoutMs: 300, maxBytes: 100_000 },
  }
  return Promise.resolve({
    provider: adyen(options),
    withoutSecrets: adyen({ ...options, hmacKeys: [] }),
    withWrongCredentials: adyen({ ...options, apiKey: 'AQE_of_somebody_else' }),
    now,
    hidden: [apiKey, key, olderKey],
    trouble: (kind) => simulator.behave(kind),
    checkouts: (order) => simulator.links(order.sessionId),
    pay: async (_order, opened) => void opened.references.push(simulator.pay(opened.references[0])),
    report: async (order, opened, options) => report(order, opened, options),
    order: anOrder,
  })
}

function report(order: CheckoutOrder, _opened: Opened, options: ReportOptions = {}) {
  const { wrong, amount = order.amount, currency = order.currency } = options
  const item = {
    amount: { value: toAdyen(amount, currency), currency },
    eventCode: 'AUTHORISATION',
    eventDate: '2026-11-22T12:59:58+01:00',
    merchantAccountCode: merchantAccount,
    merchantReference: order.sessionId,
    originalReference: '',
    pspReference: 'NC6HT9CRT65ZGN82',
    success: 'true',
  }
  const signed = wrong === 'secret' ? '3D'.repeat(32) : options.olderSecret ? olderKey : key
  const signature = oracle.calculateHmac(item as never, signed)
  const hmacSignature = wrong === 'signature' ? signature.replace(/^.{8}/, 'AAAAAAAA') : signature
  const sent = wrong === 'body' ? { ...item, success: 'false' } : item
  const items = [{ NotificationRequestItem: { ...sent, additionalData: { hmacSignature } } }]
  return arriving(JSON.stringify({ live: 'false', notificationItems: items }), {})
}

const { capabilities } = adyen({ apiKey, merchantAccount, hmacKeys: [], fetch })
keepsTheProviderContract('Adyen', capabilities, rig, { datesReports: false, tellsAmounts: true })
