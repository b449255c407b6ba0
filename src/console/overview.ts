/**
 * How it goes, at a glance: the newest payments by status, success per provider, what is in doubt, exceptions by age, and how
 * destinations are. All of it is read from the newest rows of lists, so that it costs the same however much there is.
 */
import type { Context } from 'hono'
import { html } from 'hono/html'
import type { PaymentView } from '../domain/view.ts'
import type { viewOf as deliveryView } from '../http/deliveries.ts'
import type { viewOf as destinationView } from '../http/destination.ts'
import type { viewOf as exceptionView } from '../http/exceptions.ts'
import { type Bar, columns, share } from './charts.ts'
import type { Console } from './console.ts'
import { count, percent, time, timeText } from './format.ts'
import { page } from './frame.ts'
import { type List, read } from './gateway.ts'
import { latencyTable } from './latency.ts'
import { type Html, table, tag } from './parts.ts'

type Exception = ReturnType<typeof exceptionView>
type Delivery = ReturnType<typeof deliveryView>
type Destination = Awaited<ReturnType<typeof destinationView>>

const PAGES = 2
const PER_PAGE = 100
const BARS = 24

export async function overviewPage(c: Context<Console>): Promise<Response> {
  const { say } = c.var
  const most = { limit: PER_PAGE }
  const [payments, exceptions, destinations, failed, held] = await Promise.all([
    newestPayments(c),
    read<List<Exception>>(c, '/v1/exceptions', { ...most, status: 'open' }),
    read<List<Destination>>(c, '/v1/destinations', most),
    read<List<Delivery>>(c, '/v1/deliveries', { ...most, status: 'failed' }),
    read<List<Delivery>>(c, '/v1/deliveries', { ...most, status: 'held' }),
  ])
  return page(c, {
    title: say('overview'),
    main: html`<div id="overview" data-live>
      ${tiles(c, payments, exceptions)}
      <div class="columns">${overTime(c, payments)}${perProvider(c, payments)}${byAge(c, exceptions)}</div>
      ${health(c, destinations.data, failed, held)}
      ${await latencyTable(c, destinations.data)}
    </div>`,
  })
}

async function newestPayments(c: Context<Console>): Promise<PaymentView[]> {
  const all: PaymentView[] = []
  let cursor: string | null = null
  for (let n = 0; n < PAGES; n++) {
    const list: List<PaymentView> = await read(c, '/v1/payments', { limit: PER_PAGE, cursor })
    all.push(...list.data)
    cursor = list.next_cursor
    if (cursor === null) break
  }
  return all
}

const isPaid = ({ status }: PaymentView) => status === 'paid'
const hasEnded = ({ status }: PaymentView) => ['paid', 'failed', 'canceled', 'expired'].includes(status)

function tiles(c: Context<Console>, payments: readonly PaymentView[], exceptions: List<Exception>): Html {
  const { say } = c.var
  const ended = payments.filter(hasEnded)
  const doubtful = payments.filter(({ in_doubt }) => in_doubt).length
  const rate = ended.length === 0 ? '–' : percent(c, ended.filter(isPaid).length / ended.length)
  const waiting = counted(c, exceptions)
  return html`<dl class="tiles">
    <div><dt>${say('payments_looked_at')}</dt><dd>${count(c, payments.length)}</dd></div>
    <div><dt>${say('success_rate')}</dt><dd>${rate}</dd></div>
    <div><dt>${say('payments_in_doubt')}</dt><dd>${count(c, doubtful)}</dd></div>
    <div><dt>${say('open_exceptions')}</dt><dd><a href="/console/exceptions">${waiting}</a></dd></div>
  </dl>`
}

/** How many there are, or that there are more than one page holds. */
const counted = (c: Context<Console>, { data, next_cursor }: List<unknown>): string =>
  next_cursor === null ? count(c, data.length) : `${count(c, data.length)}+`

function overTime(c: Context<Console>, payments: readonly PaymentView[]): Html {
  const { say } = c.var
  const times = payments.map(({ created_at }) => Date.parse(created_at))
  const from = Math.min(...times, c.var.now - 60_000)
  const step = Math.max(1, (c.var.now - from) / BARS)
  const bars = Array.from({ length: BARS }, (_, n): Bar => {
    const within = payments.filter(
      (_, at) => Math.min(BARS - 1, Math.floor((times[at]! - from) / step)) === n,
    )
    const paid = within.filter(isPaid).length
    const lost = within.filter((one) => hasEnded(one) && !isPaid(one)).length
    const open = within.length - paid - lost
    const since = timeText(c, new Date(from + n * step).toISOString(), {
      dateStyle: 'short',
      timeStyle: 'short',
    })
    return {
      title: `${since}: ${say('bar_title', { paid, open, lost })}`,
      parts: [
        { tone: 'good', value: paid },
        { tone: 'wait', value: open },
        { tone: 'bad', value: lost },
      ],
    }
  })
  const sum = (at: number) => bars.reduce((all, { parts }) => all + parts[at]!.value, 0)
  const label = say('bar_title', { paid: sum(0), open: sum(1), lost: sum(2) })
  return html`<section><h2>${say('payments_over_time')}</h2>${columns(label, bars)}
    <p class="hint">${time(c, new Date(from).toISOString())} – ${time(c, new Date(c.var.now).toISOString())}</p><p>${tag(say('status_paid'), 'good')} ${tag(say('under_way'), 'wait')} ${tag(say('not_paid'), 'bad')}</p></section>`
}

function perProvider(c: Context<Console>, payments: readonly PaymentView[]): Html {
  const { say } = c.var
  const names = [...new Set(payments.flatMap(({ provider }) => provider ?? []))].sort()
  return html`<section><h2>${say('per_provider')}</h2>${table({
    label: say('per_provider'),
    head: [say('provider'), say('sessions'), say('success'), say('success_share'), say('payments_in_doubt')],
    numbers: [1, 2, 4],
    rows: names.map((name) => {
      const own = payments.filter(({ provider }) => provider === name)
      const ended = own.filter(hasEnded)
      const paid = ended.filter(isPaid).length
      const sessions = own.reduce((sum, one) => sum + one.sessions.length, 0)
      return [
        name,
        count(c, sessions),
        ended.length === 0 ? '–' : percent(c, paid / ended.length),
        share(paid, ended.length, 'good'),
        count(c, own.filter(({ in_doubt }) => in_doubt).length),
      ]
    }),
    empty: say('no_payments'),
  })}</section>`
}

const HOUR_MS = 3_600_000
const ages = [
  ['age_hour', HOUR_MS],
  ['age_day', 24 * HOUR_MS],
  ['age_week', 7 * 24 * HOUR_MS],
  ['age_older', Number.POSITIVE_INFINITY],
] as const

function byAge(c: Context<Console>, exceptions: List<Exception>): Html {
  const { say, now } = c.var
  const { data } = exceptions
  const rows = ages.map(([word, until], n) => {
    const from = ages[n - 1]?.[1] ?? 0
    const own = data.filter(({ created_at }) => {
      const age = now - Date.parse(created_at)
      return age >= from && age < until
    })
    return [say(word), count(c, own.length), share(own.length, data.length, n < 2 ? 'wait' : 'bad')]
  })
  return html`<section><h2>${say('exceptions_by_age')}</h2>${table({
    ...{
      label: say('exceptions_by_age'),
      head: [say('age'), say('open_exceptions'), say('of_all')],
      numbers: [1],
    },
    ...{ rows: data.length === 0 ? [] : rows, empty: say('no_exceptions') },
  })}</section>`
}

function health(
  c: Context<Console>,
  destinations: readonly Destination[],
  failed: List<Delivery>,
  held: List<Delivery>,
): Html {
  const { say } = c.var
  const of = (list: List<Delivery>, id: string) => {
    const n = list.data.filter(({ destination_id }) => destination_id === id).length
    return list.next_cursor === null ? count(c, n) : `≥ ${count(c, n)}`
  }
  return html`<section><h2>${say('delivery_health')}</h2>${table({
    label: say('delivery_health'),
    head: [
      say('destination'),
      say('status'),
      say('failures_in_row'),
      say('failing_since'),
      say('delivery_failed'),
      say('delivery_held'),
    ],
    numbers: [2, 4, 5],
    rows: destinations.map((one) => [
      `${one.kind} · ${new URL(one.url).host}`,
      one.status === 'paused'
        ? tag(say(`paused_${one.paused_because ?? 'asked'}`), 'bad')
        : tag(say('destination_active'), 'good'),
      count(c, one.failures),
      time(c, one.failing_since),
      of(failed, one.id),
      of(held, one.id),
    ]),
    empty: say('no_destinations'),
  })}</section>`
}
