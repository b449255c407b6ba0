/** How fast business systems answer, by the newest tries: figures for each, and every try as a bar. */
import type { Context } from 'hono'
import { html } from 'hono/html'
import { isTaken } from '../domain/delivery.ts'
import type { viewOf as destinationView } from '../http/destination.ts'
import type { viewOf } from '../http/latency.ts'
import { columns, spark } from './charts.ts'
import type { Console } from './console.ts'
import { count, lasted, timeText } from './format.ts'
import { at, read } from './gateway.ts'
import { facts, type Html, table } from './parts.ts'

type Latency = ReturnType<typeof viewOf>
type Destination = Awaited<ReturnType<typeof destinationView>>

/** Each is some two hundred rows of the database. */
const MOST_SHOWN = 20

/** Fewer tries are drawn no wider. */
const ROOM = 50

const latencyOf = (c: Context<Console>, id: string) => read<Latency>(c, at`/v1/destinations/${id}/latency`)

const figures = (c: Context<Console>, { answer_ms, arrival_ms }: Latency) =>
  [answer_ms?.p50, answer_ms?.p95, arrival_ms?.p50, arrival_ms?.p95].map((ms) =>
    ms === undefined ? '–' : lasted(c, ms),
  )

const toneOf = ({ status }: Latency['tries'][number]) => (isTaken(status) ? 'good' : 'bad')

/** All destinations beside each other, for the overview. */
export async function latencyTable(c: Context<Console>, destinations: readonly Destination[]): Promise<Html> {
  const { say } = c.var
  const shown = destinations.slice(0, MOST_SHOWN)
  const latencies = await Promise.all(shown.map(({ id }) => latencyOf(c, id)))
  const isCut = shown.length < destinations.length
  return html`<section><h2>${say('latency')}</h2><p class="hint">${say('latency_hint')} ${isCut && say('latency_most', { n: MOST_SHOWN })}</p>${table(
    {
      label: say('latency'),
      head: [
        ...[say('destination'), say('tries'), say('answers_half'), say('answers_95')],
        ...[say('arrives_half'), say('arrives_95'), say('latest_tries')],
      ],
      numbers: [1, 2, 3, 4, 5],
      rows: shown.map(({ id, kind, url }, n) => {
        const { tries } = latencies[n]!
        return [
          html`<a href="/console/destinations/${id}">${kind} · ${new URL(url).host}</a>`,
          count(c, tries.length),
          ...figures(c, latencies[n]!),
          spark(
            tries.map((one) => ({ tone: toneOf(one), value: one.duration_ms })),
            ROOM,
          ),
        ]
      }),
      empty: say('no_destinations'),
    },
  )}</section>`
}

/** One destination's, with each try, for its own page. */
export async function latencyPart(c: Context<Console>, id: string): Promise<Html> {
  const { say } = c.var
  const latency = await latencyOf(c, id)
  const { tries, answer_ms } = latency
  const [answersHalf = '', answers95 = '', arrivesHalf = '', arrives95 = ''] = figures(c, latency)
  const style = { dateStyle: 'short', timeStyle: 'medium' } as const
  const bars = tries.map((one) => ({
    title: `${timeText(c, one.at, style)}: ${one.status ?? '–'} · ${lasted(c, one.duration_ms)}`,
    parts: [{ tone: toneOf(one), value: one.duration_ms }] as const,
  }))
  const title = say('tries_title', { n: count(c, tries.length), most: lasted(c, answer_ms?.most ?? 0) })
  return html`<section><h2>${say('latency')}</h2>
    ${tries.length === 0 ? html`<p class="empty">${say('nothing_delivered')}</p>` : html`${columns(title, bars, ROOM)}<p class="hint">${title}. ${say('latency_hint')}</p>`}
    ${facts([
      [say('answers_half'), answersHalf],
      [say('answers_95'), answers95],
      [say('arrives_half'), arrivesHalf],
      [say('arrives_95'), arrives95],
    ])}</section>`
}
