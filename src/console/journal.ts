/** A payment's journal as people read it: the timeline, and the provider's reports with what came of each. */
import type { Context } from 'hono'
import { html } from 'hono/html'
import type { EntryType } from '../domain/entry.ts'
import type { Console } from './console.ts'
import { money, time } from './format.ts'
import { type Html, type Piece, type Tone, table, tag } from './parts.ts'
import { sayOr } from './texts/texts.ts'

/** An entry as `/journal` shows it. */
export interface JournalEntry {
  seq: number
  at: string
  type: EntryType
  actor: string
  data: Data
}

interface Fact {
  type: string
  amount?: number | null
  currency?: string | null
}

/** What the entries' data may hold, in the names that go out. */
interface Data {
  [name: string]: unknown
  fact?: Fact
  report?: { id: string; reference: string } | null
  differences?: { field: string; expected: string; found: string | null }[]
}

export function timeline(c: Context<Console>, entries: readonly JournalEntry[]): Html {
  const { say } = c.var
  return html`<section><h2>${say('timeline')}</h2>${table({
    label: say('timeline'),
    head: ['#', say('when'), say('what'), say('detail'), say('by')],
    numbers: [0],
    rows: [...entries]
      .reverse()
      .map((entry) => [
        entry.seq,
        time(c, entry.at),
        entryText(c, entry),
        html`<div class="long">${summary(c, entry)}<details><summary>${say('whole_entry')}</summary><pre>${JSON.stringify(entry.data, null, 1)}</pre></details></div>`,
        html`<code>${entry.actor}</code>`,
      ]),
    empty: '',
  })}</section>`
}

/** Every report of the provider that reached this payment, newest first. */
export function reports(c: Context<Console>, entries: readonly JournalEntry[]): Html {
  const { say } = c.var
  const heard = entries.filter(
    ({ type, data }) => type.startsWith('report.') || (data.report ?? null) !== null,
  )
  return html`<section><h2>${say('reports')}</h2>${table({
    label: say('reports'),
    head: [say('when'), say('report'), say('outcome'), say('reason'), say('provider_reference')],
    rows: [...heard]
      .reverse()
      .map((entry) => [
        time(c, entry.at),
        factText(c, entry.data.fact),
        tag(entryText(c, entry), toneOf[entry.type] ?? 'plain'),
        html`<span class="long">${reasonOf(entry) ?? '–'}</span>`,
        html`<code>${entry.data.report?.reference ?? '–'}</code>`,
      ]),
    empty: say('no_reports'),
  })}</section>`
}

const toneOf: Partial<Record<EntryType, Tone>> = {
  'report.applied': 'good',
  'report.stale': 'plain',
  'report.mismatched': 'bad',
  'report.contradicted': 'bad',
  'report.premature': 'wait',
}

const entryText = (c: Context<Console>, { type }: JournalEntry): string =>
  sayOr(c.var.say, 'entry', type.replace('.', '_'))

/** What happened, with its amount where it has one. */
function factText(c: Context<Console>, fact: Fact | undefined): string {
  if (fact === undefined) return '–'
  const { type, amount = null, currency = null } = fact
  const name = sayOr(c.var.say, 'fact', type)
  return amount === null || currency === null ? name : `${name} ${money(c, amount, currency)}`
}

/** Why it came out so, in the gateway's words. */
function reasonOf({ data }: JournalEntry): string | null {
  if (data.differences !== undefined)
    return data.differences
      .map(({ field, expected, found }) => `${field}: ${expected} ≠ ${found ?? '∅'}`)
      .join('; ')
  const said = ['why', 'reason', 'detail', 'note', 'resolution'].flatMap((name) =>
    typeof data[name] === 'string' ? [data[name]] : [],
  )
  return said.length === 0 ? null : said.join(' · ')
}

function summary(c: Context<Console>, entry: JournalEntry): Piece {
  const { data } = entry
  const parts = [
    data.fact === undefined ? null : factText(c, data.fact),
    typeof data.command === 'string' ? sayOr(c.var.say, 'command', data.command) : null,
    typeof data.kind === 'string' ? sayOr(c.var.say, 'kind', data.kind) : null,
    typeof data.status === 'string' ? sayOr(c.var.say, 'on_fulfillment', data.status) : null,
    reasonOf(entry),
  ].filter((part) => part !== null)
  return parts.join(' · ')
}
