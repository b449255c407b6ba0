import { env } from 'cloudflare:workers'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { unseal } from '../../src/crypto/seal.ts'
import { recordsOf } from '../../src/store/database.ts'
import { type Recordable, writeRecords } from '../../src/store/records.ts'
import { aPaymentId, aPublication, databaseOf } from './delivery-rig.ts'
import { ADMIN, aDoor } from './door.ts'

type Door = ReturnType<typeof aDoor>

const aBody = (change: object = {}) => ({
  kind: 'crm',
  url: 'https://crm.example/hook',
  event_types: ['*'],
  ...change,
})

async function aShop(door: Door = aDoor()) {
  const merchant = await door.aMerchant()
  const key: string = (await door.aKey(merchant.id)).key
  const operator = async (role: string): Promise<string> => {
    const body = { name: 'Anahit', role, livemode: false }
    return (await door.json(201, `/v1/admin/merchants/${merchant.id}/operators`, { as: ADMIN, body })).token
  }
  return { door, merchantId: merchant.id as string, key, operator }
}

/** Records a paid payment as the queue's consumer would. */
async function aRecordedPayment(merchantId: string, change: Partial<Recordable> = {}) {
  const stream = aPaymentId()
  const publication = aPublication({ merchantId, stream, ...change }) as Recordable
  const now = Date.parse('2026-11-22T12:00:00Z')
  const made = await writeRecords(recordsOf(env, merchantId), [publication], {
    now,
    firstDelayMs: 0,
    leaseMs: 0,
    scheduleSeconds: [0],
  })
  return { stream, publication, deliveryId: made[0]?.deliveryId as string }
}

afterEach(() => vi.restoreAllMocks())

describe('a destination', () => {
  it('is made with a secret that is shown once, kept sealed, and signs', async () => {
    const { door, key, merchantId } = await aShop()
    const body = aBody({ description: 'Sales', ordered: true, max_per_second: 5, timeout_ms: 2_000 })
    const { secret, ...made } = await door.json(201, '/v1/destinations', { as: key, body })
    expect(made).toMatchObject({
      ...body,
      ...{ object: 'destination', status: 'active', livemode: false, created_at: '2026-11-22T12:00:00.000Z' },
    })
    expect(made.id).toMatch(/^dst_[0-9a-z]{26}$/)
    expect(secret).toMatch(/^whsec_/)
    expect(new Webhook(secret)).toBeTruthy()
    expect(atob(secret.slice('whsec_'.length))).toHaveLength(32)
    expect(await door.json(200, `/v1/destinations/${made.id}`, { as: key })).toEqual(made)
    expect((await door.json(200, '/v1/destinations', { as: key })).data).toEqual([made])
    const row = await databaseOf(merchantId)
      .prepare('select secrets from destinations where id = ?')
      .bind(made.id)
      .first<{ secrets: string }>()
    expect(row!.secrets).not.toContain(secret.slice(6))
    expect(JSON.parse(await unseal(env, row!.secrets, made.id))).toEqual([secret])
    await expect(unseal(env, row!.secrets, 'dst_another')).rejects.toThrow()
  })

  it.each([
    [{ url: 'http://crm.example/' }, '/url'],
    [{ url: 'https://localhost/' }, '/url'],
    [{ url: 'https://169.254.169.254/latest/meta-data/' }, '/url'],
    [{ url: 'https://[::ffff:10.0.0.1]/' }, '/url'],
    [{ url: 'https://user:pass@crm.example/' }, '/url'],
    [{ url: 'crm' }, '/url'],
    [{ url: 7 }, '/url'],
    [{ kind: 'fax' }, '/kind'],
    [{ event_types: [] }, '/event_types'],
    [{ event_types: ['payment.payed'] }, '/event_types/0'],
    [{ event_types: ['payment'] }, '/event_types/0'],
    [{ event_types: '*' }, '/event_types'],
    [{ max_per_second: 0 }, '/max_per_second'],
    [{ timeout_ms: 30_001 }, '/timeout_ms'],
    [{ ordered: 'yes' }, '/ordered'],
    [{ descripton: 'typo' }, '/descripton'],
    [{ secret: 'whsec_mine' }, '/secret'],
  ])('is refused with %j, naming %s', async (change, pointer) => {
    const { door, key } = await aShop()
    const problem = await door.json(422, '/v1/destinations', { as: key, body: aBody(change) })
    expect(problem).toMatchObject({ code: 'validation_failed', errors: [{ pointer }] })
    expect((await door.json(200, '/v1/destinations', { as: key })).data).toEqual([])
  })

  it('may be private in a deployment that says so', async () => {
    const { door, key } = await aShop(aDoor({ ALLOW_PRIVATE_ADDRESSES: 'true' }))
    await door.json(201, '/v1/destinations', { as: key, body: aBody({ url: 'http://127.0.0.1:9000/crm' }) })
  })

  it('is seen by its own merchant and mode only, and made by nobody with an operator\u2019s token', async () => {
    const { door, key, merchantId, operator } = await aShop()
    const { id } = await door.json(201, '/v1/destinations', { as: key, body: aBody() })
    const live = (await door.aKey(merchantId, 'secret', true)).key
    const stranger = (await aShop(door)).key
    for (const as of [live, stranger]) {
      await door.json(404, `/v1/destinations/${id}`, { as })
      expect((await door.json(200, '/v1/destinations', { as })).data).toEqual([])
    }
    const viewer = await operator('viewer')
    expect((await door.json(200, '/v1/destinations', { as: viewer })).data).toHaveLength(1)
    await door.json(403, '/v1/destinations', { as: viewer, body: aBody() })
    await door.json(401, '/v1/destinations', { body: aBody() })
  })
})

describe('lists', () => {
  it('come newest first, page by page, without gaps or repeats', async () => {
    const { door, key } = await aShop()
    const made: string[] = []
    for (let n = 0; n < 5; n += 1) {
      // Two at the same moment: the id then decides.
      if (n % 2 === 0) door.now += 1_000
      made.push((await door.json(201, '/v1/destinations', { as: key, body: aBody() })).id)
    }
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const query: string = cursor === null ? '' : `&cursor=${cursor}`
      const page = await door.json(200, `/v1/destinations?limit=2${query}`, { as: key })
      seen.push(...page.data.map((one: { id: string }) => one.id))
      cursor = page.next_cursor
    } while (cursor !== null)
    expect([...seen].sort()).toEqual([...made].sort())
    expect(seen[0]).toBe(made[4])
    expect(new Set(seen).size).toBe(5)
  })

  it.each(['/v1/destinations', '/v1/deliveries', '/v1/events', '/v1/exceptions'])(
    '%s refuses a cursor that is not ours, a limit out of range and an unknown filter',
    async (path) => {
      const { door, key } = await aShop()
      for (const query of ['cursor=abc', 'limit=0', 'limit=101', 'limit=x', 'stauts=open'])
        expect((await door.json(422, `${path}?${query}`, { as: key })).code, query).toBe('validation_failed')
      expect(await door.json(200, path, { as: key })).toEqual({ data: [], next_cursor: null })
    },
  )
})

describe('an event', () => {
  it('is listed and read with what was sent', async () => {
    const { door, key, merchantId } = await aShop()
    const { stream, publication } = await aRecordedPayment(merchantId, { to: 2 })
    const { data } = await door.json(200, `/v1/events?payment_id=${stream}`, { as: key })
    expect(data.map((one: { sequence: number }) => one.sequence)).toEqual([2, 1])
    const event = await door.json(200, `/v1/events/${data[1].id}`, { as: key })
    const sent = JSON.parse(publication.content.entries[0]!.event!.body)
    expect(event).toEqual({
      ...data[1],
      type: sent.type,
      timestamp: sent.timestamp,
      data: sent.data,
      payment_id: stream,
      object: 'event',
    })
    await door.json(404, `/v1/events/${event.id}`, { as: (await aShop(door)).key })
    await door.json(404, '/v1/events/evt_nothing', { as: key })
    expect((await door.json(200, '/v1/events?type=payment.failed', { as: key })).data).toEqual([])
  })
})

describe('a delivery', () => {
  it('has the contract\u2019s shape, with attempts in the single view only', async () => {
    const { door, key, merchantId } = await aShop()
    const destination = await door.json(201, '/v1/destinations', { as: key, body: aBody() })
    const { stream, deliveryId, publication } = await aRecordedPayment(merchantId)
    const attempt = {
      n: 1,
      at: 1_764_000_000_000,
      durationMs: 31,
      status: 503,
      error: null,
      trigger: 'schedule',
      responseBody: 'down',
    }
    await databaseOf(merchantId)
      .prepare('update deliveries set attempts = ?, attempt_count = 1 where id = ?')
      .bind(JSON.stringify([attempt]), deliveryId)
      .run()
    const listed = {
      ...{
        id: deliveryId,
        object: 'delivery',
        event_id: publication.content.entries[0]!.event!.id,
        event_type: 'payment.paid',
      },
      ...{ payment_id: stream, destination_id: destination.id, status: 'pending', attempt_count: 1 },
      ...{
        next_attempt_at: '2026-11-22T12:00:00.000Z',
        created_at: '2026-11-22T12:00:00.000Z',
        livemode: false,
      },
    }
    for (const query of ['', `payment_id=${stream}`, `destination_id=${destination.id}`, 'status=pending'])
      expect((await door.json(200, `/v1/deliveries?${query}`, { as: key })).data, query).toEqual([listed])
    for (const query of [
      `payment_id=${aPaymentId()}`,
      'payment_id=x',
      'destination_id=dst_x',
      'status=failed',
      'status=held',
      'status=delivered',
    ])
      expect((await door.json(200, `/v1/deliveries?${query}`, { as: key })).data, query).toEqual([])
    expect(await door.json(200, `/v1/deliveries/${deliveryId}`, { as: key })).toEqual({
      ...listed,
      doubtful: false,
      attempts: [
        {
          n: 1,
          at: '2025-11-24T16:00:00.000Z',
          duration_ms: 31,
          status: 503,
          error: null,
          trigger: 'schedule',
          response_body: 'down',
        },
      ],
    })
    const stranger = (await aShop(door)).key
    await door.json(404, `/v1/deliveries/${deliveryId}`, { as: stranger })
    await door.json(404, `/v1/deliveries/${deliveryId}/retry`, { as: stranger, method: 'POST' })
  })

  it('says that nobody knows whether it was taken, until a person decides about that', async () => {
    const { door, key, merchantId } = await aShop()
    await door.json(201, '/v1/destinations', { as: key, body: aBody({ kind: 'fiscal', on_timeout: 'hold' }) })
    const { deliveryId } = await aRecordedPayment(merchantId)
    await databaseOf(merchantId)
      .prepare("update deliveries set status = 'failed', due_at = null, doubtful = 1 where id = ?")
      .bind(deliveryId)
      .run()
    const path = `/v1/deliveries/${deliveryId}`
    expect(await door.json(200, path, { as: key })).toMatchObject({ status: 'failed', doubtful: true })
    const asked = await door.json(202, `${path}/retry`, { as: key, method: 'POST' })
    expect(asked).toMatchObject({ status: 'pending', doubtful: false })
  })

  it.each(['failed', 'held', 'delivered', 'pending'])(
    'that is %s can be retried by a person, at once',
    async (status) => {
      const { door, key, merchantId, operator } = await aShop()
      await door.json(201, '/v1/destinations', { as: key, body: aBody() })
      const { deliveryId } = await aRecordedPayment(merchantId)
      await databaseOf(merchantId)
        .prepare('update deliveries set status = ?, due_at = null, attempt_count = 3 where id = ?')
        .bind(status, deliveryId)
        .run()
      const sent = vi.spyOn(env.RETRIES, 'sendBatch').mockResolvedValue({} as never)
      const answer = await door.json(202, `/v1/deliveries/${deliveryId}/retry`, {
        as: await operator('operator'),
        method: 'POST',
      })
      expect(answer).toMatchObject({
        id: deliveryId,
        status: 'pending',
        next_attempt_at: '2026-11-22T12:00:00.000Z',
        attempts: [],
      })
      expect(sent.mock.calls[0]![0]).toEqual([
        { body: { merchantId, tries: [{ deliveryId, attempt: 4 }] }, delaySeconds: 0 },
      ])
      const row = await databaseOf(merchantId)
        .prepare('select next_trigger, due_at from deliveries where id = ?')
        .bind(deliveryId)
        .first()
      expect(row).toEqual({ next_trigger: 'manual', due_at: door.now })
    },
  )

  it('whose try is running is not retried, nor by a viewer ever, nor with a body that says more', async () => {
    const { door, key, merchantId, operator } = await aShop()
    await door.json(201, '/v1/destinations', { as: key, body: aBody() })
    const { deliveryId } = await aRecordedPayment(merchantId)
    await databaseOf(merchantId)
      .prepare('update deliveries set lease_until = ? where id = ?')
      .bind(door.now + 1, deliveryId)
      .run()
    const path = `/v1/deliveries/${deliveryId}/retry`
    expect(await door.json(409, path, { as: key, method: 'POST' })).toMatchObject({
      code: 'not_allowed_now',
      status: 409,
    })
    await door.json(403, path, { as: await operator('viewer'), method: 'POST' })
    await door.json(422, path, { as: key, body: { now: true } })
  })
})

describe('an exception', () => {
  /** A payment in its own object, with one open exception that has reached the records. */
  async function anOpenException() {
    const shop = await aShop()
    const { door, merchantId, key } = shop
    const connection = {
      provider: 'sandbox',
      livemode: false,
      credentials: { webhook_secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'] },
      default: true,
    }
    await door.json(201, `/v1/admin/merchants/${merchantId}/connections`, { as: ADMIN, body: connection })
    const { id: paymentId } = await door
      .json(201, '/v1/orders/A-1', { as: key, method: 'PUT', body: { amount: 1_000, currency: 'AMD' } })
      .then((order) => ({ id: order.payment_id as string }))
    await env.PAYMENT.getByName(paymentId).raiseException({
      kind: 'delivery_exhausted',
      cause: `dlv_${'1'.repeat(58)}`,
      detail: 'It failed.',
      deliveryId: `dlv_${'1'.repeat(58)}`,
    })
    const list = () => door.json(200, '/v1/exceptions?status=open&kind=delivery_exhausted', { as: key })
    await vi.waitFor(async () => expect((await list()).data).toHaveLength(1), { timeout: 20_000 })
    return { ...shop, paymentId, exception: (await list()).data[0] }
  }

  it('goes from its object to the operator\u2019s list, and is ended there with a note', async () => {
    const { door, key, operator, exception, paymentId, merchantId } = await anOpenException()
    expect(exception).toMatchObject({
      object: 'exception',
      payment_id: paymentId,
      status: 'open',
      delivery_id: `dlv_${'1'.repeat(58)}`,
      resolved_at: null,
    })
    const path = `/v1/exceptions/${exception.id}`
    expect(await door.json(200, path, { as: key })).toEqual(exception)
    await door.json(404, path, { as: (await aShop(door)).key })

    const body = { resolution: 'called', note: 'The shop has it on paper.' }
    const anahit = await operator('operator')
    await door.json(403, `${path}/resolve`, { as: key, body })
    await door.json(403, `${path}/resolve`, { as: await operator('viewer'), body })
    await door.json(422, `${path}/resolve`, { as: anahit, body: { resolution: 'called' } })
    await door.json(422, `${path}/resolve`, { as: anahit, body: { ...body, note: '  ' } })
    await door.json(422, `${path}/resolve`, { as: anahit, body: { ...body, status: 'resolved' } })
    const resolved = await door.json(200, `${path}/resolve`, { as: anahit, body })
    expect(resolved).toMatchObject({
      ...body,
      status: 'resolved',
      resolved_by: expect.stringMatching(/^opr_/),
    })
    const again = await door.json(409, `${path}/resolve`, { as: anahit, body })
    expect(again).toMatchObject({ code: 'not_allowed_now' })

    await vi.waitFor(
      async () =>
        expect(await door.json(200, path, { as: key })).toMatchObject({ ...body, status: 'resolved' }),
      { timeout: 20_000 },
    )
    const { data } = await door.json(200, '/v1/events?type=exception.resolved', { as: key })
    expect(data).toMatchObject([{ payment_id: paymentId, data: { exception: { id: exception.id } } }])
    expect(merchantId).toMatch(/^mer_/)
  }, 20_000)
})
