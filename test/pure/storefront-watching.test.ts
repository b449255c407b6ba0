// The storefront kit tells how a payment stands: by socket, by reading, and by reading alone when the socket dies.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { messageFor, type State } from '../../clients/storefront/src/index.ts'
import { aTab, FakeGateway, problem } from '../support/a-storefront.ts'

const order = { orderId: 'A-1', returnUrl: 'https://shop.example/thanks' }

let gateway: FakeGateway
let tab: ReturnType<typeof aTab>

beforeEach(async () => {
  vi.useFakeTimers()
  gateway = new FakeGateway()
  tab = aTab(gateway)
  await tab.storefront.startCheckout(order)
  gateway.requests.length = 0
})
afterEach(() => vi.useRealTimers())

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const last = () => tab.told.at(-1)
const reads = () => gateway.requests.length

async function watching() {
  const stop = tab.storefront.watchPayment('ps_1', tab.tell)
  await pass(0)
  return { stop, socket: tab.sockets.at(-1)! }
}

describe('watching a payment', () => {
  it('says confirming until the gateway knows, then paid as the socket tells it', async () => {
    const { socket } = await watching()
    socket.happen('open')
    await pass(10_000)
    expect(new Set(tab.statuses())).toEqual(new Set(['confirming']))
    socket.happen('message', JSON.stringify(gateway.moved('ps_1', 'completed', 'paid')))
    await pass(0)
    expect(last()).toMatchObject({ status: 'paid', session: { order_id: 'A-1' } })
    expect(socket.isClosed).toBe(true)
  })

  it('knows a payment that was paid before there was a socket, and opens none', async () => {
    gateway.moved('ps_1', 'completed', 'paid')
    await watching()
    expect(tab.statuses()).toEqual(['confirming', 'paid'])
    expect(tab.sockets).toEqual([])
  })

  it.each([
    ['completed', 'authorized', 'paid'],
    ['failed', 'failed', 'failed'],
    ['canceled', 'canceled', 'failed'],
    ['expired', 'expired', 'expired'],
    ['ending', 'pending', 'confirming'],
    ['failed', 'paid', 'paid'],
  ])('calls a session that is %s, of a payment that is %s, %s', async (status, paymentStatus, told) => {
    gateway.moved('ps_1', status, paymentStatus)
    await watching()
    expect(last()?.status).toBe(told)
  })

  it('reads with backoff, and opens another socket, after the first one died', async () => {
    const { socket } = await watching()
    socket.happen('open')
    await pass(5_000)
    const before = reads()
    socket.happen('close')
    await pass(60_000)
    const after = reads() - before
    expect(after).toBeGreaterThan(4)
    expect(after).toBeLessThan(12)
    expect(tab.sockets.length).toBeGreaterThan(1)
    gateway.moved('ps_1', 'completed', 'paid')
    await pass(20_000)
    expect(last()?.status).toBe('paid')
  })

  it('reads alone, never faster than its backoff, where sockets open and die at once', async () => {
    await watching()
    for (let second = 0; second < 60; second += 1) {
      tab.sockets.at(-1)?.happen('open')
      tab.sockets.at(-1)?.happen('close')
      await pass(1_000)
    }
    expect(reads()).toBeLessThan(15)
  })

  it('reads now and then beside a socket that says nothing, since it may be dead', async () => {
    const { socket } = await watching()
    socket.happen('open')
    gateway.moved('ps_1', 'completed', 'paid')
    await pass(31_000)
    expect(last()?.status).toBe('paid')
  })

  it('reads alone where the browser forbids sockets', async () => {
    tab.withoutSockets()
    await watching()
    await pass(20_000)
    gateway.moved('ps_1', 'completed', 'paid')
    await pass(16_000)
    expect(last()?.status).toBe('paid')
  })

  it('keeps what it knew while the network is gone, and says that it is', async () => {
    await watching()
    gateway.faults.push('request_lost', 'request_lost')
    await pass(1_000)
    expect(last()).toMatchObject({ status: 'confirming', code: 'offline', session: { id: 'ps_1' } })
    await pass(10_000)
    expect(last()?.code).toBeUndefined()
  })

  it('waits as long as Retry-After says', async () => {
    await watching()
    const before = reads()
    gateway.faults.push(problem(429, 'rate_limited', {}, { 'retry-after': '30' }))
    await pass(29_000)
    expect(reads()).toBe(before + 1)
  })

  it('says after a minute that it takes longer', async () => {
    await watching()
    await pass(80_000)
    expect(last()).toMatchObject({ status: 'confirming', code: 'long' })
  })

  it('needs attention where another browser opened the session, unless the secret is given', async () => {
    const other = aTab(gateway)
    other.storefront.watchPayment('ps_1', other.tell)
    await pass(0)
    expect(other.told).toEqual([{ status: 'needs_attention', code: 'unknown_session' }])
    other.storefront.watchPayment('ps_1', other.tell, 'secret_1')
    await pass(0)
    expect(other.told.at(-1)?.status).toBe('confirming')
  })

  it('needs attention when the gateway knows no such session', async () => {
    tab.storefront.watchPayment('ps_9', tab.tell, 'secret')
    await pass(0)
    expect(last()).toEqual({ status: 'needs_attention', code: 'unknown_session' })
  })

  it('says and asks nothing more after it was stopped', async () => {
    const { stop, socket } = await watching()
    socket.happen('open')
    stop()
    const [said, asked] = [tab.told.length, reads()]
    gateway.moved('ps_1', 'completed', 'paid')
    await pass(120_000)
    expect([tab.told.length, reads()]).toEqual([said, asked])
    expect(socket.isClosed).toBe(true)
  })

  it('ends the intent with the payment, so that the same purchase may be made once more', async () => {
    gateway.moved('ps_1', 'completed', 'paid')
    await watching()
    await tab.storefront.startCheckout(order)
    expect(gateway.posts()).toHaveLength(1)
    expect(gateway.sessions).toHaveLength(2)
  })
})

describe('messages', () => {
  const states: State[] = [
    ...(['opening', 'redirecting', 'confirming', 'paid', 'failed', 'expired', 'needs_attention'] as const),
  ].map((status) => ({ status }))

  it('differ by state and language', () => {
    const said = ['en', 'hy', 'ru'].flatMap((locale) => states.map((state) => messageFor(state, locale)))
    expect(new Set(said).size).toBe(21)
  })

  it('follow the code where it has words of its own, and the region of a language does not matter', () => {
    expect(messageFor({ status: 'opening', code: 'offline' }, 'en')).toContain('no connection')
    expect(messageFor({ status: 'opening', code: 'rate_limited' }, 'ru-RU')).toBe(
      messageFor({ status: 'opening' }, 'ru'),
    )
    expect(messageFor({ status: 'idle' }, 'hy')).toBe('')
    expect(messageFor({ status: 'paid' }, 'fr')).toBe(messageFor({ status: 'paid' }, 'en'))
  })
})
