/** A payment's status as a label, for every page that shows one. */
import type { Context } from 'hono'
import type { PaymentStatus } from '../domain/payment.ts'
import type { Console } from './console.ts'
import { type Html, type Tone, tag } from './parts.ts'

const toneOf: Record<PaymentStatus, Tone> = {
  ...{ created: 'plain', pending: 'wait', authorized: 'wait', paid: 'good' },
  ...{ failed: 'bad', canceled: 'plain', expired: 'plain' },
}

export const statusTag = (c: Context<Console>, status: PaymentStatus): Html =>
  tag(c.var.say(`status_${status}`), toneOf[status])
