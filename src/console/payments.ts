/** Payments: the list, found again by what an operator knows of one. */
import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import type { PaymentStatus } from '../domain/payment.ts'
import type { PaymentView } from '../domain/view.ts'
import type { Console } from './console.ts'
import { money, time } from './format.ts'
import { page } from './frame.ts'
import { type List, read } from './gateway.ts'
import { choice, field, type Html, older, type Tone, table, tag } from './parts.ts'

export const payments = new Hono<Console>().get('/', async (c) => {
  const { say } = c.var
  const { order, status, from, until, cursor } = c.req.query()
  const query = {
    ...{ order_id: order, status, cursor },
    created_after: startOf(from),
    created_before: startOf(until),
  }
  const { data, next_cursor } = await read<List<PaymentView>>(c, '/v1/payments', query)
  return page(c, {
    title: say('payments'),
    main: [
      search(c),
      html`<div id="list" data-live>${table({
        label: say('payments'),
        head: [say('order'), say('status'), say('amount'), say('provider'), say('created')],
        numbers: [2],
        rows: data.map((one) => [
          html`<a href="/console/payments/${one.id}">${one.order_id}</a>`,
          statusTag(c, one.status),
          money(c, one.amount, one.currency),
          one.provider ?? '–',
          time(c, one.created_at),
        ]),
        empty: say(next_cursor === null ? 'no_payments' : 'page_looked_through'),
      })}</div>`,
      older(c, next_cursor),
    ],
  })
})

const statuses = ['created', 'pending', 'authorized', 'paid', 'failed', 'canceled', 'expired'] as const

const toneOf: Record<PaymentStatus, Tone> = {
  ...{ created: 'plain', pending: 'wait', authorized: 'wait', paid: 'good' },
  ...{ failed: 'bad', canceled: 'plain', expired: 'plain' },
}

export const statusTag = (c: Context<Console>, status: PaymentStatus): Html =>
  tag(c.var.say(`status_${status}`), toneOf[status])

function search(c: Context<Console>): Html {
  const { say } = c.var
  const { order, status, from, until } = c.req.query()
  const options = statuses.map((one) => [one, say(`status_${one}`)] as const)
  return html`<form method="get" class="filters" role="search">
    ${field({ id: 'order', name: 'order', label: say('order_number'), type: 'search', value: order, maxlength: 64 })}
    ${choice('status', 'status', say('status'), [['', say('any')], ...options], status)}
    ${field({ id: 'from', name: 'from', label: say('created_from'), type: 'date', value: from })}
    ${field({ id: 'until', name: 'until', label: say('created_until'), type: 'date', value: until })}
    <button>${say('search')}</button>
  </form>`
}

/** The beginning of a day, in UTC. */
const startOf = (day: string | undefined) => (day ? `${day}T00:00:00Z` : undefined)
