/** Payments: the list, found again by what an operator knows of one, and the address of each. */
import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { exponentOf, minorUnitsOf } from '../domain/money.ts'
import type { PaymentStatus } from '../domain/payment.ts'
import type { PaymentView } from '../domain/view.ts'
import type { Console } from './console.ts'
import { done } from './flash.ts'
import { money, plainDecimal, time } from './format.ts'
import { page } from './frame.ts'
import { type List, read } from './gateway.ts'
import { choice, field, type Html, older, sentIn, table, tag } from './parts.ts'
import { paymentPage } from './payment.ts'
import { doAction } from './payment-actions.ts'
import { statusTag } from './payment-status.ts'

export const payments = new Hono<Console>()
  .get('/', list)
  .get('/:id', (c) => paymentPage(c, c.req.param('id'), null))
  .post('/:id', async (c) => {
    const id = c.req.param('id')
    const sent = await sentIn(c)
    const answered = await doAction(c, id, sent)
    if (answered?.kind === 'done') return done(c, `/console/payments/${id}`, answered.body.said)
    return paymentPage(c, id, answered && { ...sent, problem: answered.problem })
  })

async function list(c: Context<Console>): Promise<Response> {
  const { say } = c.var
  const asked = c.req.query()
  const direct = placeOf(asked.q?.trim() ?? '')
  if (direct !== null) return c.redirect(direct, 302)
  const amount = amountIn(asked)
  const { data, next_cursor } = amount === 'unclear' ? nothing : await find(c, asked, amount)
  return page(c, {
    title: say('payments'),
    main: [
      search(c),
      amount === 'unclear' && html`<p class="notice bad" role="alert">${say('search_amount_unclear')}</p>`,
      html`<div id="list" data-live>${table({
        label: say('payments'),
        head: [say('order'), say('status'), say('amount'), say('provider'), say('created')],
        numbers: [2],
        rows: data.map((one) => [
          html`<a href="/console/payments/${one.id}">${one.order_id}</a>`,
          html`${statusTag(c, one.status as PaymentStatus)} ${one.in_doubt && tag(say('in_doubt'), 'bad')} ${one.open_exceptions > 0 && tag(say('needs_person'), 'bad')}`,
          money(c, one.amount, one.currency),
          one.provider ?? '–',
          time(c, one.created_at),
        ]),
        empty: say(next_cursor === null ? 'no_payments' : 'page_looked_through'),
      })}</div>`,
      older(c, next_cursor),
    ],
  })
}

const nothing: List<PaymentView> = { data: [], next_cursor: null }

/** Where an id of ours leads by itself; null for anything else. All but an exception's begin with their payment's. */
function placeOf(text: string): string | null {
  if (/^exc_[0-9a-z]{30}$/.test(text)) return `/console/exceptions/${text}`
  const [, core] = /^(?:pay|ps|evt|dlv|rfd)_([0-9a-hjkmnp-tv-z]{26})[0-9a-z]*$/.exec(text) ?? []
  return core === undefined ? null : `/console/payments/pay_${core}`
}

/** Minor units of the amount that is searched for; undefined for none. */
function amountIn({ amount, currency = '' }: Record<string, string>): number | undefined | 'unclear' {
  if (amount === undefined || amount.trim() === '') return undefined
  if (exponentOf(currency.toUpperCase()) === undefined) return 'unclear'
  return minorUnitsOf(plainDecimal(amount), currency.toUpperCase()) ?? 'unclear'
}

/** What is typed is an order's number or, if no order has it, the provider's reference. */
async function find(
  c: Context<Console>,
  { q = '', status, from, until, currency, cursor }: Record<string, string>,
  amount: number | undefined,
): Promise<List<PaymentView>> {
  const typed = q.trim()
  const query = {
    ...{ status, cursor, amount, currency: currency?.toUpperCase() },
    ...{ created_after: startOf(from), created_before: startOf(until) },
  }
  const ask = (named: Record<string, string>) =>
    read<List<PaymentView>>(c, '/v1/payments', { ...query, ...named })
  if (typed === '') return ask({})
  const isNumber = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(typed)
  const byOrder = isNumber ? await ask({ order_id: typed }) : nothing
  return byOrder.data.length > 0 ? byOrder : ask({ provider_reference: typed })
}

const statuses = ['created', 'pending', 'authorized', 'paid', 'failed', 'canceled', 'expired'] as const

function search(c: Context<Console>): Html {
  const { say } = c.var
  const { q, status, from, until, amount, currency } = c.req.query()
  const options = statuses.map((one) => [one, say(`status_${one}`)] as const)
  return html`<form method="get" class="filters" role="search">
    ${field({ id: 'q', name: 'q', label: say('search_for'), type: 'search', value: q, maxlength: 255 })}
    ${choice('status', 'status', say('status'), [['', say('any')], ...options], status)}
    ${field({ id: 'amount', name: 'amount', label: say('amount'), value: amount, maxlength: 20, inputmode: 'decimal' })}
    ${field({ id: 'currency', name: 'currency', label: say('currency'), value: currency, maxlength: 3 })}
    ${field({ id: 'from', name: 'from', label: say('created_from'), type: 'date', value: from })}
    ${field({ id: 'until', name: 'until', label: say('created_until'), type: 'date', value: until })}
    <button>${say('search')}</button>
  </form>`
}

/** The beginning of a day, in UTC. */
const startOf = (day: string | undefined) => (day ? `${day}T00:00:00Z` : undefined)
