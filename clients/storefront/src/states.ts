/** What a customer can be told about a payment, and how the gateway's words become that. */

export type Status =
  | 'idle'
  /** The gateway is being asked for a checkout, perhaps not for the first time. */
  | 'opening'
  /** The browser is leaving for the provider's checkout. */
  | 'redirecting'
  /** The customer may have paid; nobody has told yet. */
  | 'confirming'
  /** Paid, or held until the goods are sent. */
  | 'paid'
  /** Declined or canceled; nothing was taken. */
  | 'failed'
  /** Nobody paid in time; nothing was taken. */
  | 'expired'
  /** It does not go on by itself; `code` says why. */
  | 'needs_attention'

export interface State {
  status: Status
  /** Why: a code of the gateway's problems, or `offline`, `unavailable`, `unknown_session`, `long`. */
  code?: string
  /** The gateway's or the store's own sentence, when there is one. */
  detail?: string
  /** The session as last heard. */
  session?: SessionView
}

/** What the gateway tells a browser about its session. */
export interface SessionView {
  id: string
  status: string
  payment_status: string
  /** In the currency's minor unit. */
  amount: number
  currency: string
  order_id: string
  expires_at: string
}

const ends: Readonly<Record<string, Status>> = {
  completed: 'paid',
  failed: 'failed',
  canceled: 'failed',
  expired: 'expired',
}

/** The payment's own word comes first: money that came through another attempt is money. */
export function stateOf(session: SessionView): State {
  const isPaid = session.payment_status === 'paid' || session.payment_status === 'authorized'
  return { status: isPaid ? 'paid' : (ends[session.status] ?? 'confirming'), session }
}

/** Whether there is nothing more to wait for. */
export const isOver = ({ status }: State): boolean => status !== 'confirming'
