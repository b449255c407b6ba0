/** Destinations: the list with how each is, and the address of each. */
import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import type { viewOf } from '../http/destination.ts'
import type { Console } from './console.ts'
import { destinationPage } from './destination.ts'
import { doAtDestination } from './destination-forms.ts'
import { done } from './flash.ts'
import { page } from './frame.ts'
import { type List, read } from './gateway.ts'
import { backlogOf, healthTag } from './health.ts'
import { older, sentIn, table } from './parts.ts'

type Destination = Awaited<ReturnType<typeof viewOf>>

export const destinations = new Hono<Console>()
  .get('/', list)
  .get('/:id', (c) => destinationPage(c, c.req.param('id')))
  .post('/:id', async (c) => {
    const id = c.req.param('id')
    const sent = await sentIn(c)
    const answered = await doAtDestination(c, id, sent)
    if (answered === null) return destinationPage(c, id)
    if (answered.kind === 'refused')
      return destinationPage(c, id, { returned: { ...sent, problem: answered.problem } })
    const { said, secret } = answered.body
    // A secret is in this answer and nowhere else: there is nothing to send the browser on to.
    return secret === undefined
      ? done(c, `/console/destinations/${id}`, said)
      : destinationPage(c, id, { secret })
  })

async function list(c: Context<Console>): Promise<Response> {
  const { say } = c.var
  const { cursor } = c.req.query()
  const { data, next_cursor } = await read<List<Destination>>(c, '/v1/destinations', { cursor })
  const backlogs = await Promise.all(data.map(({ id }) => backlogOf(c, id)))
  return page(c, {
    title: say('destinations'),
    main: [
      html`<div id="list" data-live>${table({
        label: say('destinations'),
        head: [say('destination'), say('health'), say('backlog'), say('event_types'), say('description')],
        numbers: [2],
        rows: data.map((one, n) => [
          html`<a href="/console/destinations/${one.id}">${one.kind} · ${new URL(one.url).host}</a>`,
          healthTag(c, one),
          backlogs[n],
          html`<span class="long"><code>${one.event_types.join(' ')}</code></span>`,
          html`<span class="long">${one.description ?? '–'}</span>`,
        ]),
        empty: say('no_destinations_yet'),
      })}</div>`,
      older(c, next_cursor),
    ],
  })
}
