/**
 * Exceptions: what waits for a person, and the end that a person puts to it. The pattern of all pages: read what the page
 * shows through the gateway, draw it, and send each form to a route that acts through the gateway and then either leads on
 * (`done`) or draws the same page again with what was refused.
 */
import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { kinds, type viewOf } from '../http/exceptions.ts'
import type { Console } from './console.ts'
import { done } from './flash.ts'
import { age, time } from './format.ts'
import { page } from './frame.ts'
import { act, at, type List, read } from './gateway.ts'
import { choice, facts, field, form, older, type Returned, sentIn, table, tag } from './parts.ts'

type Exception = ReturnType<typeof viewOf>

export const exceptions = new Hono<Console>()
  .get('/', async (c) => {
    const { say } = c.var
    const { status = 'open', kind, cursor } = c.req.query()
    const { data, next_cursor } = await read<List<Exception>>(c, '/v1/exceptions', { status, kind, cursor })
    return page(c, {
      title: say('exceptions'),
      main: [
        filters(c, status, kind),
        html`<div id="queue" data-live>${table({
          label: say('exceptions'),
          head: [say('kind'), say('detail'), say('age'), say('about')],
          rows: data.map((one) => [
            html`<a href="/console/exceptions/${one.id}">${say(`kind_${one.kind as (typeof kinds)[number]}`)}</a>`,
            html`<span class="long">${one.detail}</span>`,
            html`<span title="${one.created_at}">${age(c, one.created_at)}</span>`,
            about(one),
          ]),
          empty: say('no_exceptions'),
        })}</div>`,
        older(c, next_cursor),
      ],
    })
  })
  .get('/:id', (c) => exceptionPage(c, c.req.param('id'), null))
  .post('/:id', async (c) => {
    const id = c.req.param('id')
    const { entered } = await sentIn(c)
    const answered = await act(c, at`/v1/exceptions/${id}/resolve`, { body: entered })
    if (answered.kind === 'done') return done(c, `/console/exceptions/${id}`, 'done_resolved')
    return exceptionPage(c, id, { name: 'resolve', problem: answered.problem, entered })
  })

async function exceptionPage(c: Context<Console>, id: string, returned: Returned | null): Promise<Response> {
  const { say } = c.var
  const one = await read<Exception>(c, at`/v1/exceptions/${id}`)
  const isOpen = one.status === 'open'
  return page(c, {
    title: say(`kind_${one.kind as (typeof kinds)[number]}`),
    returned,
    main: [
      html`<div id="state" data-live><p>${tag(say(`state_${one.status}`), isOpen ? 'bad' : 'good')} ${one.detail}</p>
      ${facts([
        [say('exception'), html`<code>${one.id}</code>`],
        [say('about'), about(one)],
        [say('raised'), html`${time(c, one.created_at)} (${age(c, one.created_at)})`],
        [say('resolved_at'), one.resolved_at && time(c, one.resolved_at)],
        [say('resolved_by'), one.resolved_by && html`<code>${one.resolved_by}</code>`],
        [say('resolution'), one.resolution],
        [say('note'), one.note],
      ])}</div>`,
      isOpen && c.var.operator.role !== 'viewer' && resolveForm(c, returned),
    ],
  })
}

function resolveForm(c: Context<Console>, returned: Returned | null) {
  const { say } = c.var
  const entered = (name: string) => returned?.entered[name] ?? ''
  return html`<section><h2>${say('resolve')}</h2>${form(c, returned, {
    name: 'resolve',
    button: 'resolve',
    fields: [
      field({
        ...{ id: 'resolution', name: 'resolution', label: say('resolution'), value: entered('resolution') },
        ...{ required: true, maxlength: 100, hint: say('resolution_hint') },
      }),
      field({
        ...{ id: 'note', name: 'note', label: say('note'), value: entered('note') },
        ...{ required: true, maxlength: 2_000, rows: 3, hint: say('note_hint') },
      }),
    ],
  })}</section>`
}

/** What an exception is about, as links to where one can look. */
function about({ payment_id, destination_id }: Exception) {
  if (payment_id !== null)
    return html`<a href="/console/payments/${payment_id}"><code>${payment_id}</code></a>`
  return destination_id === null ? '–' : html`<code>${destination_id}</code>`
}

function filters(c: Context<Console>, status: string, kind: string | undefined) {
  const { say } = c.var
  const states = (['open', 'resolved'] as const).map((one) => [one, say(`state_${one}`)] as const)
  const all = kinds.map((one) => [one, say(`kind_${one}`)] as const)
  return html`<form method="get" class="filters" role="search">
    ${choice('status', 'status', say('status'), states, status)}
    ${choice('kind', 'kind', say('kind'), [['', say('any')], ...all], kind)}
    <button>${say('search')}</button>
  </form>`
}
