/** Connections to providers, which a merchant's administrators keep: the list, and the address of each. */
import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import type { viewOf } from '../http/admin-connections.ts'
import { connectionForms, doAtConnection, makeConnection, newConnectionForms } from './connection-forms.ts'
import type { Console } from './console.ts'
import { done } from './flash.ts'
import { time } from './format.ts'
import { page } from './frame.ts'
import { at, type List, ofMerchant, read } from './gateway.ts'
import { facts, older, type Piece, type Returned, sentIn, table, tag } from './parts.ts'

export type Connection = ReturnType<typeof viewOf>

/** What a provider said to credentials that were tried. */
export interface Tried {
  result: 'accepted' | 'refused' | 'no_answer' | 'untestable'
  detail: string
}

export const connections = new Hono<Console>()
  .get('/', (c) => list(c, null))
  .post('/', async (c) => {
    const sent = await sentIn(c)
    const answered = await makeConnection(c, sent)
    if (answered.kind === 'refused') return list(c, { ...sent, problem: answered.problem })
    return done(c, `/console/connections/${answered.body.id}`, 'done_connected')
  })
  .get('/:id', (c) => connectionPage(c, c.req.param('id')))
  .post('/:id', async (c) => {
    const id = c.req.param('id')
    const sent = await sentIn(c)
    const one = await read<Connection>(c, ofMerchant(c, at`/connections/${id}`))
    const answered = await doAtConnection(c, one, sent)
    if (answered === null) return connectionPage(c, id)
    if (answered.kind === 'refused')
      return connectionPage(c, id, { returned: { ...sent, problem: answered.problem } })
    if ('result' in answered.body) return connectionPage(c, id, { tried: answered.body })
    return done(c, `/console/connections/${id}`, 'done_changed')
  })

function stateTags(c: Context<Console>, { disabled, default: isDefault }: Connection) {
  const { say } = c.var
  const state = tag(say(disabled ? 'connection_disabled' : 'connection_enabled'), disabled ? 'bad' : 'good')
  return html`${state} ${isDefault && tag(say('connection_default'), 'plain')}`
}

async function list(c: Context<Console>, returned: Returned | null): Promise<Response> {
  const { say } = c.var
  const { cursor } = c.req.query()
  const { data, next_cursor } = await read<List<Connection>>(c, ofMerchant(c, '/connections'), { cursor })
  return page(c, {
    title: say('connections'),
    returned,
    main: [
      table({
        label: say('connections'),
        head: [say('provider'), say('status'), say('connection'), say('created')],
        rows: data.map((one) => [
          html`<a href="/console/connections/${one.id}">${one.provider}</a>`,
          stateTags(c, one),
          html`<code>${one.id}</code>`,
          time(c, one.created_at),
        ]),
        empty: say('no_connections'),
      }),
      older(c, next_cursor),
      newConnectionForms(c, returned),
    ],
  })
}

async function connectionPage(
  c: Context<Console>,
  id: string,
  { returned = null, tried }: { returned?: Returned | null; tried?: Tried } = {},
): Promise<Response> {
  const { say } = c.var
  const one = await read<Connection>(c, ofMerchant(c, at`/connections/${id}`))
  return page(c, {
    title: one.provider,
    returned,
    main: [
      tried !== undefined && trialNotice(c, tried),
      html`<p>${stateTags(c, one)}</p>`,
      facts([
        [say('connection'), html`<code>${one.id}</code>`],
        [say('webhook_url'), html`<code>${one.webhook_url}</code>`],
        [say('created'), time(c, one.created_at)],
        [say('disabled_at'), one.disabled_at && time(c, one.disabled_at)],
        [say('settings'), html`<code>${JSON.stringify(one.settings)}</code>`],
      ]),
      connectionForms(c, one, returned),
    ],
  })
}

const toneOf = { accepted: 'good', refused: 'bad', no_answer: 'wait', untestable: 'wait' } as const

const trialNotice = (c: Context<Console>, { result, detail }: Tried): Piece =>
  html`<p class="notice ${toneOf[result]}" role="status"><strong>${c.var.say(`trial_${result}`)}</strong> ${detail}</p>`
