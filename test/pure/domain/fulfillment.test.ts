import { expect, it } from 'vitest'
import { decideFulfillment } from '../../../src/domain/fulfillment.ts'
import { type FulfillmentStatus, fulfillmentTable } from '../../../src/domain/tracks.ts'
import { aPayment } from '../../support/a-payment.ts'

const statuses = Object.keys(fulfillmentTable) as FulfillmentStatus[]

it.each(statuses)('goods that are %s may move where the table says, and nowhere else', (from) => {
  const payment = aPayment({ fulfillmentStatus: from })
  for (const to of statuses) {
    const decision = decideFulfillment(payment, to, 'By courier.')
    if (to === from) expect(decision).toEqual({ kind: 'same' })
    else if (fulfillmentTable[from][to] === undefined)
      expect(decision).toEqual({
        kind: 'refuse',
        refusal: {
          ...{ code: 'not_allowed_now', detail: `Fulfilment that is ${from} cannot become ${to}.` },
          extra: { fulfillment_status: from },
        },
      })
    else
      expect(decision).toEqual({
        kind: 'write',
        entries: [{ type: 'fulfillment.moved', data: { status: to, note: 'By courier.' } }],
      })
  }
})
