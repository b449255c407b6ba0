import { describe, expect, it } from 'vitest'
import type { Fact } from '../../../src/domain/provider.ts'
import { aRig, checksTheBooksAfterEachTest, HOUR } from '../../support/payment-rig.ts'

checksTheBooksAfterEachTest()

const captured: Fact = { type: 'captured', amount: 1_000, currency: 'AMD' }

describe('money that is held', () => {
  const authorized: Fact = { type: 'authorized', amount: 1_000, currency: 'AMD' }
  const holding = (polled: boolean) => {
    const rig = aRig()
    rig.open({ captureMethod: 'manual' })
    rig.learn({ facts: [authorized], references: ['ref-1'], payable: false }, { polled })
    return rig
  }

  it('is asked about at a provider that tells nothing, so that a capture in its back office is seen', () => {
    const rig = holding(true)
    for (let times = 0; times < 12; times++) {
      rig.now = rig.asks()?.at ?? Number.NaN
      rig.learn({ facts: [authorized], references: ['ref-1'], payable: false }, { polled: true })
    }
    expect((rig.asks()?.at ?? Number.NaN) - rig.now).toBe(HOUR)
    rig.learn({ facts: [captured], references: ['ref-1'], payable: false }, { polled: true })
    expect([rig.status, rig.asks()]).toEqual(['paid', undefined])
  })

  it('is not asked about where its provider reports', () => {
    expect(holding(false).asks()).toBeUndefined()
  })
})
