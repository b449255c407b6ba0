/** The object's step of registering an order. */
import type { Refusal } from '../domain/errors.ts'
import { decideRegister } from '../domain/orders.ts'
import type { OrderTerms } from '../domain/payment.ts'
import type { CheckoutOrder } from '../domain/provider.ts'
import type { Book } from './book.ts'

export interface Register {
  paymentId: string
  merchantId: string
  livemode: boolean
  orderId: string
  terms: OrderTerms
  /** Personal data for the provider's checkout; it stays beside the journal. */
  customer: CheckoutOrder['customer'] | null
  actor: string
}

export type Registered =
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'registered'; created: boolean; registeredAt: number; terms: OrderTerms }

export function register(book: Book, { terms, customer, actor, ...of }: Register): Registered {
  const decision = decideRegister(book.payment, of, terms)
  switch (decision.kind) {
    case 'refuse':
      return { kind: 'refused', refusal: decision.refusal }
    case 'same':
      return {
        kind: 'registered',
        created: false,
        registeredAt: book.payment?.createdAt ?? book.around.now,
        terms,
      }
    case 'register':
      book.write(decision.entries, actor)
      book.side.orderCustomer = customer
      return {
        kind: 'registered',
        created: decision.created,
        registeredAt: book.payment?.createdAt ?? book.around.now,
        terms,
      }
  }
}
