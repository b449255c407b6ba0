/** Pieces that pages are put together from. Everything between braces is escaped by `html` itself. */
import type { Context } from 'hono'
import { html } from 'hono/html'
import { base32 } from '../domain/ids.ts'
import type { Console } from './console.ts'
import type { Problem } from './gateway.ts'
import type { Word } from './texts/texts.ts'

export type Html = ReturnType<typeof html>
/** What can stand in a page: markup, or text to be escaped. */
export type Piece = Html | string | number | null | undefined | false

/** What the gateway refused, in its own words. */
export const refusal = ({
  title,
  detail,
  errors,
  code,
}: Problem): Html => html`<div class="notice bad" role="alert">
  <p><strong>${title}</strong> <code>${code}</code></p>
  <p>${detail}</p>
  ${errors && errors.length > 1 && html`<ul>${errors.map((one) => html`<li><code>${one.pointer}</code> ${one.detail}</li>`)}</ul>`}
</div>`

export type Tone = 'good' | 'bad' | 'wait' | 'plain'

/** A status as a small label. Its word says it; the colour only repeats it. */
export const tag = (text: string, tone: Tone): Html => html`<span class="tag ${tone}">${text}</span>`

/** Facts beside their names; what is null is left out. */
export const facts = (
  rows: readonly (readonly [name: string, value: Piece])[],
): Html => html`<dl class="facts">
  ${rows.map(([name, value]) => value !== null && html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
</dl>`

export interface Table {
  /** What the table is about, for who hears it. */
  label: string
  head: readonly string[]
  rows: readonly (readonly Piece[])[]
  /** Columns that hold numbers, by index. */
  numbers?: readonly number[]
  /** Said where there are no rows. */
  empty: string
}

/** A table that scrolls by itself where it is wider than the page. */
export function table({ label, head, rows, numbers = [], empty }: Table): Html {
  if (rows.length === 0) return html`<p class="empty">${empty}</p>`
  const kind = (n: number) => (numbers.includes(n) ? 'number' : 'text')
  return html`<div class="wide" role="region" tabindex="0" aria-label="${label}"><table>
    <thead><tr>${head.map((name, n) => html`<th scope="col" class="${kind(n)}">${name}</th>`)}</tr></thead>
    <tbody>${rows.map((row) => html`<tr>${row.map((cell, n) => html`<td class="${kind(n)}">${cell}</td>`)}</tr>`)}</tbody>
  </table></div>`
}

/** The link to the next page of a list, which keeps what was searched for. A page with two lists names their cursors. */
export function older(
  c: Context<Console>,
  cursor: string | null,
  { name = 'cursor', word = 'older' }: { name?: string; word?: Word } = {},
): Html | null {
  if (cursor === null) return null
  const address = new URL(c.req.url)
  address.searchParams.set(name, cursor)
  return html`<p><a href="${address.pathname}${address.search}" rel="next">${c.var.say(word)}</a></p>`
}

export interface Form {
  /** What it asks for: tells the form from the page's others, when it arrives and when it comes back refused. */
  name: string
  button: Word
  fields?: Piece | readonly Piece[]
  tone?: 'main' | 'danger' | 'plain'
  /** Whether it has a field for a file. */
  hasFile?: boolean
}

/** A form that was sent and refused: shown again with what was entered and why. */
export interface Returned {
  name: string
  problem: Problem
  entered: Record<string, string>
  /** Once its form has drawn it; where the page has no such form any more, the refusal stands above. */
  isDrawn?: boolean
}

/**
 * A form for something that changes, sent to the page's own address: so a page that comes back with a refusal can be
 * reloaded. Its key is made with the page, so that a double click and the back button ask for the same thing once.
 */
export function form(
  c: Context<Console>,
  returned: Returned | null,
  { name, button, fields, tone, hasFile }: Form,
): Html {
  const key = base32(crypto.getRandomValues(new Uint8Array(17)), 26)
  const refused = returned?.name === name ? returned : null
  if (refused !== null) refused.isDrawn = true
  return html`<form method="post" class="act" id="${name}"${hasFile ? html` enctype="multipart/form-data"` : ''}>
    ${refused && refusal(refused.problem)}
    <input type="hidden" name="form_token" value="${c.var.formToken}">
    <input type="hidden" name="form_name" value="${name}">
    <input type="hidden" name="form_key" value="${key}">
    ${fields}
    <button class="${tone ?? 'main'}">${c.var.say(button)}</button>
  </form>`
}

interface Field {
  /** Of the page's element; names of fields repeat. */
  id: string
  name: string
  label: string
  type?: 'text' | 'number' | 'date' | 'datetime-local' | 'search'
  value?: string | undefined
  required?: boolean
  maxlength?: number
  hint?: string
  /** For text of several lines. */
  rows?: number
  inputmode?: 'decimal'
  /** Neither to be remembered by the browser nor to be sent to whoever checks spelling. */
  isSecret?: boolean
}

export function field(one: Field): Html {
  const {
    id,
    name,
    label,
    type = 'text',
    value = '',
    required,
    maxlength = 1_000,
    hint,
    rows,
    inputmode,
    isSecret,
  } = one
  const kept = isSecret ? html` autocomplete="off" spellcheck="false"` : ''
  const described = hint === undefined ? '' : html` aria-describedby="${id}-hint"`
  const must = required ? html` required` : ''
  const input =
    rows === undefined
      ? html`<input id="${id}" name="${name}" type="${type}" value="${value}" maxlength="${maxlength}"${must}${described}${kept}${inputmode ? html` inputmode="${inputmode}"` : ''}>`
      : html`<textarea id="${id}" name="${name}" rows="${rows}" maxlength="${maxlength}"${must}${described}${kept}>${value}</textarea>`
  return html`<p class="field"><label for="${id}">${label}</label>${input}
    ${hint && html`<span class="hint" id="${id}-hint">${hint}</span>`}</p>`
}

/** A choice of one; an empty value stands for "any". */
export function choice(
  id: string,
  name: string,
  label: string,
  options: readonly (readonly [value: string, text: string])[],
  chosen = '',
): Html {
  return html`<p class="field"><label for="${id}">${label}</label>
    <select id="${id}" name="${name}">${options.map(
      ([value, text]) =>
        html`<option value="${value}"${value === chosen ? html` selected` : ''}>${text}</option>`,
    )}</select></p>`
}

/** A form that was sent: which one, its key, and its text fields. An empty field counts as not filled in. */
export interface Sent {
  name: string
  key: string
  entered: Record<string, string>
}

export async function sentIn(c: Context<Console>): Promise<Sent> {
  const { form_token: _, form_key: key, form_name: name, ...fields } = await c.req.parseBody()
  const texts = Object.entries(fields).flatMap(([field, value]) =>
    typeof value === 'string' && value.trim() !== '' ? [[field, value.trim()] as const] : [],
  )
  return { name: String(name), key: String(key), entered: Object.fromEntries(texts) }
}
