/** An inbox's steps on `node:sqlite`, checked after every test as payments are. */
import { afterEach, expect } from 'vitest'
import { InboxBook, type InboxState, type Keep } from '../../src/payment/inbox-book.ts'
import { verify } from '../../src/payment/journal.ts'
import { CONNECTION, HOUR, MERCHANT, MINUTE, NOON } from './payment-rig.ts'
import { type Fuse, NodeStorage } from './sqlite.ts'

export const ID = 'inb_0123456789abcdefghjkmnpqrs'
const open: InboxRig[] = []

export class InboxRig {
  readonly storage: NodeStorage
  now = NOON

  constructor(fuse?: Fuse) {
    this.storage = new NodeStorage(fuse)
    open.push(this)
  }

  step<T>(run: (book: InboxBook) => T): T {
    const { now } = this
    return this.storage.transactionSync(() => {
      const book = new InboxBook(this.storage, ID, { now, unmatchedAfterMs: HOUR, republishAfterMs: MINUTE })
      const result = run(book)
      book.close()
      return result
    })
  }

  get state(): InboxState | null {
    return this.step(({ state }) => state)
  }

  keep(change: Partial<Keep> = {}, id = 'rpt-1', body = 'body'): void {
    const named = { reference: 'ref-1' }
    const fact = { type: 'captured', amount: 1_000, currency: 'AMD' } as const
    const report = { id, named, fact, occurredAt: null }
    const hearing = { connectionId: CONNECTION, report, bodyHash: `hash of ${body}`, body }
    const keep = { connectionId: CONNECTION, merchantId: MERCHANT, livemode: false, hearing }
    this.step((book) => book.keep({ ...keep, why: 'unmatched', ...change }))
  }

  /** What the alarm does, with this outcome of every try. */
  ring(judged: Parameters<InboxBook['judged']>[1]): number {
    const due = this.step((book) => book.due())
    for (const { mark } of due) this.step((book) => book.judged(mark, judged))
    return due.length
  }

  get exceptions(): string[] {
    return this.state?.exceptions.map(({ kind, status }) => `${kind} ${status}`) ?? []
  }
}

/** To be called once at the top of a test file. */
export function checksTheInboxesAfterEachTest(): void {
  afterEach(() => {
    for (const rig of open.splice(0)) {
      const { state } = rig
      if (state === null) continue
      expect(verify(state.journal, state.journal.at(-1)?.hash ?? '').valid).toBe(true)
      expect(state.alarmAt).toBe(rig.storage.alarm)
      const waits = state.parked.some(({ dueAt }) => dueAt !== null) || state.published < state.journal.length
      if (waits) expect(rig.storage.alarm).not.toBeNull()
    }
  })
}
