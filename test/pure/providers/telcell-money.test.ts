// A customer at the simulated Telcell and the payment's own steps: an answer is lost after Telcell acted, and money moves once.
import { describe, expect, it } from 'vitest'
import { ask, endAtProvider } from '../../../src/payment/ask.ts'
import { send } from '../../../src/payment/command.ts'
import { beginCommand } from '../../../src/payment/commanding.ts'
import { telcell } from '../../../src/providers/telcell.ts'
import type { TelcellOptions } from '../../../src/providers/telcell-bills.ts'
import { done } from '../../providers/contract.ts'
import { movesMoneyOnce } from '../../providers/money-once.ts'
import { through } from '../../providers/order.ts'
import { type TelcellBill, telcellSimulator } from '../../simulators/telcell.ts'
import { objectOf } from '../../support/bank.ts'
import { doorOf } from '../../support/door.ts'
import { checksTheInboxesAfterEachTest } from '../../support/inbox-rig.ts'
import {
  type Asked,
  aRig,
  CONNECTION,
  checksTheBooksAfterEachTest,
  HOUR,
  MINUTE,
} from '../../support/payment-rig.ts'

checksTheBooksAfterEachTest()
checksTheInboxesAfterEachTest()

/** A payment whose sessions are opened at a simulated Telcell. What Telcell tells arrives when a test lets it. */
function shop(checkout: TelcellOptions['checkout'], change: Partial<TelcellOptions> = {}) {
  const rig = aRig()
  const formula = checkout === 'form' ? 'without_buyer' : 'with_buyer'
  const account = { issuer: 'shop@example.test', shopKey: 'telcell-made-up' }
  const remote = telcellSimulator({ ...account, formula, now: () => rig.now })
  const provider = telcell({
    ...{ issuer: account.issuer, shopKeys: [account.shopKey], fetch: through(remote), checkout, formula },
    ...{ serverCalls: true, now: () => rig.now, limits: { timeoutMs: 300, maxBytes: 100_000 } },
    ...change,
  })
  const providers = async () => provider
  const door = doorOf(rig, provider)
  const open = async (asked: Asked = {}) => {
    const begun = rig.begin(asked)
    if (begun.kind !== 'call') throw new Error(`No call, but: ${begun.kind}`)
    const opened = await provider.open({ ...begun.order, customer: { phone: '37491000000' } })
    rig.finish(begun, opened, asked)
    return opened
  }
  /** Opens a session and has its bill. */
  const arrive = async (asked: Asked = {}): Promise<TelcellBill> => {
    const { checkout: way } = done(await open(asked))
    if (way.kind === 'form') return remote.post(way.fields)
    return remote.billBy(new URL(way.url).searchParams.get('invoice') ?? '')
  }
  const heard = async () => {
    const statuses: number[] = []
    for (const { headers, body } of remote.sent.splice(0)) {
      const url = 'https://pay.example/webhooks/telcell/con_1'
      statuses.push((await door.fetch(new Request(url, { method: 'POST', headers, body }))).status)
    }
    return statuses
  }
  const asks = (sessionId = rig.session().id) => ask(objectOf(rig), providers, sessionId)
  const ends = async () => {
    const begun = await objectOf(rig).beginEnd(rig.session().id, 'key_1')
    if (begun?.kind !== 'call') throw new Error(`No end, but: ${begun?.kind}`)
    await endAtProvider(objectOf(rig), providers, begun.subject, 'key_1')
  }
  const refund = async (amount: number | null, name = 'refund-1') => {
    const command = { type: 'refund', amount, sessionId: null, reason: null } as const
    const key = { name, fingerprint: name }
    const capabilities = { [CONNECTION]: provider.capabilities }
    const begun = rig.step((book) => beginCommand(book, { command, key, actor: 'key_1', capabilities }))
    if (begun?.kind !== 'call') return begun
    await send(objectOf(rig), providers, begun.call, key, 'key_1')
    return begun
  }
  return { rig, remote, provider, door, open, arrive, heard, asks, ends, refund }
}

const refundedAt = ({ refunds }: TelcellBill) => refunds.reduce((total, { sum }) => total + sum * 100, 0)

/** What moved over all of these bills; one that is cleared before anybody paid it moves nothing. */
const movedAt = (bills: TelcellBill[]) => {
  const paid = bills.filter(({ paidAt }) => paidAt !== '')
  return {
    captured: paid.reduce((total, { sum }) => total + sum * 100, 0),
    refunded: paid.reduce((total, bill) => total + refundedAt(bill), 0),
  }
}

async function losesTheRefund(checkout: TelcellOptions['checkout']) {
  const { rig, remote, arrive, heard, asks, refund } = shop(checkout)
  const bill = await arrive()
  remote.pay(bill)
  await heard()
  remote.behave('loses_answers', 1)
  await refund(null)
  expect([rig.session().command?.status, refundedAt(bill)]).toEqual(['in_doubt', 1_000])
  // Nothing is sent a second time, by whatever key.
  await refund(null, 'refund-2')
  rig.now += MINUTE
  await asks()
  expect([rig.session().refunded, rig.session().command]).toEqual([1_000, null])
  await heard()
  expect(rig.payment.refunds).toHaveLength(1)
  return { gateway: rig.moved(), provider: movedAt([bill]), exceptions: rig.exceptions }
}

movesMoneyOnce('telcell', {
  open: [
    'the bill is cleared before another one is made, and only that one can be paid',
    async () => {
      const { rig, remote, open, heard } = shop('server')
      remote.behave('loses_answers', 1)
      expect((await open()).kind).toBe('unknown')
      const { references } = done(await open({ key: 'k2' }))
      const sessionId = rig.session().id
      const [first, second] = [...remote.bills(sessionId), ...remote.bills(`${sessionId}-2`)]
      expect(references).toEqual([`${sessionId}-2`, second?.invoice])
      expect([first?.status, second?.status]).toEqual(['CANCELLED', 'NEW'])
      await heard()
      expect(rig.status).toBe('pending')
      remote.pay(first!)
      remote.pay(second!)
      await heard()
      expect(rig.status).toBe('paid')
      return { gateway: rig.moved(), provider: movedAt([first!, second!]), exceptions: rig.exceptions }
    },
  ],
  capture: { none: 'it does not hold money' },
  refund: ['of all of it, its own word about the bill accounts for it', () => losesTheRefund('form')],
})

it('a lost answer to a refund of a bill that we made ourselves is accounted for likewise', async () => {
  const { gateway, provider, exceptions } = await losesTheRefund('server')
  expect([gateway, exceptions]).toEqual([provider, []])
})

describe.each(['form', 'server'] as const)('a customer at Telcell by %s', (checkout) => {
  it.each([false, true])('pays once, however often Telcell tells (our name decoded: %s)', async (decodes) => {
    const { rig, remote, arrive, heard } = shop(checkout)
    const body = JSON.stringify({ decodes })
    await remote.handle(new Request('http://telcell.invalid/_control', { method: 'PUT', body }))
    const bill = await arrive()
    remote.pay(bill)
    remote.sent.push(...remote.sent)
    expect(await heard()).toEqual([200, 200])
    expect([rig.status, rig.session().captured, rig.exceptions]).toEqual(['paid', 1_000, []])
    expect(rig.session().references).toContain(bill.invoice)
  })

  it('is paid by a status check when the callback never comes', async () => {
    const { rig, remote, arrive, asks } = shop(checkout)
    remote.pay(await arrive())
    rig.now = rig.session().expiresAt
    await asks()
    expect([rig.status, rig.session().captured]).toEqual(['paid', 1_000])
  })

  it('refuses the bill, and the payment has failed', async () => {
    const { rig, remote, arrive, heard } = shop(checkout)
    remote.end(await arrive(), 'REJECTED')
    await heard()
    expect(rig.status).toBe('failed')
  })

  it('cannot pay a bill whose time is over: it is cleared, and only then is the session over', async () => {
    const { rig, remote, arrive, asks, heard } = shop(checkout)
    const bill = await arrive()
    rig.now = rig.session().expiresAt
    await asks()
    expect([bill.status, rig.status]).toEqual(['CANCELLED', 'expired'])
    remote.pay(bill)
    await heard()
    expect([rig.status, rig.exceptions]).toEqual(['expired', []])
  })

  it('pays another amount than was agreed, and a person must look', async () => {
    const { rig, remote, arrive, heard } = shop(checkout)
    const bill = await arrive()
    remote.behave('lies')
    remote.pay(bill)
    expect(await heard()).toEqual([200])
    expect([rig.status, rig.session().captured, rig.exceptions]).toEqual(['pending', 0, ['report_mismatch']])
  })

  it('gets parts back, each once; a part whose answer was lost is never sent again and goes to a person', async () => {
    const { rig, remote, arrive, heard, asks, refund } = shop(checkout)
    const bill = await arrive()
    remote.pay(bill)
    await heard()
    await refund(300)
    expect([rig.session().refunded, refundedAt(bill)]).toEqual([300, 300])
    remote.behave('loses_answers', 1)
    await refund(200, 'refund-2')
    for (let i = 0; i < 30; i++) {
      rig.now += HOUR
      await asks()
    }
    expect([rig.session().command?.status, refundedAt(bill)]).toEqual(['in_doubt', 500])
    expect(rig.exceptions).toEqual(['in_doubt_too_long'])
  })

  it('is told of a bill that was canceled by hand after it was paid: it is given back', async () => {
    const { rig, remote, arrive, heard } = shop(checkout)
    const bill = await arrive()
    remote.pay(bill)
    await heard()
    remote.end(bill, 'CANCELLED')
    await heard()
    expect([rig.status, rig.session().refunded]).toEqual(['paid', 1_000])
  })
})

describe('a form of Telcell', () => {
  it('that was never posted keeps its session until nobody can have it any more', async () => {
    const { rig, open, asks, ends } = shop('form')
    await open()
    await ends()
    expect(rig.session().state).toBe('ending')
    rig.now = rig.session().expiresAt + 15 * MINUTE - 1
    await asks()
    expect(rig.session().state).toBe('ending')
    rig.now += 1
    await asks()
    expect(rig.status).toBe('expired')
  })

  it('that is posted twice makes one bill', async () => {
    const { remote, open } = shop('form')
    const { checkout } = done(await open())
    const fields = checkout.kind === 'form' ? checkout.fields : {}
    await remote.post(fields)
    await expect(remote.post(fields)).rejects.toThrow('There is no bill')
  })

  it('with another price than was signed makes none', async () => {
    const { remote, open } = shop('form')
    const { checkout } = done(await open())
    const fields = checkout.kind === 'form' ? checkout.fields : {}
    await expect(remote.post({ ...fields, price: '1.00' })).rejects.toThrow('There is no bill')
  })

  it('where nothing can be asked ends with its bill’s own day', async () => {
    const { rig, arrive, asks } = shop('form', { serverCalls: false })
    await arrive()
    rig.now = rig.session().expiresAt
    await asks()
    expect(rig.session().state).toBe('ending')
    rig.now += 24 * HOUR + 15 * MINUTE
    await asks()
    expect(rig.status).toBe('expired')
  })
})

describe('a bill that we make ourselves', () => {
  it('and which was paid while its answer was lost is found by our name, and no other one is made', async () => {
    const { rig, remote, open, asks } = shop('server')
    remote.behave('loses_answers', 1)
    await open()
    const sessionId = rig.session().id
    remote.pay(remote.bills(sessionId)[0]!)
    expect((await open({ key: 'k2' })).kind).toBe('unknown')
    expect(remote.bills(`${sessionId}-2`)).toEqual([])
    await asks()
    expect([rig.status, rig.session().captured]).toEqual(['paid', 1_000])
  })
})
