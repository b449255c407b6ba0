// docs/systems shows a receiver for each business system. It is run as a reader copies it, with events that the production
// steps have made and signed, against a stand-in for the vendor; the vendors' own services are not part of this.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { answerIn } from '../../src/delivery/words.ts'
import { codeOf } from '../support/documents-code.ts'
import { aRig, checksTheBooksAfterEachTest } from '../support/payment-rig.ts'
import { snippetsOf } from '../support/snippets.ts'
import { eventIn, type Made, paidRig, SECRET, tryOf } from '../support/told.ts'

checksTheBooksAfterEachTest()

const docs = path.resolve(import.meta.dirname, '../../docs')
const code = codeOf(path.join(docs, 'systems'))
afterAll(() => code.remove())

// biome-ignore lint/suspicious/noExplicitAny: what vendors are told is looked at as they would.
type Json = any
type Receive = (request: Request, around: object) => Promise<Response>

interface Asked {
  method: string
  url: string
  authorization: string | null
  body: Json
}

type Answers = [() => Response, ...(() => Response)[]]

/** A receiver of the documents before a vendor that answers with `answers`, the last one for ever. */
async function aReceiver(name: string, ...answers: Answers) {
  const { receive } = await code.load<{ receive: Receive }>(`${name}.ts`)
  const asked: Asked[] = []
  const newest = new Map<string, number>()
  const around = {
    ...{ secrets: SECRET, portal: 'https://portal.example/rest/1/made-up/', token: 'made-up' },
    ...{ base: 'https://1c.example/trade', user: 'обмен', password: 'made-up' },
    newestOf: async (id: string) => newest.get(id) ?? 0,
    done: async (id: string, sequence: number) => void newest.set(id, sequence),
    fetch: async (url: string, init: RequestInit) => {
      const authorization = new Headers(init.headers).get('authorization')
      asked.push({ method: init.method ?? 'GET', url, authorization, body: JSON.parse(String(init.body)) })
      return (answers[asked.length - 1] ?? answers.at(-1)!)()
    },
  }
  return { asked, hear: async (event: Made, secret?: string) => receive(await tryOf(event, secret), around) }
}

const json =
  (body: unknown, status = 200) =>
  () =>
    Response.json(body, { status })

const names = ['bitrix24', 'hubspot', '1c'] as const
/** What each vendor answers when all is well, of one event. */
const well: Record<(typeof names)[number], Answers> = {
  bitrix24: [json({ result: [{ ID: '7' }] }), json({ result: true })],
  hubspot: [json({ id: '7' })],
  '1c': [json({})],
}
const setting = ['bitrix24', 'hubspot'] as const
const STRANGE = `whsec_${Buffer.alloc(32, 4).toString('base64')}`

describe('the code of docs/systems', () => {
  it('is there for every system of the index', () => {
    const index = readFileSync(path.join(docs, 'systems.md'), 'utf8')
    const pages = [...index.matchAll(/\(systems\/([\w-]+)\.md\) \| `/g)].map(([, page]) => `${page}.ts`)
    expect(pages).toHaveLength(4)
    expect(code.names).toEqual(expect.arrayContaining(pages))
  })

  it('is typed as strictly as the client that it uses', () => code.check())
})

describe.each(names)('the receiver for %s', (name) => {
  it('takes a paid payment that the gateway has signed', async () => {
    const { hear, asked } = await aReceiver(name, ...well[name])
    expect((await hear(eventIn(paidRig(), 'payment.paid'))).status).toBe(204)
    expect(JSON.stringify(asked)).toContain('A-1')
  })

  it('refuses what somebody else has signed, and asks the vendor for nothing', async () => {
    const { hear, asked } = await aReceiver(name, ...well[name])
    expect((await hear(eventIn(paidRig(), 'payment.paid'), STRANGE)).status).toBe(401)
    expect(asked).toEqual([])
  })

  it('takes a test event, which is about no payment', async () => {
    const { hear, asked } = await aReceiver(name, ...well[name])
    const body = JSON.stringify({ type: 'test', timestamp: '', data: { event_id: 'evt_1', payment: null } })
    expect((await hear({ id: 'evt_1', type: 'test', body })).status).toBe(204)
    expect(asked).toEqual([])
  })

  it.each<[string, () => Response]>([
    ['fails', json({ error: 'INTERNAL' }, 500)],
    [
      'hangs up',
      () => {
        throw new TypeError('fetch failed')
      },
    ],
  ])(
    'asks for another try when the vendor %s, and its address and password are in no answer',
    async (_what, answer) => {
      const { hear } = await aReceiver(name, answer)
      const response = await hear(eventIn(paidRig(), 'payment.paid'))
      expect(response.status).toBe(503)
      expect(await response.text()).not.toMatch(/made-up|https:/)
    },
  )
})

describe.each(setting)('the receiver for %s, which sets what it finds', (name) => {
  it('does a repeated event once', async () => {
    const { hear, asked } = await aReceiver(name, ...well[name])
    const event = eventIn(paidRig(), 'payment.paid')
    await hear(event)
    const calls = asked.length
    expect((await hear(event)).status).toBe(204)
    expect(asked).toHaveLength(calls)
  })

  it('drops an older event that comes behind a newer one', async () => {
    const { hear, asked } = await aReceiver(name, ...well[name])
    const rig = paidRig()
    await hear(eventIn(rig, 'payment.paid'))
    const calls = asked.length
    expect((await hear(eventIn(rig, 'payment.pending'))).status).toBe(204)
    expect(asked).toHaveLength(calls)
  })

  it('does an event that failed when it comes again', async () => {
    const { hear, asked } = await aReceiver(name, json({}, 500), ...well[name])
    const event = eventIn(paidRig(), 'payment.paid')
    expect([(await hear(event)).status, (await hear(event)).status]).toEqual([503, 204])
    expect(asked.length).toBeGreaterThan(1)
  })
})

describe('what the vendors are told', () => {
  it('moves the deal of the order to won in Bitrix24, and once only', async () => {
    const { hear, asked } = await aReceiver('bitrix24', ...well.bitrix24, ...well.bitrix24)
    const rig = paidRig()
    await hear(eventIn(rig, 'payment.paid'))
    rig.hear({ type: 'refunded', amount: 400 })
    await hear(eventIn(rig, 'payment.refunded'))
    expect(asked.map(({ url }) => url.replace(/.*\//, ''))).toEqual([
      ...['crm.deal.list', 'crm.deal.update', 'crm.deal.list', 'crm.deal.update'],
    ])
    const [found, won, , refunded] = asked.map(({ body }) => body)
    expect(found.filter).toEqual({ ORIGINATOR_ID: 'shop', ORIGIN_ID: 'A-1' })
    expect(won).toMatchObject({ id: '7', fields: { STAGE_ID: 'WON', UF_CRM_TOLLGATE_STATUS: 'paid' } })
    expect(refunded.fields).toEqual({
      ...{ UF_CRM_TOLLGATE_PAYMENT: rig.payment.id, UF_CRM_TOLLGATE_STATUS: 'paid, refund: partial' },
    })
  })

  it('waits in Bitrix24 for a deal that is not there yet', async () => {
    const { hear } = await aReceiver('bitrix24', json({ result: [] }))
    expect((await hear(eventIn(paidRig(), 'payment.paid'))).status).toBe(503)
  })

  it('closes the deal in HubSpot with its amount in whole units', async () => {
    const { hear, asked } = await aReceiver('hubspot', ...well.hubspot)
    await hear(eventIn(paidRig(), 'payment.paid'))
    expect(asked).toMatchObject([
      {
        method: 'PATCH',
        url: 'https://api.hubapi.com/crm/v3/objects/deals/A-1?idProperty=order_number',
        authorization: 'Bearer made-up',
        body: { properties: { dealstage: 'closedwon', amount: '12500.00', tollgate_status: 'paid' } },
      },
    ])
  })

  it.each([
    [404, 503],
    [429, 429],
  ])('answers %i of HubSpot with %i, so that the event comes again', async (said, answered) => {
    const { hear } = await aReceiver('hubspot', json({}, said))
    expect((await hear(eventIn(paidRig(), 'payment.paid'))).status).toBe(answered)
  })

  it('names the payment and its place in 1C, which drops what is older', async () => {
    const { hear, asked } = await aReceiver('1c', ...well['1c'])
    const rig = paidRig()
    await hear(eventIn(rig, 'payment.paid'))
    expect(asked).toMatchObject([
      {
        ...{ method: 'PUT', url: `https://1c.example/trade/hs/tollgate/payments/${rig.payment.id}` },
        authorization: `Basic ${Buffer.from('обмен:made-up').toString('base64')}`,
        body: {
          sequence: 3,
          order: 'A-1',
          status: 'paid',
          captured: '12500.00',
          refunded: '0.00',
          test: true,
        },
      },
    ])
  })
})

type End = { issued: string } | { refused: string }

/** The fiscal receiver before a register that prints with `print`. */
async function aTill(print: () => Promise<End>) {
  const { receive } = await code.load<{ receive: Receive }>('e-receipt.ts')
  const keys = new Map<string, 'begun' | End>()
  const printed: Json[] = []
  const around = {
    secrets: SECRET,
    begin: async (key: string) => {
      const before = keys.get(key) ?? 'new'
      if (before === 'new') keys.set(key, 'begun')
      return before
    },
    end: async (key: string, end: End) => void keys.set(key, end),
    print: async (wanted: object) => {
      printed.push(wanted)
      return print()
    },
  }
  return { printed, hear: async (event: Made) => receive(await tryOf(event), around) }
}

/** What the gateway takes of the answer to a try. */
async function takenOf(response: Response, eventType: string): Promise<Json> {
  const destination = { kind: 'fiscal' } as Parameters<typeof answerIn>[0]['destination']
  const sent = { status: response.status, responseBody: await response.text(), isWhole: true }
  const read = answerIn({ eventType, destination, attempt: 1 }, sent)
  return read.kind === 'taken' ? read.answer.word : read.kind
}

const issued = async () => ({ issued: 'F-1' })

describe('the fiscal receiver', () => {
  it('answers a sale with a receipt that the gateway takes, and prints no second one', async () => {
    const { hear, printed } = await aTill(issued)
    const rig = paidRig()
    const event = eventIn(rig, 'payment.paid')
    const word = { kind: 'sale', status: 'issued', receiptId: 'F-1', amount: 1_250_000 }
    expect(await takenOf(await hear(event), event.type)).toMatchObject(word)
    expect(await takenOf(await hear(event), event.type)).toMatchObject(word)
    const wanted = { key: `${rig.payment.id}-sale`, kind: 'sale', amount: 1_250_000, currency: 'AMD' }
    expect(printed).toEqual([{ ...wanted, orderId: 'A-1' }])
  })

  it('answers a refund with the receipt of that refund, of its own amount', async () => {
    const { hear, printed } = await aTill(issued)
    const rig = paidRig()
    rig.hear({ type: 'refunded', amount: 50_000 })
    const event = eventIn(rig, 'payment.refunded')
    const refundId = rig.payment.refunds[0]?.id
    expect(await takenOf(await hear(event), event.type)).toMatchObject({
      kind: 'refund',
      refundId,
      amount: 50_000,
    })
    expect(printed).toMatchObject([{ kind: 'refund', amount: 50_000 }])
  })

  it('wants no receipt for a refund of money that was paid a second time', async () => {
    const { hear, printed } = await aTill(issued)
    const rig = aRig()
    const sessionId = rig.open()
    const of = { sessionId, reference: 'ref-1' }
    rig.hear({ type: 'failed' })
    rig.open({ key: 'k2' })
    rig.hear()
    rig.hear({ ...of, id: 'second' })
    rig.hear({ ...of, type: 'refunded', id: 'back' })
    expect((await hear(eventIn(rig, 'payment.refunded'))).status).toBe(204)
    expect(printed).toEqual([])
  })

  it('tells a refusal, which is certain', async () => {
    const { hear } = await aTill(async () => ({ refused: 'The shift is closed.' }))
    const event = eventIn(paidRig(), 'payment.paid')
    expect(await takenOf(await hear(event), event.type)).toMatchObject({ status: 'failed', receiptId: null })
  })

  it('says that nobody knows, and asks the register no second time, when its answer was lost', async () => {
    const { hear, printed } = await aTill(async () => {
      throw new TypeError('fetch failed')
    })
    const event = eventIn(paidRig(), 'payment.paid')
    expect([(await hear(event)).status, (await hear(event)).status]).toEqual([503, 503])
    expect(printed).toHaveLength(1)
  })

  it('wants nothing for an event that asks for no receipt', async () => {
    const { hear, printed } = await aTill(issued)
    expect((await hear(eventIn(paidRig(), 'payment.pending'))).status).toBe(204)
    expect(printed).toEqual([])
  })
})

describe('docs/systems.md', () => {
  it('shows an event as it is', () => {
    const shown = snippetsOf(path.join(docs, 'systems.md'))['event.json']!
    const { body } = eventIn(paidRig(), 'payment.paid')
    expect(JSON.parse(shown)).toEqual(JSON.parse(body))
  })

  it('names the header of every try', async () => {
    const document = readFileSync(path.join(docs, 'systems.md'), 'utf8')
    const { headers } = await tryOf(eventIn(paidRig(), 'payment.paid'))
    for (const name of headers.keys()) expect(document).toContain(`\`${name}\``)
  })
})
