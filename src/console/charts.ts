/** Charts as plain SVG, drawn by the Worker: bars, and bars of several parts. What they show stands beside them as numbers too. */
import { html } from 'hono/html'
import type { Html, Tone } from './parts.ts'

/** One bar, of parts that lie on each other. */
export interface Bar {
  /** Said when somebody points at it. */
  title: string
  parts: readonly { tone: Tone; value: number }[]
}

const WIDTH = 640
const HEIGHT = 120

/** Bars beside each other up to the right edge, as high as the highest allows. Few of them leave `room` for others. */
export function columns(label: string, bars: readonly Bar[], room = 1): Html {
  const most = Math.max(1, ...bars.map(({ parts }) => sumOf(parts)))
  const places = Math.max(room, bars.length)
  const step = WIDTH / places
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT + 1}" role="img" aria-label="${label}">
    ${bars.map(({ title, parts }, n) => {
      let top = HEIGHT
      return html`<g><title>${title}</title>${parts.map(({ tone, value }) => {
        const height = round((value / most) * HEIGHT)
        top -= height
        return html`<rect class="${tone}" x="${round((places - bars.length + n) * step + 1)}" y="${round(top)}" width="${round(step - 2)}" height="${height}"/>`
      })}</g>`
    })}
    <line x1="0" y1="${HEIGHT + 0.5}" x2="${WIDTH}" y2="${HEIGHT + 0.5}"/>
  </svg>`
}

const LENGTH = 120
const SPARK = 24

/** The same so small that it fits in a row of a table; the figures stand beside it. */
export function spark(bars: readonly { tone: Tone; value: number }[], room = 1): Html {
  const most = Math.max(1, ...bars.map(({ value }) => value))
  const places = Math.max(room, bars.length)
  const step = LENGTH / places
  return html`<svg class="spark" viewBox="0 0 ${LENGTH} ${SPARK}" width="${LENGTH}" height="${SPARK}" aria-hidden="true">
    ${bars.map(({ tone, value }, n) => {
      const height = Math.max(1, round((value / most) * SPARK))
      return html`<rect class="${tone}" x="${round((places - bars.length + n) * step)}" y="${round(SPARK - height)}" width="${round(step * 0.8)}" height="${height}"/>`
    })}</svg>`
}

/** A share of a whole, lying; its number stands beside it. */
export function share(value: number, whole: number, tone: Tone): Html {
  const length = whole === 0 ? 0 : round((value / whole) * LENGTH)
  return html`<svg class="share" viewBox="0 0 ${LENGTH} 10" width="${LENGTH}" height="10" aria-hidden="true">
    <rect class="ground" width="${LENGTH}" height="10" rx="3"/><rect class="${tone}" width="${length}" height="10" rx="3"/></svg>`
}

const sumOf = (parts: Bar['parts']) => parts.reduce((sum, { value }) => sum + value, 0)
const round = (n: number) => Math.round(n * 10) / 10
