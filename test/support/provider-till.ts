/**
 * The gateway's own verbs over one payment's steps, at an adapter and its simulated provider: what a route does when it is
 * called, and what the alarm does by itself. No HTTP, no Worker, and the test holds the clock.
 */
import type { Commanded } from '../../src/domain/commands.ts'
import type { Provider } from '../../src/domain/provider.ts'
import { ask } from '../../src/payment/ask.ts'
import { type Commander, command } from '../../src/payment/command.ts'
import { beginCommand, conclude } from '../../src/payment/commanding.ts'
import { openSession } from '../../src/payment/open.ts'
import { objectOf } from './bank.ts'
import { type Asked, CONNECTION, type Rig } from './payment-rig.ts'

export function tillOf(rig: Rig, provider: Provider) {
  const providers = async () => provider
  const object = objectOf(rig)
  const commander: Commander = {
    connections: async () => [CONNECTION],
    beginCommand: async (asked) => rig.step((book) => beginCommand(book, asked)),
    conclude: async (conclusion) => rig.step((book) => conclude(book, conclusion)),
  }
  return {
    open: (asked: Asked = {}) => openSession(object, providers, rig.asked(asked)),
    /** As a report that proves nothing makes the gateway ask. */
    hint: () => ask(object, providers, rig.session().id),
    async command(asked: Partial<Commanded>, key = 'c1') {
      const whole: Commanded = { type: 'capture', amount: null, sessionId: null, reason: null, ...asked }
      const given = { name: key, fingerprint: JSON.stringify(whole) }
      const done = await command(commander, providers, { command: whole, key: given, actor: 'key_1' })
      return done?.answer.kind === 'body' ? done.answer.status : done?.answer.refusal.code
    },
    /** Lets time pass as the alarm would ring, until it has nothing more to ask or has asked so often. */
    async wait(times = 12) {
      for (let i = 0; i < times; i++) {
        const planned = rig.asks()
        if (planned === undefined) return
        rig.now = Math.max(rig.now, planned.at)
        await ask(object, providers, rig.session().id)
      }
    },
  }
}
