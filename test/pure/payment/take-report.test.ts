import { expect, it } from 'vitest'
import type { Heard, Report } from '../../../src/domain/provider.ts'
import type { Env } from '../../../src/env.ts'
import { type Hearing, hear } from '../../../src/payment/hearing.ts'
import { takeHeard } from '../../../src/payment/take-report.ts'
import { aRig, CONNECTION, checksTheBooksAfterEachTest, MERCHANT, TRACE } from '../../support/payment-rig.ts'

checksTheBooksAfterEachTest()

it('a report that comes again in other company is known by what its adapter says it consists of', async () => {
  const rig = aRig()
  rig.open()
  const { report } = rig.told()
  const stub = { hear: async (told: Hearing) => rig.step((book) => hear(book, told)) }
  const env = { PAYMENT: { getByName: () => stub } } as unknown as Env
  const through = { id: CONNECTION, merchantId: MERCHANT, livemode: false }
  const take = async (one: Report, body: string) => {
    const heard: Heard = { kind: 'reports', reports: [one] }
    return (await takeHeard(env, through, heard, new TextEncoder().encode(body), TRACE)).outcomes
  }
  const signed = { ...report, content: 'what is signed' }
  expect(await take(signed, 'alone')).toEqual(['applied'])
  expect(await take(signed, 'with another one')).toEqual(['repeated'])
  expect(await take({ ...report, content: 'another amount' }, 'alone')).toEqual(['contradicted'])
  expect(await take(report, 'alone')).toEqual(['contradicted'])
})
