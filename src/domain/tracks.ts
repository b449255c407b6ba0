/**
 * The five tracks of a payment as tables: a row is where it stands, a column is what is heard, a cell is where that
 * leads. The same status means "heard, nothing changes"; no cell means that it cannot be true there.
 */

/** Where one session stands. `authorized` and `captured` are shown outside as `completed`. */
export type SessionState =
  | 'opening'
  | 'open'
  | 'ending'
  | 'authorized'
  | 'captured'
  | 'failed'
  | 'canceled'
  | 'expired'

export type SessionFact = 'authorized' | 'captured' | 'failed' | 'canceled' | 'expired'

type Table<State extends string, Heard extends string> = Readonly<
  Record<State, Readonly<Partial<Record<Heard, State>>>>
>

const payable = {
  authorized: 'authorized',
  captured: 'captured',
  failed: 'failed',
  canceled: 'canceled',
  expired: 'expired',
} as const

export const sessionTable: Table<SessionState, SessionFact> = {
  opening: payable,
  open: payable,
  ending: payable,
  // A refusal that arrives behind a hold is an earlier card of the same customer; only an end of the hold ends it.
  authorized: {
    authorized: 'authorized',
    captured: 'captured',
    failed: 'authorized',
    canceled: 'canceled',
    expired: 'expired',
  },
  captured: {
    authorized: 'captured',
    captured: 'captured',
    failed: 'captured',
    canceled: 'captured',
    expired: 'captured',
  },
  // The provider's money outranks every end that we believed in.
  failed: {
    authorized: 'authorized',
    captured: 'captured',
    failed: 'failed',
    canceled: 'failed',
    expired: 'failed',
  },
  canceled: {
    authorized: 'authorized',
    captured: 'captured',
    failed: 'canceled',
    canceled: 'canceled',
    expired: 'canceled',
  },
  expired: {
    authorized: 'authorized',
    captured: 'captured',
    failed: 'expired',
    canceled: 'expired',
    expired: 'expired',
  },
}

export type RefundStatus = 'none' | 'partial' | 'full'

/**
 * Heard is what the refunded total now amounts to, compared with what was captured. It is less than before only when a
 * refund that had succeeded fails after all.
 */
export const refundTable: Table<RefundStatus, 'nothing' | 'part' | 'all'> = {
  none: { nothing: 'none', part: 'partial', all: 'full' },
  partial: { nothing: 'none', part: 'partial', all: 'full' },
  full: { nothing: 'none', part: 'partial', all: 'full' },
}

export type DisputeStatus = 'none' | 'open' | 'won' | 'lost'

export const disputeTable: Table<DisputeStatus, 'disputed' | 'won' | 'lost'> = {
  none: { disputed: 'open', won: 'won', lost: 'lost' },
  open: { disputed: 'open', won: 'won', lost: 'lost' },
  won: { disputed: 'open', won: 'won' },
  lost: { disputed: 'lost', lost: 'lost' },
}

export type FiscalStatus = 'not_required' | 'pending' | 'issued' | 'failed'

export const fiscalTable: Table<FiscalStatus, 'required' | 'issued' | 'failed'> = {
  not_required: { required: 'pending' },
  pending: { required: 'pending', issued: 'issued', failed: 'failed' },
  issued: { required: 'pending', issued: 'issued' },
  failed: { required: 'pending', issued: 'issued', failed: 'failed' },
}

export type FulfillmentStatus =
  | 'not_required'
  | 'pending'
  | 'in_progress'
  | 'delivered'
  | 'returned'
  | 'canceled'

/** Heard is the status that the fulfilment system reports, besides `required`, which is the payment being paid. */
export const fulfillmentTable: Table<FulfillmentStatus, 'required' | FulfillmentStatus> = {
  not_required: { required: 'pending', not_required: 'not_required', pending: 'pending' },
  pending: {
    required: 'pending',
    not_required: 'not_required',
    pending: 'pending',
    in_progress: 'in_progress',
    delivered: 'delivered',
    canceled: 'canceled',
  },
  in_progress: {
    required: 'in_progress',
    in_progress: 'in_progress',
    delivered: 'delivered',
    returned: 'returned',
    canceled: 'canceled',
  },
  delivered: { required: 'delivered', delivered: 'delivered', returned: 'returned' },
  returned: { required: 'returned', returned: 'returned' },
  canceled: { required: 'canceled', canceled: 'canceled' },
}

export type Command = 'capture' | 'cancel' | 'refund' | 'end'

/** Where a command may be given. A command can be refused; a fact can only be recorded. */
export const allowed: Readonly<Record<Command, readonly SessionState[]>> = {
  capture: ['authorized'],
  cancel: ['authorized'],
  refund: ['captured'],
  end: ['opening', 'open', 'ending'],
}

/** Whether somebody may still pay at the session's checkout, as far as we know. */
export const isPayable = (state: SessionState): boolean => allowed.end.includes(state)

/** Whether the session holds or took money. */
export const holdsMoney = (state: SessionState): boolean => state === 'authorized' || state === 'captured'
