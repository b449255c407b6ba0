/**
 * What must be true of the gateway's own steps around an adapter whose provider knows no idempotency keys: an answer that
 * is lost after the provider acted moves no money twice, and afterwards both books agree.
 */
import { expect } from 'vitest'
import { statusOf } from '../../src/domain/payment.ts'
import type { Provider } from '../../src/domain/provider.ts'
import { ask } from '../../src/payment/ask.ts'
import { type Commander, command } from '../../src/payment/command.ts'
import { beginCommand } from '../../src/payment/commanding.ts'
import { openSession } from '../../src/payment/open.ts'
import type { Providers } from '../../src/payment/ports.ts'
import { objectOf } from '../support/bank.ts'
import {
  type Asked,
  aRig,
  CONNECTION,
  checksTheBooksAfterEachTest,
  type Rig,
} from '../support/payment-rig.ts'
import { movesMoneyOnce } from './money-once.ts'

/** A provider and what its simulator can be made to do. */
export interface Losing {
  provider: Provider
  /** The next answer is lost, after it was acted on. */
  loseAnswer(): void
  pay(reference: string): void
  /** Minor units, over all checkouts that were ever made there. */
  moved(): { captured: number; refunded: number }
  checkouts(): number
}

/** Registers the tests under the registry's name. The rig's clock is the simulator's. */
export function accountsForLostAnswers(
  name: string,
  make: (rig: Rig, captureMethod: 'automatic' | 'manual') => Losing,
): void {
  checksTheBooksAfterEachTest()

  const aShop = (captureMethod: 'automatic' | 'manual' = 'automatic') => {
    const rig = aRig()
    const losing = make(rig, captureMethod)
    return { rig, ...losing, ...stepsOf(rig, losing.provider) }
  }

  const booksOf = (shop: ReturnType<typeof aShop>) => ({
    ...{ gateway: shop.rig.moved(), provider: shop.moved(), exceptions: shop.rig.exceptions },
  })

  movesMoneyOnce(name, {
    open: [
      'another checkout is made for the next call, and only that one can be paid',
      async () => {
        const shop = aShop()
        shop.loseAnswer()
        await expect(shop.open()).rejects.toMatchObject({ refusal: { code: 'provider_unavailable' } })
        expect(shop.rig.session().state).toBe('opening')
        await shop.open()
        expect([shop.rig.session().attempt, shop.rig.session().calls, shop.checkouts()]).toEqual([1, 2, 2])
        shop.pay(shop.rig.session().references[0] ?? '')
        await shop.ringUntil('paid')
        return booksOf(shop)
      },
    ],
    capture: [
      'it is in doubt until its books account for it',
      async () => {
        const shop = aShop('manual')
        await shop.open({ captureMethod: 'manual' })
        shop.pay(shop.rig.session().references[0] ?? '')
        await shop.ringUntil('authorized')
        shop.loseAnswer()
        expect(await shop.command('capture', 800)).toMatchObject({ status: 202 })
        expect(shop.rig.session().command?.status).toBe('in_doubt')
        await shop.ringUntil('paid')
        expect([shop.rig.session().captured, shop.rig.session().command]).toEqual([800, null])
        return booksOf(shop)
      },
    ],
    refund: [
      'it is one refund, and two only when it is told twice',
      async () => {
        const shop = aShop()
        await shop.open()
        shop.pay(shop.rig.session().references[0] ?? '')
        await shop.ringUntil('paid')
        shop.loseAnswer()
        expect(await shop.command('refund', 300)).toMatchObject({ status: 202 })
        await shop.ring()
        expect([shop.rig.session().refunded, shop.rig.session().command]).toEqual([300, null])
        expect(await shop.command('refund', 300)).toMatchObject({ status: 200 })
        expect(shop.rig.session().refunded).toBe(600)
        return booksOf(shop)
      },
    ],
  })
}

function stepsOf(rig: Rig, provider: Provider) {
  const providers: Providers = async () => provider
  const object: ReturnType<typeof objectOf> & Commander = {
    ...objectOf(rig),
    connections: async () => [CONNECTION],
    beginCommand: async (asked) => rig.step((book) => beginCommand(book, asked)),
  }
  let keys = 0
  const open = (asked: Asked = {}) =>
    openSession(object, providers, rig.asked({ key: `o-${++keys}`, ...asked }))
  const commanded = async (type: 'capture' | 'refund', amount: number) => {
    const name = `${type} ${++keys}`
    const told = await command(object, providers, {
      command: { type, amount, sessionId: null, reason: null },
      key: { name, fingerprint: name },
      actor: 'key_1',
    })
    return told?.answer
  }
  /** What the object's alarm does about sessions. */
  const ring = async () => {
    rig.now = Math.max(rig.now, ...Object.values(rig.stored.side.asks).map(({ at }) => at))
    await ask(object, providers, rig.session().id)
  }
  const ringUntil = async (status: string) => {
    for (let rings = 0; rings < 10 && statusOf(rig.payment) !== status; rings++) await ring()
    expect(rig.status).toBe(status)
  }
  return { open, command: commanded, ring, ringUntil }
}
