/** What an adapter brings to the contract suite: itself, its remote under our control, and a way to report as that remote would. */
import type { CheckoutOrder, Opened, Provider, RawReport } from '../../src/domain/provider.ts'

export type Trouble =
  | 'none'
  /** Breaks the connection before anything is done. */
  | 'hangs_up'
  /** Does what it is asked, then breaks the connection. */
  | 'loses_answers'
  /** Never answers; the rig's adapters have a limit of well under a second. */
  | 'stays_silent'
  | 'answers_rubbish'
  | 'answers_500'
  | 'answers_503'
  /** More than any provider has to say. */
  | 'answers_endlessly'
  /** Says a little less than there is. */
  | 'lies'

/** How a report differs from an honest one that is sent now. */
export interface ReportOptions {
  ageSeconds?: number
  /** Signed with the secret that is being replaced. */
  olderSecret?: boolean
  wrong?: 'body' | 'signature' | 'secret'
  /** Minor units; the order's own when left out. */
  amount?: number
  currency?: string
}

export interface Rig {
  provider: Provider
  /** The same connection without any secret for reports. */
  withoutSecrets: Provider
  /** The same connection with credentials that the remote does not know, where trying them can tell. */
  withWrongCredentials?: Provider
  /** When reports are read: epoch milliseconds. */
  now: number
  /** Texts that no error may hold: keys, secrets, tokens. */
  hidden: readonly string[]
  trouble(kind: Trouble): void
  /** How many checkouts the remote made for this order's session. */
  checkouts(order: CheckoutOrder): Promise<number> | number
  /**
   * A customer pays there: captured, or held when the order is captured later. References that the session would learn
   * from the reports of it are added to `opened`.
   */
  pay(order: CheckoutOrder, opened: Opened): Promise<void>
  /** The remote's report that the whole amount was captured. */
  report(order: CheckoutOrder, opened: Opened, options?: ReportOptions): Promise<RawReport>
  order(details?: Partial<CheckoutOrder>): CheckoutOrder
}

/** What is true of a provider's reports and matters to no rule of ours. */
export interface Traits {
  /** Each try of a report is signed with its time, so that an old one can be told. */
  datesReports: boolean
  /** A report carries the amount of what it tells. */
  tellsAmounts: boolean
  /** A report carries its currency; left out: it does. */
  tellsCurrency?: boolean
  /** `open` calls nobody, and nothing exists there before the customer's browser posts the form; left out: it calls. */
  opensByForm?: boolean
}
