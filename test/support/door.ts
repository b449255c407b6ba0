/**
 * The gateway's door for one payment's reports in plain Node: an adapter hears, the object's own steps judge, and the
 * adapter replies, as the Worker has it. Reports that name nobody go to an inbox.
 */
import type { Provider } from '../../src/domain/provider.ts'
import type { Env } from '../../src/env.ts'
import { ask, hear } from '../../src/payment/hearing.ts'
import type { InboxObject } from '../../src/payment/inbox.ts'
import type { PaymentObject } from '../../src/payment/object.ts'
import { takeHeard } from '../../src/payment/take-report.ts'
import { InboxRig } from './inbox-rig.ts'
import { CONNECTION, MERCHANT, paymentId, type Rig, TRACE } from './payment-rig.ts'

/** How the door fails: the object cannot be reached, or it has kept all and nobody hears so. */
export type DoorTrouble = 'none' | 'keeps_nothing' | 'loses_replies'

export interface Door {
  /** A provider's request. Rejects where the connection breaks. */
  fetch(request: Request): Promise<Response>
  trouble: DoorTrouble
  /** Where verified reports about nothing of ours went. */
  readonly inbox: InboxRig
}

export function doorOf(rig: Rig, provider: Provider): Door {
  const inbox = new InboxRig()
  const payment: Partial<PaymentObject> = {
    hear: async (hearing) => rig.step((book) => hear(book, hearing)),
    question: async (connectionId, question) => rig.step((book) => ask(book, connectionId, question)),
    hint: async () => {},
  }
  const nobody: Partial<PaymentObject> = { hear: async () => 'unmatched', question: async () => false }
  const kept: Partial<InboxObject> = { keep: async (keep) => inbox.step((book) => book.keep(keep)) }
  const env = {
    PAYMENT: { getByName: (name: string) => (name === paymentId ? payment : nobody) },
    INBOX: { getByName: () => kept },
  } as unknown as Pick<Env, 'PAYMENT' | 'INBOX'>
  const door: Door = {
    inbox,
    trouble: 'none',
    async fetch(request) {
      const { method, url, headers } = request
      const body = new Uint8Array(await request.arrayBuffer())
      const header = (name: string) => headers.get(name) ?? undefined
      const heard = await provider.read({ method, url, header, body }, rig.now)
      const through = { id: CONNECTION, merchantId: MERCHANT, livemode: false }
      const isKept = door.trouble !== 'keeps_nothing'
      const { verdict } = isKept
        ? await takeHeard(env, through, heard, body, TRACE)
        : { verdict: { kind: 'not_kept' as const } }
      if (door.trouble === 'loses_replies') throw new TypeError('The connection was lost.')
      const { status, contentType, body: text } = provider.reply(heard, verdict)
      const typed = contentType === undefined ? {} : { 'content-type': contentType }
      return new Response(text ?? null, { status, headers: typed })
    },
  }
  return door
}
