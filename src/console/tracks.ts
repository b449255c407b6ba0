/**
 * A payment's tracks as pictures: every state that there is, how one leads to another, and today's lit. The arrows are
 * drawn from the tables that decide (`domain/tracks.ts`); here it only says where each state stands.
 */
import type { Context } from 'hono'
import { html } from 'hono/html'
import {
  disputeTable,
  fiscalTable,
  fulfillmentTable,
  refundTable,
  type SessionState,
  sessionTable,
} from '../domain/tracks.ts'
import type { Console } from './console.ts'
import type { Html } from './parts.ts'
import { sayOr, type Word } from './texts/texts.ts'

type Table = Readonly<Record<string, Readonly<Record<string, string | undefined>>>>

/** States that stand together, because the same leads into and out of all of them. */
interface Group {
  states: readonly string[]
  /** In columns and rows of the picture. */
  at: readonly [column: number, row: number]
}

interface Track {
  name: Word
  table: Table
  groups: readonly Group[]
}

const one = (state: string, column: number, row: number): Group => ({ states: [state], at: [column, row] })

export const tracks = {
  session: {
    name: 'track_session',
    table: sessionTable,
    groups: [
      { states: ['opening', 'open', 'ending'], at: [0, 1] },
      one('authorized', 1, 0),
      one('captured', 2, 1),
      { states: ['failed', 'canceled', 'expired'], at: [1, 3] },
    ],
  },
  refund: {
    name: 'track_refund',
    table: refundTable,
    groups: [one('none', 0, 0), one('partial', 1, 1), one('full', 2, 0)],
  },
  dispute: {
    name: 'track_dispute',
    table: disputeTable,
    groups: [one('none', 0, 1), one('won', 1, 0), one('open', 1, 1), one('lost', 1, 2)],
  },
  fiscal: {
    name: 'track_fiscal',
    table: fiscalTable,
    groups: [one('not_required', 0, 0), one('pending', 1, 0), one('issued', 2, 0), one('failed', 2, 1)],
  },
  fulfillment: {
    name: 'track_fulfillment',
    table: fulfillmentTable,
    groups: [
      ...[one('not_required', 0, 0), one('pending', 0, 1), one('in_progress', 1, 1), one('canceled', 1, 2)],
      ...[one('delivered', 2, 0), one('returned', 2, 1)],
    ],
  },
} as const satisfies Record<string, Track>

export type TrackName = keyof typeof tracks

const WIDTH = 112
const HEIGHT = 26
const COLUMN = 148
const ROW = 42
const STACKED = 30
const MARGIN = 4

interface Box {
  group: Group
  /** Of its middle, and half its extent. */
  x: number
  y: number
  w: number
  h: number
}

/** The picture of one track. What it shows is said in words too, for who does not see it. */
export function trackPicture(c: Context<Console>, name: TrackName, state: string): Html {
  const { say } = c.var
  const { groups, table, name: title }: Track = tracks[name]
  const boxes = groups.map(boxOf)
  const width = Math.max(...boxes.map(({ x, w }) => x + w)) + MARGIN
  const height = Math.max(...boxes.map(({ y, h }) => y + h)) + MARGIN
  const text = (of: string) => sayOr(say, name === 'session' ? 'status' : `on_${name}`, of)
  const next = [...new Set(Object.values(table[state] ?? {}))].filter(
    (to) => to !== undefined && to !== state,
  )
  const leads =
    next.length === 0
      ? say('leads_nowhere')
      : say('leads_to', { states: next.map((to) => text(to!)).join(', ') })
  return html`<figure class="track"><figcaption>${say(title)}: <strong>${text(state)}</strong></figcaption>
    <svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${say(title)}: ${text(state)}. ${leads}">
      <defs><marker id="tip-${name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z"/></marker></defs>
      ${arrowsOf(boxes, table).map(({ from, to, isBoth }) => arrow(from, to, isBoth, name))}
      ${boxes.map((box) => stateBoxes(box, state, text))}
    </svg></figure>`
}

function boxOf(group: Group): Box {
  const [column, row] = group.at
  const h = (HEIGHT + (group.states.length - 1) * STACKED) / 2
  // A stack grows to both sides of its row.
  return {
    group,
    x: MARGIN + WIDTH / 2 + column * COLUMN,
    y: MARGIN + HEIGHT / 2 + row * ROW,
    w: WIDTH / 2,
    h,
  }
}

interface Arrow {
  from: Box
  to: Box
  isBoth: boolean
}

function arrowsOf(boxes: readonly Box[], table: Table): Arrow[] {
  const leads = (from: Box, to: Box) =>
    from.group.states.some((state) =>
      Object.values(table[state] ?? {}).some((next) => to.group.states.includes(next!)),
    )
  return boxes.flatMap((from, n) =>
    boxes.slice(n + 1).flatMap((to): Arrow[] => {
      const [there, back] = [leads(from, to), leads(to, from)]
      if (there) return [{ from, to, isBoth: back }]
      return back ? [{ from: to, to: from, isBoth: false }] : []
    }),
  )
}

function arrow(from: Box, to: Box, isBoth: boolean, name: string): Html {
  const [x1, y1] = edgeOf(from, to)
  const [x2, y2] = edgeOf(to, from)
  const start = isBoth ? html` marker-start="url(#tip-${name})"` : ''
  return html`<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" marker-end="url(#tip-${name})"${start}/>`
}

/** Where the line from this box's middle to the other's leaves this box, and a little beyond. */
function edgeOf(box: Box, other: Box): [number, number] {
  const [dx, dy] = [other.x - box.x, other.y - box.y]
  const gap = 2
  const scale = Math.min((box.w + gap) / Math.abs(dx || 1e-9), (box.h + gap) / Math.abs(dy || 1e-9))
  return [Math.round(box.x + dx * scale), Math.round(box.y + dy * scale)]
}

function stateBoxes({ group, x, y, w, h }: Box, lit: string, text: (state: string) => string): Html {
  return html`${group.states.map((state, n) => {
    const top = y - h + n * STACKED
    return html`<g${state === lit ? html` class="lit"` : ''}><rect x="${x - w}" y="${top}" width="${2 * w}" height="${HEIGHT}" rx="5"/>
      <text x="${x}" y="${top + HEIGHT / 2}">${text(state)}</text></g>`
  })}`
}

/** A session's state inside, of which the outside knows `completed` for two. */
export function sessionStateOf(session: { status: string; amount_captured: number }): SessionState {
  if (session.status !== 'completed') return session.status as SessionState
  return session.amount_captured > 0 ? 'captured' : 'authorized'
}
