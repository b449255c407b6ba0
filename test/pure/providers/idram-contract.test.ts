// Idram's adapter against what every adapter must keep. Idram has no call, so most of it is about its two posts.
import { createHash } from 'node:crypto'
import type { CheckoutOrder, Opened } from '../../../src/domain/provider.ts'
import { idram } from '../../../src/providers/idram.ts'
import { keepsTheProviderContract, type ReportOptions, type Rig } from '../../providers/contract.ts'
import { anOrder, arriving } from '../../providers/order.ts'
import { idramSimulator } from '../../simulators/idram.ts'

const now = Date.parse('2026-11-22T12:00:00Z')
const account = '100000114'
const secretKey = 'idram-newest-made-up'
const olderKey = 'idram-older-made-up'
const options = { account, secretKeys: [secretKey, olderKey] }

function rig(): Promise<Rig> {
  const simulator = idramSimulator({ account, secretKey, now: () => now })
  return Promise.resolve({
    provider: idram(options),
    withoutSecrets: idram({ ...options, secretKeys: [''] }),
    now,
    hidden: [secretKey, olderKey],
    trouble: (kind) => simulator.behave(kind),
    checkouts: (order) => simulator.checkouts(order.sessionId),
    pay: async (_order, { checkout }) => {
      if (checkout.kind === 'form') await simulator.pay(await simulator.post(checkout.fields))
    },
    report,
    order: anOrder,
  })
}

async function report(order: CheckoutOrder, _opened: Opened, asked: ReportOptions = {}) {
  const { wrong, amount = order.amount } = asked
  const said = `${Math.floor(amount / 100)}.${String(amount % 100).padStart(2, '0')}`
  const key = wrong === 'secret' ? 'of-somebody-else' : asked.olderSecret ? olderKey : secretKey
  const parts = [account, said, key, order.sessionId, '100000202', '00000012345678', '22/11/2026']
  const checksum = createHash('md5').update(parts.join(':')).digest('hex')
  const body = new URLSearchParams({
    EDP_BILL_NO: order.sessionId,
    EDP_REC_ACCOUNT: account,
    EDP_PAYER_ACCOUNT: '100000202',
    EDP_AMOUNT: wrong === 'body' ? '1.00' : said,
    EDP_TRANS_ID: '00000012345678',
    EDP_TRANS_DATE: '22/11/2026',
    EDP_CHECKSUM: wrong === 'signature' ? checksum.replace(/^.{8}/, '00000000') : checksum,
  })
  return arriving(body.toString(), {})
}

keepsTheProviderContract('Idram', idram(options).capabilities, rig, {
  ...{ datesReports: false, tellsAmounts: true, tellsCurrency: false },
  opensByForm: true,
})
