/** A destination's page: how it is, what a person does with it, what was sent again, and what went out last. */
import type { Context } from 'hono'
import { html } from 'hono/html'
import type { viewOf as deliveryView } from '../http/deliveries.ts'
import type { viewOf } from '../http/destination.ts'
import type { replayView } from '../http/destination-actions.ts'
import type { Console } from './console.ts'
import { destinationForms } from './destination-forms.ts'
import { count, time, timeText } from './format.ts'
import { page } from './frame.ts'
import { at, type List, read } from './gateway.ts'
import { backlogOf, healthTag } from './health.ts'
import { latencyPart } from './latency.ts'
import { facts, type Html, type Piece, type Returned, table, tag } from './parts.ts'

export type Destination = Awaited<ReturnType<typeof viewOf>>
type Delivery = ReturnType<typeof deliveryView>
type Replay = ReturnType<typeof replayView>

interface Came {
  returned?: Returned
  /** Made just now, to be shown this once. */
  secret?: string
}

export async function destinationPage(
  c: Context<Console>,
  id: string,
  { returned, secret }: Came = {},
): Promise<Response> {
  const path = at`/v1/destinations/${id}`
  const one = await read<Destination>(c, path)
  const [backlog, latency, replays, deliveries] = await Promise.all([
    backlogOf(c, id),
    latencyPart(c, id),
    read<List<Replay>>(c, `${path}/replays`, { limit: 10 }),
    read<List<Delivery>>(c, '/v1/deliveries', { destination_id: id, limit: 20 }),
  ])
  return page(c, {
    title: `${one.kind} · ${new URL(one.url).host}`,
    returned: returned ?? null,
    main: [
      secret !== undefined && secretNotice(c, secret),
      html`<div id="state" data-live><p>${healthTag(c, one)}</p>${head(c, one, backlog)}</div>`,
      destinationForms(c, one, returned ?? null),
      html`<div id="latency" data-live>${latency}</div>`,
      html`<div id="replays" data-live>${replayTable(c, replays.data)}</div>`,
      html`<div id="deliveries" data-live>${deliveryTable(c, deliveries.data)}</div>`,
    ],
  })
}

/** Something that is shown once, and of which this much is kept. */
export const secretNotice = (
  c: Context<Console>,
  secret: string,
  word: 'secret_shown_once' | 'token_shown_once' = 'secret_shown_once',
): Html =>
  html`<div class="notice good" role="status"><p>${c.var.say(word)}</p><p><code id="secret">${secret}</code></p></div>`

function head(c: Context<Console>, one: Destination, backlog: string): Html {
  const { say } = c.var
  const { last_test: test } = one
  const since =
    one.failing_since === null
      ? null
      : timeText(c, one.failing_since, { dateStyle: 'medium', timeStyle: 'medium' })
  const isOpen = one.paused_because === 'failing'
  return facts([
    [say('destination'), html`<code>${one.id}</code>`],
    [say('address'), html`<code>${one.url}</code>`],
    [say('description'), one.description],
    [say('backlog'), backlog],
    [say('breaker'), isOpen && since !== null ? say('breaker_open', { since }) : say('breaker_closed')],
    [say('fails_since'), isOpen || one.failing_since === null ? null : time(c, one.failing_since)],
    [say('next_probe'), one.next_probe_at && time(c, one.next_probe_at)],
    [say('event_types'), html`<code>${one.event_types.join(' ')}</code>`],
    [say('order_of_events'), say(one.ordered ? 'ordered_yes' : 'ordered_no')],
    [say('max_per_second'), one.max_per_second],
    [say('timeout_ms'), one.timeout_ms],
    [say('on_timeout'), say(`on_timeout_${one.on_timeout}`)],
    [
      say('headers_sent'),
      one.header_names.length === 0 ? null : html`<code>${one.header_names.join(' ')}</code>`,
    ],
    [say('older_secret_until'), one.older_secret_until && time(c, one.older_secret_until)],
    [
      say('last_test'),
      test && html`${test.status ?? test.error} · ${time(c, test.at)} · ${test.duration_ms} ms`,
    ],
    [say('created'), time(c, one.created_at)],
  ])
}

function replayTable(c: Context<Console>, replays: readonly Replay[]): Html {
  const { say } = c.var
  return html`<section><h2>${say('replays')}</h2>${table({
    label: say('replays'),
    head: [
      ...[say('from'), say('to'), say('replay_only'), say('progress')],
      ...[say('events_found'), say('deliveries'), say('created')],
    ],
    numbers: [4, 5],
    rows: replays.map((one) => [
      time(c, one.from),
      time(c, one.to),
      say(`replay_${one.only}`),
      progressOf(c, one),
      count(c, one.events),
      count(c, one.deliveries),
      time(c, one.created_at),
    ]),
    empty: say('no_replays'),
  })}</section>`
}

/** How much of its span a replay has been through. */
function progressOf(c: Context<Console>, { status, from, to, reached }: Replay): Piece {
  const { say } = c.var
  if (status === 'finished') return tag(say('replay_finished'), 'good')
  const [begin, end] = [Date.parse(from), Date.parse(to)]
  const percent = Math.floor((100 * (Date.parse(reached) - begin)) / (end - begin))
  return html`${tag(say('replay_running'), 'wait')} <progress max="100" value="${percent}" aria-label="${say('progress')}"></progress> ${percent} %`
}

const toneOf = { delivered: 'good', pending: 'wait', held: 'wait', failed: 'bad' } as const

function deliveryTable(c: Context<Console>, deliveries: readonly Delivery[]): Html {
  const { say } = c.var
  return html`<section><h2>${say('latest_deliveries')}</h2>${table({
    label: say('latest_deliveries'),
    head: [...[say('event'), say('status'), say('tries'), say('next_try'), say('payment'), say('created')]],
    numbers: [2],
    rows: deliveries.map((one) => [
      html`<code>${one.event_type}</code>`,
      tag(say(`delivery_${one.status}`), toneOf[one.status]),
      one.attempt_count,
      time(c, one.next_attempt_at),
      one.payment_id === null
        ? '–'
        : html`<a href="/console/payments/${one.payment_id}"><code>${one.payment_id}</code></a>`,
      time(c, one.created_at),
    ]),
    empty: say('nothing_delivered'),
  })}</section>`
}
