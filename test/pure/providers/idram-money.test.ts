// A customer at the simulated Idram and the payment's own steps: whose word moves money, and that it moves once.
import { describe, expect, it } from 'vitest'
import { endAtProvider } from '../../../src/payment/ask.ts'
import { idram } from '../../../src/providers/idram.ts'
import { done } from '../../providers/contract.ts'
import { movesMoneyOnce } from '../../providers/money-once.ts'
import { idramSimulator } from '../../simulators/idram.ts'
import { objectOf } from '../../support/bank.ts'
import { doorOf } from '../../support/door.ts'
import { checksTheInboxesAfterEachTest } from '../../support/inbox-rig.ts'
import { type Asked, aRig, checksTheBooksAfterEachTest, HOUR, MINUTE } from '../../support/payment-rig.ts'

checksTheBooksAfterEachTest()
checksTheInboxesAfterEachTest()

const account = '100000114'
const secretKey = 'idram-made-up'

/** A payment whose sessions are opened at a simulated Idram, which reports at its door. */
function shop() {
  const rig = aRig()
  const provider = idram({ account, secretKeys: [secretKey] })
  const door = doorOf(rig, provider)
  const webhookUrl = 'https://pay.example/webhooks/idram/con_1'
  const remote = idramSimulator({ account, secretKey, webhookUrl, fetch: door.fetch, now: () => rig.now })
  /** Opens a session and takes its customer's browser to Idram. */
  const open = async (asked: Asked = {}) => {
    const begun = rig.begin(asked)
    if (begun.kind !== 'call') throw new Error(`No call, but: ${begun.kind}`)
    const opened = await provider.open(begun.order)
    rig.finish(begun, opened, asked)
    const { checkout } = done(opened)
    return checkout.kind === 'form' ? checkout.fields : {}
  }
  const arrive = async (asked: Asked = {}) => remote.post(await open(asked))
  const learnLate = (afterMs: number) => {
    rig.now = rig.session().expiresAt + afterMs
    return rig.learn(null, provider.capabilities)
  }
  return { rig, provider, door, remote, open, arrive, learnLate }
}

describe('a customer at Idram', () => {
  it('pays once: Idram asks, moves the money, and tells', async () => {
    const { rig, remote, arrive } = shop()
    const bill = await arrive()
    await remote.pay(bill)
    expect([rig.status, bill.state, remote.alerts]).toEqual(['paid', 'paid', []])
    expect(rig.session()).toMatchObject({ captured: 1_000, transaction: bill.transactions[0] })
  })

  it('can change nothing by changing the amount in the form', async () => {
    const { rig, remote, open } = shop()
    const bill = await remote.post({ ...(await open()), EDP_AMOUNT: '1.00' })
    await remote.pay(bill)
    expect([rig.status, bill.state]).toEqual(['pending', 'refused'])
  })

  it('is refused at a bill that is not ours, or that was paid', async () => {
    const { rig, remote, open } = shop()
    const fields = await open()
    const strange = await remote.post({ ...fields, EDP_BILL_NO: '1806' })
    await remote.pay(strange)
    expect(strange.state).toBe('refused')
    await remote.pay(await remote.post(fields))
    const again = await remote.post(fields)
    await remote.pay(again)
    expect([rig.status, again.state, rig.exceptions]).toEqual(['paid', 'refused', []])
  })

  it('is refused when the session’s time is over, and has a quarter of an hour after a yes', async () => {
    const { rig, remote, arrive } = shop()
    const late = await arrive()
    rig.now = rig.session().expiresAt
    await remote.pay(late)
    expect(late.state).toBe('refused')
    const other = shop()
    const bill = await other.arrive()
    other.rig.now = other.rig.session().expiresAt - 1
    other.remote.behave('loses_reports')
    await other.remote.pay(bill)
    expect(other.rig.session().expiresAt).toBe(other.rig.now + 15 * MINUTE)
    await other.remote.confirm(bill)
    expect([other.rig.status, other.rig.exceptions]).toEqual(['paid', []])
  })

  it('can be sent on to another attempt only when the first can never be told yes again', async () => {
    const { rig, remote, arrive, learnLate } = shop()
    const first = await arrive()
    learnLate(0)
    expect(rig.status).toBe('expired')
    const second = await arrive({ key: 'k2' })
    await remote.pay(first)
    await remote.pay(second)
    expect([first.state, second.state, rig.status, rig.exceptions]).toEqual(['refused', 'paid', 'paid', []])
  })
})

describe('a session at Idram that somebody asks to end', () => {
  const ends = async ({ rig, provider }: ReturnType<typeof shop>) => {
    const begun = await objectOf(rig).beginEnd(rig.session().id, 'key_1')
    if (begun?.kind !== 'call') throw new Error(`No end, but: ${begun?.kind}`)
    await endAtProvider(objectOf(rig), async () => provider, begun.subject, 'key_1')
  }

  it('is over at once before Idram asked: no yes follows, so no money can', async () => {
    const made = shop()
    const bill = await made.arrive()
    await ends(made)
    expect([made.rig.status, made.rig.session().state]).toEqual(['canceled', 'canceled'])
    await made.remote.pay(bill)
    expect([bill.state, made.rig.status]).toEqual(['refused', 'canceled'])
    const second = await made.arrive({ key: 'k2' })
    await made.remote.pay(second)
    expect([made.rig.status, made.rig.exceptions]).toEqual(['paid', []])
  })

  it('waits behind a yes, since its money may be on the way, and that money counts', async () => {
    const made = shop()
    const bill = await made.arrive()
    made.remote.behave('loses_reports')
    await made.remote.pay(bill)
    await ends(made)
    expect(made.rig.session().state).toBe('ending')
    await made.remote.confirm(bill)
    expect([made.rig.status, bill.state, made.rig.exceptions]).toEqual(['paid', 'paid', []])
  })
})

describe('the confirmation of Idram', () => {
  it('comes twice and counts once', async () => {
    const { rig, remote, arrive } = shop()
    const bill = await arrive()
    remote.behave('repeats')
    await remote.pay(bill)
    expect([rig.status, rig.session().captured, bill.state]).toEqual(['paid', 1_000, 'paid'])
    expect(rig.types.filter((type) => type === 'report.applied')).toHaveLength(1)
  })

  it('of another amount makes Idram cancel the money, and goes to a person', async () => {
    const { rig, remote, arrive } = shop()
    const bill = await arrive()
    remote.behave('lies')
    await remote.pay(bill)
    expect([bill.state, rig.status, rig.exceptions]).toEqual(['canceled', 'pending', ['report_mismatch']])
    expect(rig.session().captured).toBe(0)
  })

  it('of a second transaction for a paid bill makes Idram cancel that one', async () => {
    const { rig, remote, arrive } = shop()
    const bill = await arrive()
    await remote.pay(bill)
    bill.transactions.push('00000000000002')
    await remote.confirm(bill)
    expect([bill.state, rig.status, rig.exceptions]).toEqual(['canceled', 'paid', ['report_mismatch']])
    expect(rig.session()).toMatchObject({ captured: 1_000, transaction: bill.transactions[0] })
  })

  it('of a bill that nobody knows makes Idram cancel the money, and is kept', async () => {
    const { remote, open, door } = shop()
    const bill = await remote.post({ ...(await open()), EDP_BILL_NO: '1806' })
    bill.transactions.push('00000000000001')
    await remote.confirm(bill)
    expect([bill.state, door.inbox.state?.parked.length]).toEqual(['canceled', 1])
  })

  it('under another key changes nothing and leaves the money where it is', async () => {
    const { rig, remote, arrive } = shop()
    const bill = await arrive()
    await remote.handle(
      new Request('http://idram.invalid/_control', {
        method: 'PUT',
        body: JSON.stringify({ secretKey: 'other' }),
      }),
    )
    const { length } = rig.types
    await remote.pay(bill)
    // The yes to the question is the only entry.
    expect([rig.status, bill.state, rig.types.length - length]).toEqual(['pending', 'paid', 1])
    expect(remote.alerts).toEqual([`Bill ${bill.bill} was answered 400.`])
  })
})

movesMoneyOnce('idram', {
  open: { none: 'nobody is called: the browser of the customer posts the form' },
  capture: { none: 'it does not hold money' },
  refund: { none: 'it gives nothing back by a call' },
})

describe('when an answer is lost', () => {
  it.each(['keeps_nothing', 'loses_replies'] as const)(
    'and the door %s, Idram keeps the money, tells again, and it counts once',
    async (trouble) => {
      const { rig, remote, door, arrive } = shop()
      const bill = await arrive()
      remote.behave('loses_reports')
      await remote.pay(bill)
      door.trouble = trouble
      await remote.confirm(bill)
      expect([bill.state, remote.alerts.length]).toEqual(['paid', 1])
      expect(rig.status).toBe(trouble === 'loses_replies' ? 'paid' : 'pending')
      door.trouble = 'none'
      await remote.confirm(bill)
      expect([rig.status, bill.state, bill.transactions.length]).toEqual(['paid', 'paid', 1])
      expect(rig.session().captured).toBe(1_000)
    },
  )

  it('to the question, no money moves, and the next question gets the same yes', async () => {
    const { rig, remote, door, arrive } = shop()
    const bill = await arrive()
    door.trouble = 'loses_replies'
    await remote.pay(bill)
    expect([bill.state, rig.status]).toEqual(['refused', 'pending'])
    door.trouble = 'none'
    await remote.pay(bill)
    expect([bill.state, rig.status]).toEqual(['paid', 'paid'])
  })

  it('the confirmation never comes, a person must look once a grace is over; a later one still counts', async () => {
    const { rig, remote, arrive, learnLate } = shop()
    const bill = await arrive()
    remote.behave('loses_reports')
    await remote.pay(bill)
    learnLate(0)
    expect([rig.status, rig.session().state, rig.exceptions]).toEqual(['pending', 'ending', []])
    learnLate(15 * MINUTE)
    expect([rig.status, rig.exceptions]).toEqual(['expired', ['in_doubt_too_long']])
    rig.now += HOUR
    await remote.confirm(bill)
    expect([rig.status, rig.exceptions]).toEqual(['paid', ['in_doubt_too_long', 'late_payment']])
  })
})
