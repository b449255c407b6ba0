/** Reconciliations: the list, one with its differences, and the same as a file. */
import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { outcomes } from '../domain/settlement/judge.ts'
import type { itemView } from '../http/reconciliation-views.ts'
import type { Console } from './console.ts'
import { done } from './flash.ts'
import { count, money, time } from './format.ts'
import { page } from './frame.ts'
import { at, fetchAs, type List, read } from './gateway.ts'
import {
  choice,
  facts,
  form,
  type Html,
  older,
  type Piece,
  type Returned,
  sentIn,
  table,
  tag,
} from './parts.ts'
import {
  addFile,
  addFileForm,
  type Reconciliation,
  reconcileFile,
  reconcileForm,
  runAgain,
} from './settlement-forms.ts'
import { sayOr } from './texts/texts.ts'

type Item = ReturnType<typeof itemView>

export const reconciliations = new Hono<Console>()
  .get('/', (c) => list(c, null))
  .post('/', async (c) => {
    const sent = await sentIn(c)
    const answered = await reconcileFile(c, sent)
    if (answered.kind === 'refused') return list(c, { ...sent, problem: answered.problem })
    return done(c, `/console/reconciliations/${answered.body.id}`, 'done_uploaded')
  })
  .get('/:id', (c) => onePage(c, c.req.param('id'), null))
  .post('/:id', async (c) => {
    const id = c.req.param('id')
    const sent = await sentIn(c)
    const isFile = sent.name === 'add'
    const answered = await (isFile ? addFile(c, id, sent) : runAgain(c, id))
    if (answered.kind === 'refused') return onePage(c, id, { ...sent, problem: answered.problem })
    return done(c, `/console/reconciliations/${id}`, isFile ? 'done_uploaded' : 'done_rerun')
  })
  .get('/:id/items.csv', async (c) => {
    const { outcome } = c.req.query()
    const query = outcome ? `?outcome=${encodeURIComponent(outcome)}` : ''
    const { status, headers, body } = await fetchAs(
      c,
      at`/v1/reconciliations/${c.req.param('id')}/items.csv` + query,
      { method: 'GET' },
    )
    return new Response(body, { status, headers })
  })

const toneOf = { receiving: 'wait', running: 'wait', finished: 'good' } as const

function stateTag(c: Context<Console>, one: Reconciliation): Html {
  const status = one.status as keyof typeof toneOf
  return tag(c.var.say(`reconciliation_${status}`), toneOf[status])
}

const filesOf = (c: Context<Console>, one: Reconciliation): string =>
  c.var.say('of_files', { n: one.files.length, all: Math.max(one.files_expected, one.files.length) })

async function list(c: Context<Console>, returned: Returned | null): Promise<Response> {
  const { say } = c.var
  const { cursor } = c.req.query()
  const { data, next_cursor } = await read<List<Reconciliation>>(c, '/v1/reconciliations', { cursor })
  const opened = returned === null ? '' : html` open`
  return page(c, {
    title: say('reconciliations'),
    returned,
    main: [
      html`<div id="list" data-live>${table({
        label: say('reconciliations'),
        head: [
          say('created'),
          say('status'),
          say('period'),
          say('connection'),
          say('files'),
          say('differences'),
        ],
        numbers: [5],
        rows: data.map((one) => [
          html`<a href="/console/reconciliations/${one.id}">${time(c, one.created_at)}</a>`,
          stateTag(c, one),
          html`${time(c, one.from)} – ${time(c, one.to)}`,
          html`<code>${one.connection_id}</code>`,
          filesOf(c, one),
          one.summary === null ? '–' : count(c, one.summary.differences),
        ]),
        empty: say('no_reconciliations'),
      })}</div>`,
      older(c, next_cursor),
      c.var.operator.role !== 'viewer' &&
        html`<section class="actions"><details${opened}><summary>${say('reconcile')}</summary>${await reconcileForm(c, returned)}</details></section>`,
    ],
  })
}

async function onePage(c: Context<Console>, id: string, returned: Returned | null): Promise<Response> {
  const { say } = c.var
  const path = at`/v1/reconciliations/${id}`
  const { outcome, cursor } = c.req.query()
  const one = await read<Reconciliation>(c, path)
  const items = await read<List<Item>>(c, `${path}/items`, { outcome, cursor, limit: 50 })
  return page(c, {
    title: say('reconciliations'),
    returned,
    main: [
      html`<div id="state" data-live>${head(c, one)}${summary(c, one)}</div>`,
      c.var.operator.role !== 'viewer' && actions(c, one, returned),
      html`<section><h2>${say('items')}</h2>${filter(c, id, outcome)}
        <div id="items" data-live>${itemTable(c, items.data)}</div>${older(c, items.next_cursor, { word: 'further' })}</section>`,
    ],
  })
}

function head(c: Context<Console>, one: Reconciliation): Html {
  const { say } = c.var
  return html`<p>${stateTag(c, one)}</p>${facts([
    [say('id'), html`<code>${one.id}</code>`],
    [say('connection'), html`<code>${one.connection_id}</code>`],
    [say('period'), html`${time(c, one.from)} – ${time(c, one.to)}`],
    [say('checked_period'), time(c, one.checked_to)],
    [say('layout'), html`<code>${one.layout}</code>`],
    [say('files'), filesOf(c, one)],
    [say('by_person'), html`<code>${one.created_by}</code>`],
    [say('created'), time(c, one.created_at)],
  ])}
  ${table({
    label: say('files'),
    head: ['#', say('rows'), say('bytes'), say('received'), 'SHA-256'],
    numbers: [0, 1, 2],
    rows: one.files.map((file) => [
      file.n,
      count(c, file.rows ?? 0),
      count(c, file.bytes ?? 0),
      time(c, file.received_at),
      html`<code>${file.sha256?.slice(0, 16) ?? '–'}</code>`,
    ]),
    empty: '',
  })}`
}

function summary(c: Context<Console>, { summary: sums }: Reconciliation): Html | null {
  if (sums === null) return null
  const { say } = c.var
  return html`<section><h2>${say('what_became')}</h2>${facts([
    [say('rows'), count(c, sums.rows)],
    ...outcomes.map((one) => [say(`outcome_${one}`), count(c, sums.outcomes[one])] as const),
    [say('differences'), tag(count(c, sums.differences), sums.differences === 0 ? 'good' : 'bad')],
    [say('exceptions_raised'), count(c, sums.exceptions)],
    [say('run_number'), html`${sums.run} · ${time(c, sums.finished_at)}`],
  ])}
  <h3>${say('sums')}</h3>${Object.entries(sums.totals).map(([currency, totals]) =>
    facts(
      Object.entries(totals)
        .filter(([, amount]) => amount !== 0)
        .map(([kind, amount]) => [sayOr(say, 'row', kind), signed(c, amount, currency)] as const),
    ),
  )}</section>`
}

/** An amount of a file, where refunds and fees may be below nothing. */
const signed = (c: Context<Console>, amount: number, currency: string): string =>
  amount < 0 ? `−${money(c, -amount, currency)}` : money(c, amount, currency)

function actions(c: Context<Console>, one: Reconciliation, returned: Returned | null): Html {
  const { say } = c.var
  const adding = html`<details${returned?.name === 'add' ? html` open` : ''}><summary>${say('add_file')}</summary>${addFileForm(c, returned)}</details>`
  const running =
    one.run > 0 &&
    form(c, returned, {
      ...{ name: 'run', button: 'run_again', tone: 'plain' },
      fields: html`<p class="hint">${say('run_hint')}</p>`,
    })
  return html`<section class="actions"><h2>${say('actions')}</h2>${running}${adding}</section>`
}

function filter(c: Context<Console>, id: string, outcome: string | undefined): Html {
  const { say } = c.var
  const all = outcomes.map((one) => [one, say(`outcome_${one}`)] as const)
  const query = outcome ? `?outcome=${encodeURIComponent(outcome)}` : ''
  return html`<form method="get" class="filters">${choice('outcome', 'outcome', say('outcome'), [['', say('any')], ...all], outcome)}
    <button>${say('show')}</button>
    <p><a href="/console/reconciliations/${id}/items.csv${query}" download>${say('export_csv')}</a></p></form>`
}

const harmless = ['matched', 'fee']

function itemTable(c: Context<Console>, items: readonly Item[]): Html {
  const { say } = c.var
  const amount = (minor: number | null, currency: string | null): Piece =>
    minor === null || currency === null ? '–' : signed(c, minor, currency)
  return table({
    label: say('items'),
    head: [
      ...[say('line'), say('outcome'), say('kind'), say('reference'), say('order')],
      ...[say('amount'), say('expected'), say('payment')],
    ],
    numbers: [0, 5, 6],
    rows: items.map((one) => [
      one.line === null ? '–' : `${one.file} : ${one.line}`,
      html`${tag(say(`outcome_${one.outcome}`), harmless.includes(one.outcome) ? 'plain' : 'bad')} ${one.reason && say(`why_${one.reason}`)}`,
      one.kind === null ? '–' : sayOr(say, 'row', one.kind),
      html`<code>${one.reference ?? one.transaction_id ?? '–'}</code>`,
      one.order_id ?? '–',
      amount(one.amount, one.currency),
      amount(one.expected_amount, one.expected_currency),
      one.payment_id === null
        ? '–'
        : html`<a href="/console/payments/${one.payment_id}"><code>${one.payment_id}</code></a>`,
    ]),
    empty: say('no_items'),
  })
}
