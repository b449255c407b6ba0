/** The deployment's bindings and its settings. Types for every layer but the domain; settings are parsed once. */
import * as z from 'zod'
import type { DestinationPace } from './delivery/pace.ts'
import type { Publication } from './domain/publication.ts'
import type { InboxObject } from './payment/inbox.ts'
import type { KnownStreams } from './payment/known-streams.ts'
import type { PaymentObject } from './payment/object.ts'
import type { OrderNumbers } from './payment/order-numbers.ts'
import type { QuoteKeys } from './payment/quote-keys.ts'
import type { SandboxBook } from './sandbox/book.ts'

/** A delivery and the attempt that is to be made of it; one that was made already is not made again. */
export interface Try {
  deliveryId: string
  /** The number of the attempt to make, from 1. */
  attempt: number
}

/** A few tries of one merchant, which are made side by side. Messages are billed one by one, so they travel together. */
export interface DeliveryMessage {
  merchantId: string
  tries: Try[]
  /** First tries were born with this lease (milliseconds since the epoch): whoever claims the first has them all. */
  lease?: number
}

/** A reconciliation that has work to do, and in which of its runs. */
export interface ReconciliationMessage {
  merchantId: string
  reconciliationId: string
  run: number
}

/** The next piece of a rebuild; its row in `DB` says which. */
export interface RebuildMessage {
  rebuildId: string
}

export interface Env {
  PAYMENT: DurableObjectNamespace<PaymentObject>
  INBOX: DurableObjectNamespace<InboxObject>
  SANDBOX: DurableObjectNamespace<SandboxBook>
  NUMBERS: DurableObjectNamespace<OrderNumbers>
  KNOWN: DurableObjectNamespace<KnownStreams>
  PACE: DurableObjectNamespace<DestinationPace>
  QUOTES: DurableObjectNamespace<QuoteKeys>
  DB: D1Database
  /** Where there are any, records are spread over these by merchant: RECORDS_0, RECORDS_1 … See src/store/database.ts. */
  [records: `RECORDS_${number}`]: D1Database
  JOURNAL: Queue<Publication>
  DELIVERIES: Queue<DeliveryMessage>
  /** Everything but the first tries of destinations that are well; and what is made again, which may wait as well. */
  RETRIES: Queue<DeliveryMessage | RebuildMessage>
  RECONCILIATIONS: Queue<ReconciliationMessage>
  /** What is made with the Worker and served as it is: the API's description, and the script that shows it. */
  ASSETS: Fetcher
  /** This Worker itself: the sandbox provider and its adapter talk over it as strangers would. */
  SELF: Fetcher
  /** Counts writes by key; see RATE_LIMITS. */
  KEY_LIMIT: RateLimit
  /** Counts visits by address to doors that take no key, and writes with publishable keys. */
  ADDRESS_LIMIT: RateLimit
  /** Counts what asks without a fresh signature for a status check, by connection and address. */
  HINT_LIMIT: RateLimit
  /** Takes counts for Analytics Engine; absent where the deployment wants none. */
  METRICS?: AnalyticsEngineDataset
  /** Keeps copies of checkpoints outside the databases that they prove; absent where the deployment has no bucket. */
  CHECKPOINTS?: R2Bucket
  /** Opens `/v1/admin`. An empty one closes that door. */
  ADMIN_TOKEN: string
  /** `id:base64` of 32 bytes, comma-separated; the first wraps, all unwrap. */
  KEY_ENCRYPTION_KEYS: string
  PUBLIC_URL: string
  LOCAL: string
  DEMO_URL: string
  ALLOW_PRIVATE_ADDRESSES: string
  RATE_LIMITS: string
  MAX_ATTEMPTS: string
  DELIVERY_SCHEDULE_SECONDS: string
  DELIVERY_LEASE_SECONDS: string
  DELIVERY_TIMEOUT_MS: string
  BREAKER_PROBE_SECONDS: string
  REPUBLISH_AFTER_SECONDS: string
  IN_DOUBT_TOO_LONG_SECONDS: string
  UNMATCHED_AFTER_SECONDS: string
  CORRECTION_APPROVALS: string
  CONSOLE_IDLE_MINUTES: string
  ACCESS_TEAM_DOMAIN: string
  ACCESS_AUD: string
  KEEP_ANSWERS_DAYS: string
  KEEP_DELIVERIES_DAYS: string
  PARITY_SAMPLE: string
}

const flag = z
  .enum(['true', 'false', ''])
  .default('')
  .transform((text) => text === 'true')
const whole = (fallback: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback)
const seconds = z.lazy(() =>
  z
    .string()
    .default('0,5,300,1800,7200,18000,36000,50400,72000,86400')
    .transform((text) => text.split(',').map(Number))
    .refine((list) => list.length > 0 && list.every((n) => Number.isFinite(n) && n >= 0 && n <= 86_400), {
      error: 'DELIVERY_SCHEDULE_SECONDS is a comma-separated list of 0 to 86400 seconds.',
    }),
)

const settings = z.lazy(() =>
  z
    .object({
      /** Origin under which the world reaches this deployment; empty means the request's own. */
      PUBLIC_URL: z.union([z.literal(''), z.url()]).default(''),
      /** The local demo: a page at `/`, and nothing else that production would miss. */
      LOCAL: flag,
      /** Origin of the demo's store and business systems, which the page at `/` links to; empty when there is no demo. */
      DEMO_URL: z.union([z.literal(''), z.url()]).default(''),
      /** Lets destinations and quote addresses be private or loopback; for local systems only. */
      ALLOW_PRIVATE_ADDRESSES: flag,
      /** Counts callers at the three limits; off, nobody is counted. */
      RATE_LIMITS: flag,
      /** Sessions that browsers may open for one order. */
      MAX_ATTEMPTS: whole(10, 1, 1_000),
      /** Seconds before each try of a delivery, counted from the one before. */
      DELIVERY_SCHEDULE_SECONDS: seconds,
      DELIVERY_LEASE_SECONDS: whole(60, 5, 900),
      DELIVERY_TIMEOUT_MS: whole(15_000, 100, 30_000),
      /** How long a destination that fails is left in peace before a probe; longer the longer it fails, up to an hour. */
      BREAKER_PROBE_SECONDS: whole(60, 1, 3_600),
      REPUBLISH_AFTER_SECONDS: whole(60, 1, 3_600),
      IN_DOUBT_TOO_LONG_SECONDS: whole(86_400, 60, 2_592_000),
      /** After this a verified report without a payment goes to an operator. */
      UNMATCHED_AFTER_SECONDS: whole(3_600, 1, 86_400),
      /** How many operators a correction takes: 2 for four eyes. */
      CORRECTION_APPROVALS: whole(1, 1, 2),
      /** After how long without a click the console asks for the operator's token again. */
      CONSOLE_IDLE_MINUTES: whole(30, 1, 720),
      /** How long the beginnings of destinations' answers are kept. */
      KEEP_ANSWERS_DAYS: whole(30, 1, 3_650),
      /** How long deliveries that have ended are kept, with their attempts. */
      KEEP_DELIVERIES_DAYS: whole(90, 1, 3_650),
      /** Payments of each database that are compared with their objects once a day. */
      PARITY_SAMPLE: whole(100, 0, 1_000),
      /** The Cloudflare Access team whose identities are accepted, as `team.cloudflareaccess.com`; empty: none are. */
      ACCESS_TEAM_DOMAIN: z
        .string()
        .regex(/^[a-z0-9-]{1,63}\.cloudflareaccess\.com$/, {
          error: 'ACCESS_TEAM_DOMAIN is a host such as team.cloudflareaccess.com, without https://.',
        })
        .or(z.literal(''))
        .default(''),
      /** The audience tags of the Access applications before this deployment, comma-separated. */
      ACCESS_AUD: z
        .string()
        .default('')
        .transform((text) => text.split(',').filter((tag) => tag !== ''))
        .refine((tags) => tags.every((tag) => /^[0-9a-f]{64}$/.test(tag)), {
          error:
            'ACCESS_AUD is the audience tag of an Access application, 64 hexadecimal digits; commas between several.',
        }),
    })
    .refine(
      ({ ACCESS_TEAM_DOMAIN, ACCESS_AUD }) => (ACCESS_TEAM_DOMAIN === '') === (ACCESS_AUD.length === 0),
      {
        error: 'ACCESS_TEAM_DOMAIN and ACCESS_AUD are set together, or not at all.',
      },
    ),
)

export type Settings = z.output<typeof settings>

const parsed = new WeakMap<object, Settings>()

/** The deployment's settings. Throws at the first request when one of them is unusable, naming it. */
export function settingsOf(env: Env): Settings {
  const known = parsed.get(env)
  if (known) return known
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== '' && typeof value === 'string'),
  )
  const result = settings.safeParse(given)
  if (!result.success) throw new Error(`Unusable setting: ${z.prettifyError(result.error)}`)
  parsed.set(env, result.data)
  return result.data
}
