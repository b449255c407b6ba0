/**
 * The port that a payment provider's adapter implements, and the words it answers in. An adapter owns its dialect
 * (paths, encodings, signatures, exact replies) and nothing else: rules about money live beside this file.
 */

/** What happened to a session's money or checkout, in our words. Amounts are minor units of the fact's currency. */
export type Fact =
  /** Money is held. A single hold for the whole session. */
  | { type: 'authorized'; amount: number | null; currency: string | null }
  /**
   * `amount` is the session's captured total so far, which is set and never added. `transaction` is the one movement of
   * money that is told, where the provider lets a customer pay the same checkout once more.
   */
  | { type: 'captured'; amount: number | null; currency: string | null; transaction?: string }
  | { type: 'failed'; code?: DeclineCode }
  | { type: 'canceled' }
  | { type: 'expired' }
  /** A capture was accepted and is confirmed, or refused, later. */
  | { type: 'capture_pending' }
  /** A capture that had been accepted, or even confirmed, came to nothing. */
  | { type: 'capture_failed' }
  /** The customer agreed, and no money moves until we capture. */
  | { type: 'approved' }
  /**
   * `amount` is the session's refunded total so far; `reference` names one refund where the provider does. `transaction`
   * is the movement of money that was given back, as in `captured`.
   */
  | {
      type: 'refunded'
      amount: number | null
      currency: string | null
      reference?: string
      transaction?: string
    }
  /** One refund by its reference and its own amount, where the provider tells no totals. */
  | { type: 'refunded_one'; amount: number | null; currency: string | null; reference: string }
  /** A refund was accepted and is confirmed, or refused, later. */
  | { type: 'refund_pending'; amount: number; currency: string; reference: string }
  | { type: 'refund_failed'; reference: string }
  | { type: 'disputed'; reference?: string }
  | { type: 'dispute_closed'; outcome: 'won' | 'lost'; reference?: string }

export type FactType = Fact['type']

/** Why a provider said no, normalised; `detail` beside it keeps the provider's own words out of the rules. */
export type DeclineCode =
  | 'declined'
  | 'insufficient_funds'
  | 'expired_card'
  | 'invalid_request'
  | 'bad_credentials'
  | 'unsupported_currency'
  | 'unsupported_amount'
  | 'customer_canceled'

/** "No" and "no answer" are different: only `declined` is final, and `unknown` may have moved money. */
export type Outcome<T> =
  | { kind: 'done'; value: T }
  | { kind: 'declined'; code: DeclineCode; detail: string }
  | { kind: 'unknown'; detail: string }

/** How the customer gets to the checkout. A form is posted by the customer's browser, for providers without a create call. */
export type Checkout =
  | { kind: 'redirect'; url: string }
  | { kind: 'form'; action: string; fields: Record<string, string> }

/** What an adapter needs to open a checkout. */
export interface CheckoutOrder {
  paymentId: string
  sessionId: string
  orderId: string
  /** Minor units. */
  amount: number
  currency: string
  captureMethod: 'automatic' | 'manual'
  /** Milliseconds since the epoch at which we want the checkout to end. */
  expiresAt: number
  description?: string
  customer?: { id?: string; email?: string; phone?: string; name?: string }
  locale?: string
  /** For providers that want an order number of digits: counted per connection, never twice the same; else null. */
  number: number | null
  /** Where the provider sends the browser back to: the gateway's own return page. */
  returnUrl: string
  /** Where the provider reports to. */
  webhookUrl: string
  /**
   * Which call for this session this is, from 1. A provider with native idempotency is called under the same key
   * each time; one without gets a fresh reference per call, so that a repeat is not refused as a duplicate.
   */
  call: number
}

export interface Opened {
  /** Every reference by which the provider will name this checkout; the first is the one shown. */
  references: [string, ...string[]]
  checkout: Checkout
  /** Milliseconds since the epoch after which the provider takes no payment; null when it does not say. */
  endsAt: number | null
}

/** The session as an adapter knows it when it acts on it or asks about it. */
export interface SessionReference {
  sessionId: string
  orderId: string
  references: readonly string[]
  amount: number
  currency: string
  /** Milliseconds since the epoch at which we stop offering its checkout; a form that was handed out lives a little longer. */
  expiresAt: number
  /** Calls to open it that were begun: of a call whose answer was lost, only our own reference is known. */
  calls: number
  /** What we know of its money, minor units: for providers that tell that something was given back, and not how much. */
  captured: number
  refunded: number
}

export type Action =
  | { type: 'capture'; amount: number }
  | { type: 'cancel' }
  | { type: 'refund'; amount: number; reason?: string }

/** A provider's answer to "how does it stand". */
export interface Found {
  /** In the order in which they became true; totals are cumulative. Empty when the customer did nothing yet. */
  facts: Fact[]
  /** References the answer names and that belong to the session. */
  references: string[]
  /** Whether money may still come from here: a customer could pay, or a payment is under way. */
  payable: boolean
  /** The order and session the provider believes this to be, where it says so. */
  orderId?: string
}

/** Who a report names. Ours first: a session or payment id routes by itself; an order id is derived; a reference is looked up. */
export interface Named {
  sessionId?: string
  /** For providers whose own reference has no room for the session's id; the reference tells the session. */
  paymentId?: string
  orderId?: string
  reference: string
  /** Further references of the same checkout that the report tells; the session learns them once the report is its own. */
  also?: readonly string[]
}

/** One verified statement of a provider. A single request may carry several (Adyen's batches). */
export interface Report {
  /** The provider's own id of this report; null when it has none, and then the body's hash stands in. */
  id: string | null
  named: Named
  fact: Fact
  /** Milliseconds since the epoch, by the provider's clock; null when it does not say. */
  occurredAt: number | null
  /**
   * What makes a repeat the same, where the rest of the request may differ from one time to the next: Adyen signs eight
   * fields of an item, and sends it in whatever company. Left out: the whole body.
   */
  content?: string
}

/** A provider that asks before it moves money (Idram's precheck). The answer is given inside the payment's object. */
export interface Question {
  named: Named
  amount: number
  currency: string
}

export type Heard =
  /** Verified: one or more statements. */
  | { kind: 'reports'; reports: Report[] }
  /** Unsigned: only a reason to ask the provider. */
  | { kind: 'hint'; named: Named }
  /** The reply decides whether money moves. */
  | { kind: 'question'; question: Question }
  /** Genuine and not about us; answered with success so that the provider stops sending. */
  | { kind: 'ignored'; type: string }
  /** Nothing is believed and nothing stored. `why` is for the operator's log, never for the sender. */
  | { kind: 'forged'; why: string }
  /** Validly signed, and older or newer than the tolerance: nothing is applied, but the provider may be asked. */
  | { kind: 'untimely'; why: string; named: Named | null }

/** What a call that moves nothing told about a connection's credentials. Details never quote them. */
export type Trial =
  | { kind: 'accepted' }
  | { kind: 'refused'; detail: string }
  | { kind: 'no_answer'; detail: string }
  /** The provider has no call that would tell; the first checkout will. */
  | { kind: 'untestable'; detail: string }

/** What the gateway made of a request, from which the adapter makes its provider's exact reply. */
export type Verdict =
  /**
   * Everything in it is durable: applied, repeated, stale, or parked. `unwanted`: some of it differs from what was agreed,
   * or is about nothing of ours; a provider whose money moves by our reply is told to give it back.
   */
  | { kind: 'kept'; unwanted?: true }
  | { kind: 'ignored' }
  /** The answer to a question. */
  | { kind: 'yes' }
  | { kind: 'no' }
  | { kind: 'refused' }
  /** It was not made durable: the provider should send it again. */
  | { kind: 'not_kept' }

export interface Reply {
  status: number
  contentType?: string
  body?: string
}

/** An incoming request as an adapter may see it: raw bytes, so that a signature is checked over what was sent. */
export interface RawReport {
  method: string
  url: string
  header(name: string): string | undefined
  body: Uint8Array
  /**
   * Whether the sender, who has proved nothing yet, may make us call the provider in order to read this. Left out: it may.
   */
  mayAsk?(): Promise<boolean>
}

/** Facts about a provider that rules depend on; printed in the documents from here. */
export interface Capabilities {
  /** Reports carry a signature that we can check. */
  signed: boolean
  statusCheck: boolean
  /** The status can be asked for by our own id, so a lost answer to `open` can be found again. */
  statusCheckByOurId: boolean
  capture: boolean
  cancel: boolean
  refund: boolean
  partialRefund: boolean
  /** Seconds for which the provider repeats its first answer to the same key; 0 when it has no such key. */
  idempotencySeconds: number
  /** How a checkout ends: when told, only at its own limit, or never. */
  ends: 'at_once' | 'at_limit' | 'never'
  /** It tells us nothing by itself, so it is asked on a schedule until its own limit has passed. */
  polled: boolean
  /** The customer only approves at the checkout; money moves when we capture. */
  approves: boolean
  /** It wants an order number of digits, which the gateway counts per connection, from `first`. */
  numbered: false | { first: number }
  /** What our own reference may look like there, for providers that take one; null when the provider makes its own. */
  reference: { maxLength: number; alphabet: 'digits' | 'letters_digits' | 'printable' } | null
  /** How amounts travel: minor units, a decimal of major units, or whole major units. */
  amounts: 'minor' | 'decimal' | 'whole'
  /** No money moves without our yes to its question. */
  asksFirst: boolean
  expiresInSeconds: { min: number; max: number }
  /** Upper-case ISO 4217 codes, or 'any'. */
  currencies: readonly string[] | 'any'
}

export interface Provider {
  readonly name: string
  readonly capabilities: Capabilities
  /** Why this amount cannot be said to this provider, in a sentence for the merchant's developer; null when it can. */
  objection(money: { amount: number; currency: string }): string | null
  /** Makes the hosted checkout. Never throws: no answer is `unknown`. */
  open(order: CheckoutOrder): Promise<Outcome<Opened>>
  /** Captures, cancels (or ends an unpaid checkout) or refunds. `key` is saved before the call. Never throws. */
  act(action: Action, session: SessionReference, key: string): Promise<Outcome<Fact[]>>
  /** Asks how the session stands. Never throws. */
  find(session: SessionReference): Promise<Outcome<Found>>
  /** Tries the credentials with a call that makes and moves nothing. Never throws. */
  tryCredentials(): Promise<Trial>
  /** Verifies, then reads. `now` in milliseconds since the epoch. Never throws. */
  read(request: RawReport, now: number): Promise<Heard>
  /** The provider's own dialect of "understood". */
  reply(heard: Heard, verdict: Verdict): Reply
}
