// Adyen's notifications, fact by fact: published signatures, batches, and what each event means.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { hmacValidator } from '@adyen/api-library'
import { describe, expect, it } from 'vitest'
import type { Heard } from '../../../src/domain/provider.ts'
import { adyen } from '../../../src/providers/adyen.ts'
import { arriving } from '../../providers/order.ts'

const published = '44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056'
const apiKey = 'AQE_made_up_for_these_tests'
const oracle = new hmacValidator()
const nobody = () => Promise.reject(new Error('Nobody is to be asked.'))
const merchantAccount = 'TestMerchant'
const reader = (hmacKeys: string[], more: { sharedAccount?: boolean; merchantAccount?: string } = {}) =>
  adyen({ apiKey, merchantAccount, hmacKeys, fetch: nobody, ...more })

const example = {
  pspReference: '7914073381342284',
  originalReference: '',
  merchantAccountCode: 'TestMerchant',
  merchantReference: 'TestPayment-1407325143704',
  amount: { value: 1_130, currency: 'EUR' },
  eventCode: 'AUTHORISATION',
  success: 'true',
}
const signature = 'coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0='

const signed = (item: object, key = published) => ({
  ...item,
  additionalData: {
    ...('additionalData' in item ? (item.additionalData as object) : {}),
    hmacSignature: oracle.calculateHmac(item as never, key),
  },
})
const sent = (...items: object[]) =>
  arriving(
    JSON.stringify({
      live: 'false',
      notificationItems: items.map((NotificationRequestItem) => ({ NotificationRequestItem })),
    }),
    {},
  )
const hear = (item: object, more: { sharedAccount?: boolean } = {}): Promise<Heard> =>
  reader([published], more).read(sent(signed(item)), 0)

describe("Adyen's signature", () => {
  it('over the published item is the published one', async () => {
    const item = { ...example, additionalData: { hmacSignature: signature } }
    expect((await reader([published]).read(sent(item), 0)).kind).toBe('reports')
    const other = { ...item, amount: { ...item.amount, value: 1_131 } }
    expect((await reader([published]).read(sent(other), 0)).kind).toBe('forged')
  })

  it.each([
    ['REPORT_AVAILABLE', 'ZNBPtI+oDyyRrLyD1XirkKnQgIAlFc07Vj27TeHsDRE='],
    ['EVENT', 'ipnxGCaUZ4l8TUW75a71/ghd2Fe5ffvX0pV4TLTntIc='],
  ])('of an event that is nothing to us, %s, is verified all the same', async (eventCode, hmacSignature) => {
    const item = {
      pspReference: 'pspReference',
      originalReference: 'originalReference',
      merchantAccountCode: 'merchantAccount',
      merchantReference: 'reference',
      amount: { value: 1_000, currency: 'EUR' },
      eventCode,
      success: 'true',
      additionalData: { hmacSignature },
    }
    const key = 'DFB1EB5485895CFA84146406857104ABB4CBCABDC8AAF103A624C8F6A3EAAB00'
    const account = { merchantAccount: 'merchantAccount' }
    expect(await reader([key], account).read(sent(item), 0)).toEqual({ kind: 'ignored', type: eventCode })
    expect((await reader([published], account).read(sent(item), 0)).kind).toBe('forged')
  })

  it('takes colons and backslashes as they are', async () => {
    const odd = { ...example, merchantReference: 'a:b\\c:' }
    expect((await hear(odd)).kind).toBe('reports')
  })

  it('is taken under any of the active keys, in either case of their digits', async () => {
    const keys = ['0'.repeat(64), published.toLowerCase()]
    expect((await reader(keys).read(sent(signed(example)), 0)).kind).toBe('reports')
  })

  it.each([[''], ['abc'], ['Z'.repeat(64)]])('under the unusable key %j opens nothing', async (key) => {
    const item = {
      ...example,
      additionalData: { hmacSignature: oracle.calculateHmac(example as never, key) },
    }
    expect((await reader([key]).read(sent(item), 0)).kind).toBe('forged')
  })

  it.each([
    ['no signature', example],
    ['an empty signature', { ...example, additionalData: { hmacSignature: '' } }],
    ['no item', null],
  ])('is missed in a notification with %s', async (_what, item) => {
    const request = item === null ? arriving('{"live":"false","notificationItems":[]}', {}) : sent(item)
    expect((await reader([published]).read(request, 0)).kind).toBe('forged')
  })
})

describe('a batch of Adyen', () => {
  const reference = 'ps_0123456789abcdef'
  const paid = { ...example, merchantReference: reference }
  const refund = {
    ...paid,
    eventCode: 'REFUND',
    pspReference: 'REFUND0000000001',
    originalReference: paid.pspReference,
  }

  it('is as many reports as it has items of ours, each known by its own words', async () => {
    const foreign = { ...paid, merchantAccountCode: 'AnotherShop' }
    const heard = await reader([published]).read(sent(signed(paid), signed(foreign), signed(refund)), 0)
    expect(heard).toMatchObject({
      reports: [
        { id: '7914073381342284 AUTHORISATION true', content: expect.stringContaining(reference) },
        { id: 'REFUND0000000001 REFUND true', content: expect.stringContaining('REFUND') },
      ],
    })
    const alone = await reader([published]).read(sent({ ...signed(refund), reason: 'later' }), 0)
    expect(alone).toEqual({ kind: 'reports', reports: [heard.kind === 'reports' && heard.reports[1]] })
  })

  it('with one item that Adyen did not sign is believed in nothing', async () => {
    const forged = { ...refund, additionalData: { hmacSignature: signature } }
    expect((await reader([published]).read(sent(signed(paid), forged), 0)).kind).toBe('forged')
  })

  it('is answered in Adyen’s words', async () => {
    const provider = reader([published])
    const heard = await provider.read(sent(signed(paid)), 0)
    expect(provider.reply(heard, { kind: 'kept' })).toMatchObject({ status: 200, body: '[accepted]' })
    expect(provider.reply(heard, { kind: 'not_kept' }).status).toBe(503)
  })

  it('tells nothing of payments of other software, where the account is shared', async () => {
    expect(await hear(example)).toMatchObject({ reports: [{ named: { reference: '7914073381342284' } }] })
    expect(await hear(example, { sharedAccount: true })).toEqual({ kind: 'ignored', type: 'AUTHORISATION' })
  })
})

const fixtures = path.resolve(import.meta.dirname, '../../providers/fixtures/adyen')

describe('Adyen tells', () => {
  it.each(readdirSync(fixtures))('%s', async (file) => {
    const { item, means } = JSON.parse(readFileSync(path.join(fixtures, file), 'utf8'))
    const heard = await hear(item)
    if (means === null) return expect(heard).toEqual({ kind: 'ignored', type: item.eventCode })
    const { pspReference, eventCode, success, eventDate } = item
    expect(heard).toMatchObject({
      kind: 'reports',
      reports: [{ id: `${pspReference} ${eventCode} ${success}`, occurredAt: Date.parse(eventDate) }],
    })
    const { named, fact } = (heard.kind === 'reports' && heard.reports[0]) || {}
    expect({ named, fact }).toEqual(means)
  })
})
