import { describe, expect, it } from 'vitest'
import { paymentNamed } from '../../../src/payment/routes.ts'
import { MERCHANT, paymentId } from '../../support/payment-rig.ts'

const core = paymentId.slice('pay_'.length)
const of = { merchantId: MERCHANT, livemode: false }

describe('the payment that a provider means', () => {
  it.each([
    [{ sessionId: `ps_${core}0123456789abc` }],
    [{ paymentId }],
    [{ orderId: 'A-1' }],
    [{ paymentId, orderId: 'of somebody else' }],
  ])('is found without a look-up by %j', (named) => {
    expect(paymentNamed(of, named)).toBe(paymentId)
  })

  it.each([[{}], [{ paymentId: `pay_${core}x` }], [{ sessionId: 'ps_1' }], [{ orderId: '-' }]])(
    'is not to be guessed from %j',
    (named) => {
      expect(paymentNamed(of, named)).toBe(null)
    },
  )
})
