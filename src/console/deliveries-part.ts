/** A payment's deliveries: which event went to which system, and of those that did not arrive, every try. */
import type { Context } from 'hono'
import { html } from 'hono/html'
import type { viewOf, wholeViewOf } from '../http/deliveries.ts'
import type { viewOf as destinationView } from '../http/destination.ts'
import type { Console } from './console.ts'
import { time } from './format.ts'
import { at, type List, read } from './gateway.ts'
import { form, type Html, type Returned, type Tone, table, tag } from './parts.ts'

type Delivery = ReturnType<typeof viewOf>
type Whole = ReturnType<typeof wholeViewOf>
type Destination = Awaited<ReturnType<typeof destinationView>>

/** Deliveries whose tries are shown; a payment with more in trouble has them in the list all the same. */
const MOST_OPENED = 10

export async function paymentDeliveries(
  c: Context<Console>,
  paymentId: string,
  returned: Returned | null,
): Promise<Html> {
  const { say } = c.var
  const [{ data }, names] = await Promise.all([
    read<List<Delivery>>(c, '/v1/deliveries', { payment_id: paymentId, limit: 100 }),
    destinationNames(c),
  ])
  const troubled = data.filter(({ status, attempt_count }) => status !== 'delivered' && attempt_count > 0)
  const opened = await Promise.all(
    troubled.slice(0, MOST_OPENED).map(({ id }) => read<Whole>(c, at`/v1/deliveries/${id}`)),
  )
  return html`<section><h2>${say('deliveries')}</h2>${table({
    label: say('deliveries'),
    head: [say('event'), say('destination'), say('status'), say('tries'), say('next_try'), say('created')],
    numbers: [3],
    rows: data.map((one) => [
      html`<code>${one.event_type}</code>`,
      names.get(one.destination_id) ?? html`<code>${one.destination_id}</code>`,
      tag(say(`delivery_${one.status}`), toneOf[one.status]),
      one.attempt_count,
      time(c, one.next_attempt_at),
      time(c, one.created_at),
    ]),
    empty: say('no_deliveries'),
  })}
  ${opened.map((one) => triesOf(c, one, names, returned))}</section>`
}

const toneOf: Record<Delivery['status'], Tone> = {
  delivered: 'good',
  pending: 'wait',
  held: 'wait',
  failed: 'bad',
}

/** How operators call a destination: its kind and host. */
export async function destinationNames(c: Context<Console>): Promise<Map<string, string>> {
  const { data } = await read<List<Destination>>(c, '/v1/destinations', { limit: 100 })
  return new Map(data.map(({ id, kind, url }) => [id, `${kind} · ${new URL(url).host}`]))
}

function triesOf(
  c: Context<Console>,
  one: Whole,
  names: Map<string, string>,
  returned: Returned | null,
): Html {
  const { say } = c.var
  const title = `${one.event_type} → ${names.get(one.destination_id) ?? one.destination_id}`
  return html`<h3>${title}</h3>${table({
    label: title,
    head: ['#', say('when'), say('answer'), say('duration'), say('answer_text')],
    numbers: [0, 3],
    rows: one.attempts.map(({ n, at, status, error, duration_ms, response_body }) => [
      n,
      time(c, at),
      status ?? error ?? '–',
      `${duration_ms} ms`,
      html`<span class="long">${response_body?.slice(0, 300) ?? '–'}</span>`,
    ]),
    empty: '',
  })}
  ${
    c.var.operator.role !== 'viewer' &&
    form(c, returned, {
      ...{ name: `retry-${one.id}`, button: 'retry', tone: 'plain' },
      fields: html`<input type="hidden" name="delivery" value="${one.id}">`,
    })
  }`
}
