/** A payment's page: where it stands, how it came there, whom it told, and what a person may do about it. */
import type { Context } from 'hono'
import { html } from 'hono/html'
import type { PaymentStatus } from '../domain/payment.ts'
import type { PaymentView } from '../domain/view.ts'
import type { Console } from './console.ts'
import { paymentDeliveries } from './deliveries-part.ts'
import { money, time } from './format.ts'
import { page } from './frame.ts'
import { at, read } from './gateway.ts'
import { type JournalEntry, reports, timeline } from './journal.ts'
import { facts, type Html, type Returned, table, tag } from './parts.ts'
import { actions, proposedIn } from './payment-actions.ts'
import { statusTag } from './payment-status.ts'
import { sayOr } from './texts/texts.ts'
import { sessionStateOf, type TrackName, trackPicture } from './tracks.ts'

export async function paymentPage(
  c: Context<Console>,
  id: string,
  returned: Returned | null,
): Promise<Response> {
  const path = at`/v1/payments/${id}`
  // The payment first: where there is none, nothing else is asked.
  const payment = await read<PaymentView>(c, path)
  const [{ data: entries }, deliveries] = await Promise.all([
    read<{ data: JournalEntry[] }>(c, `${path}/journal`),
    paymentDeliveries(c, id, returned),
  ])
  return page(c, {
    title: `${c.var.say('order')} ${payment.order_id}`,
    returned,
    main: [
      html`<div id="payment" data-live>${head(c, payment, entries)}${pictures(c, payment)}</div>`,
      actions(c, payment, returned),
      html`<div id="sessions" data-live>${sessions(c, payment)}${refundsAndReceipts(c, payment)}${reports(c, entries)}</div>`,
      html`<div id="deliveries" data-live>${deliveries}</div>`,
      html`<div id="timeline" data-live>${timeline(c, entries)}</div>`,
    ],
  })
}

function head(c: Context<Console>, payment: PaymentView, entries: readonly JournalEntry[]): Html {
  const { say } = c.var
  const amount = (minor: number) => (minor === 0 ? null : money(c, minor, payment.currency))
  const proposed = proposedIn(c, payment)
  return html`<p>${statusTag(c, payment.status as PaymentStatus)} <strong class="sum">${money(c, payment.amount, payment.currency)}</strong>
    ${payment.in_doubt && tag(say('in_doubt'), 'bad')}
    ${payment.flags.map((flag) => html` ${tag(sayOr(say, 'kind', flag), 'bad')}`)}</p>
  ${openExceptions(c, entries)}
  ${proposed && html`<p class="notice wait">${say('correction_waits', { status: sayOr(say, 'status', proposed.to_status), by: proposed.by })}</p>`}
  ${facts([
    [say('payment'), html`<code>${payment.id}</code>`],
    [say('created'), time(c, payment.created_at)],
    [say('paid_at'), payment.paid_at && time(c, payment.paid_at)],
    [say('provider'), payment.provider],
    [
      say('provider_reference'),
      payment.provider_reference && html`<code>${payment.provider_reference}</code>`,
    ],
    [say('connection'), payment.connection_id && html`<code>${payment.connection_id}</code>`],
    [say('authorized_sum'), amount(payment.amount_authorized)],
    [say('captured_sum'), amount(payment.amount_captured)],
    [say('refunded_sum'), amount(payment.amount_refunded)],
    [say('excess_captured'), amount(payment.excess_captured)],
    [say('excess_refunded'), amount(payment.excess_refunded)],
    ...Object.entries(payment.metadata).map(([name, value]) => [name, value] as const),
  ])}`
}

/** Exceptions that the journal raised and did not resolve: it knows at once, while lists follow. */
function openExceptions(c: Context<Console>, entries: readonly JournalEntry[]): Html[] {
  const resolved = new Set(
    entries.filter(({ type }) => type === 'exception.resolved').map(({ data }) => data.id),
  )
  return entries
    .filter(({ type, data }) => type === 'exception.raised' && !resolved.has(data.id))
    .map(
      ({ data }) =>
        html`<p class="notice bad"><a href="/console/exceptions/${data.id}"><strong>${sayOr(c.var.say, 'kind', String(data.kind))}</strong></a> ${data.detail}</p>`,
    )
}

function pictures(c: Context<Console>, payment: PaymentView): Html {
  const newest =
    payment.sessions.find(({ amount_captured }) => amount_captured > 0) ?? payment.sessions.at(-1)
  const states: readonly (readonly [TrackName, string])[] = [
    ...(newest === undefined ? [] : [['session', sessionStateOf(newest)] as const]),
    ['refund', payment.refund_status],
    ['dispute', payment.dispute_status],
    ['fiscal', payment.fiscal_status],
    ['fulfillment', payment.fulfillment_status],
  ]
  return html`<section><h2>${c.var.say('tracks')}</h2><div class="tracks">${states.map(([name, state]) => trackPicture(c, name, state))}</div></section>`
}

function sessions(c: Context<Console>, payment: PaymentView): Html {
  const { say } = c.var
  return html`<section><h2>${say('sessions')}</h2>${table({
    label: say('sessions'),
    head: [
      '#',
      say('status'),
      say('amount'),
      say('captured_sum'),
      say('provider'),
      say('provider_reference'),
      say('created'),
      say('expires'),
    ],
    numbers: [0, 2, 3],
    rows: payment.sessions.map((one) => [
      one.attempt,
      html`${tag(sayOr(say, 'status', sessionStateOf(one)), one.status === 'completed' ? 'good' : 'plain')} ${one.in_doubt && tag(say('in_doubt'), 'bad')}`,
      money(c, one.amount, one.currency),
      one.amount_captured === 0 ? '–' : money(c, one.amount_captured, one.currency),
      one.provider,
      html`<code>${one.provider_reference ?? '–'}</code>`,
      time(c, one.created_at),
      time(c, one.expires_at),
    ]),
    empty: say('no_sessions'),
  })}</section>`
}

function refundsAndReceipts(c: Context<Console>, { refunds, fiscal_receipts, currency }: PaymentView): Html {
  const { say } = c.var
  const given =
    refunds.length > 0 &&
    html`<section><h2>${say('refunds')}</h2>${table({
      label: say('refunds'),
      head: [say('status'), say('amount'), say('provider_reference'), say('created')],
      numbers: [1],
      rows: refunds.map((one) => [
        tag(
          say(`refund_${one.status}`),
          one.status === 'succeeded' ? 'good' : one.status === 'failed' ? 'bad' : 'wait',
        ),
        money(c, one.amount, currency),
        html`<code>${one.provider_reference ?? '–'}</code>`,
        time(c, one.created_at),
      ]),
      empty: '',
    })}</section>`
  const receipts =
    fiscal_receipts.length > 0 &&
    html`<section><h2>${say('receipts')}</h2>${table({
      label: say('receipts'),
      head: [say('kind'), say('status'), say('receipt_number'), say('amount'), say('when')],
      numbers: [3],
      rows: fiscal_receipts.map((one) => [
        say(`receipt_${one.kind}`),
        tag(sayOr(say, 'on_fiscal', one.status), one.status === 'issued' ? 'good' : 'bad'),
        html`<code>${one.receipt_id ?? '–'}</code>`,
        one.amount === null ? '–' : money(c, one.amount, currency),
        time(c, one.recorded_at),
      ]),
      empty: '',
    })}</section>`
  return html`${given}${receipts}`
}
