// A session that was told yes, and nobody ever said whether money moved by it.
import { describe, expect, it } from 'vitest'
import { ask } from '../../../src/payment/hearing.ts'
import { aRig, CONNECTION, checksTheBooksAfterEachTest, MINUTE } from '../../support/payment-rig.ts'

checksTheBooksAfterEachTest()

describe('a session that we told yes and whose time is over', () => {
  it.each([
    ['goes before a person where nobody can be asked whether money moved', false, ['in_doubt_too_long']],
    ['just ends where the provider was asked, and knows of none', true, []],
  ])('%s', (_what, statusCheck, exceptions) => {
    const rig = aRig()
    rig.open()
    const { id, amount, currency } = rig.session()
    const named = { sessionId: id, reference: 'ref-1' }
    expect(rig.step((book) => ask(book, CONNECTION, { named, amount, currency }))).toBe(true)
    const learnAt = (now: number) => {
      rig.now = now
      rig.learn({}, { ends: 'never', asksFirst: true, statusCheck })
    }
    learnAt(rig.session().expiresAt)
    expect([rig.session().state, rig.exceptions]).toEqual(['ending', []])
    learnAt(rig.session().expiresAt + 15 * MINUTE)
    expect([rig.status, rig.exceptions]).toEqual(['expired', exceptions])
  })
})
