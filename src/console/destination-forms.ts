/** What a person does with a destination. Its address and its secret are an administrator's to change. */
import type { Context } from 'hono'
import { html } from 'hono/html'
import type { Console } from './console.ts'
import type { Destination } from './destination.ts'
import { type Act, type Answered, act, at, type Problem } from './gateway.ts'
import { instantOf, localOf } from './local-time.ts'
import { choice, field, form, type Html, type Piece, type Returned, type Sent } from './parts.ts'
import type { Word } from './texts/texts.ts'

type Fields = (
  c: Context<Console>,
  one: Destination,
  entered: Record<string, string> | null,
) => Piece | readonly Piece[]

interface Action {
  word: Word
  tone: 'main' | 'plain' | 'danger'
  fits?: (one: Destination) => boolean
  isAdministrators?: true
  fields: Fields
  path: string
  method?: 'PATCH'
  body?: (c: Context<Console>, entered: Record<string, string>) => object | null
  done: Word
}

const hint =
  (word: Word): Fields =>
  (c) =>
    html`<p class="hint">${c.var.say(word)}</p>`

const actionsOf: Record<string, Action> = {
  resume: {
    ...{ word: 'resume', tone: 'main', path: '/resume', done: 'done_resumed' },
    fits: ({ status }) => status === 'paused',
    fields: hint('resume_hint'),
  },
  pause: {
    ...{ word: 'pause', tone: 'danger', path: '/pause', done: 'done_paused' },
    fits: ({ status }) => status !== 'paused',
    fields: hint('pause_hint'),
  },
  test: {
    ...{ word: 'send_test', tone: 'main', path: '/test', done: 'done_tested' },
    fields: hint('test_hint'),
  },
  replay: {
    ...{ word: 'replay', tone: 'main', path: '/replay', done: 'done_replay' },
    fits: ({ status }) => status !== 'paused',
    fields: replayFields,
    body: replayBody,
  },
  rotate: {
    ...{ word: 'rotate_secret', tone: 'danger', path: '/rotate-secret', done: 'done_changed' },
    isAdministrators: true,
    fields: hint('rotate_hint'),
  },
  edit: {
    ...{ word: 'edit', tone: 'main', path: '', method: 'PATCH', done: 'done_changed' },
    isAdministrators: true,
    fields: editFields,
    body: (_, entered) => changeOf(entered),
  },
}

/** The forms that fit, each folded until somebody wants it; nothing for who only looks. */
export function destinationForms(
  c: Context<Console>,
  one: Destination,
  returned: Returned | null,
): Html | null {
  const { role } = c.var.operator
  if (role === 'viewer') return null
  const fitting = Object.entries(actionsOf).filter(
    ([, { fits, isAdministrators }]) => (fits?.(one) ?? true) && (!isAdministrators || role === 'admin'),
  )
  return html`<section class="actions"><h2>${c.var.say('actions')}</h2>${fitting.map(
    ([name, { word, tone, fields }]) => {
      const entered = returned?.name === name ? returned.entered : null
      const inner = form(c, returned, { name, button: word, tone, fields: fields(c, one, entered) })
      return html`<details${entered ? html` open` : ''}><summary>${c.var.say(word)}</summary>${inner}</details>`
    },
  )}</section>`
}

/** Does what a form of the page asks; with the secret, where one was made. Null for a form that is none of its. */
export async function doAtDestination(
  c: Context<Console>,
  id: string,
  { name, entered }: Sent,
): Promise<Answered<{ said: Word; secret?: string }> | null> {
  const action = Object.hasOwn(actionsOf, name) ? actionsOf[name]! : null
  if (action === null) return null
  const body = action.body === undefined ? {} : action.body(c, entered)
  if (body === null) return { kind: 'refused', problem: unclearTime(c) }
  const asked: Act = action.method === undefined ? { body } : { body, method: action.method }
  const answered = await act<{ secret?: string }>(c, at`/v1/destinations/${id}` + action.path, asked)
  if (answered.kind === 'refused') return answered
  const { secret } = answered.body
  return { ...answered, body: { said: action.done, ...(secret === undefined ? {} : { secret }) } }
}

const DAY_MS = 86_400_000

function replayFields(c: Context<Console>, _: Destination, entered: Record<string, string> | null) {
  const { say, now, zone } = c.var
  const from = entered === null ? localOf(now - DAY_MS, zone) : entered.from
  const to = entered === null ? localOf(now, zone) : entered.to
  return [
    html`<p class="hint">${say('replay_hint')} ${say('zone_is', { zone })}</p>`,
    field({
      id: 'replay-from',
      name: 'from',
      label: say('from'),
      type: 'datetime-local',
      value: from,
      required: true,
    }),
    field({
      id: 'replay-to',
      name: 'to',
      label: say('to'),
      type: 'datetime-local',
      value: to,
      required: true,
    }),
    choice(
      ...(['replay-only', 'only', say('replay_only')] as const),
      (['failed', 'all'] as const).map((one) => [one, say(`replay_${one}`)] as const),
      entered?.only,
    ),
  ]
}

function replayBody(c: Context<Console>, entered: Record<string, string>): object | null {
  const from = instantOf(entered.from ?? '', c.var.zone)
  const to = instantOf(entered.to ?? '', c.var.zone)
  return from === null || to === null ? null : { from, to, only: entered.only ?? 'failed' }
}

const unclearTime = ({ var: { say } }: Context<Console>): Problem => ({
  ...{ status: 422, code: 'validation_failed', title: say('not_done'), detail: say('time_unclear') },
})

function editFields(c: Context<Console>, one: Destination, entered: Record<string, string> | null) {
  const { say } = c.var
  const known: Record<string, string | undefined> = entered ?? {
    ...{ url: one.url, event_types: one.event_types.join(' '), description: one.description ?? '' },
    ...{ ordered: one.ordered ? 'yes' : 'no', on_timeout: one.on_timeout },
    ...{ max_per_second: String(one.max_per_second ?? ''), timeout_ms: String(one.timeout_ms ?? '') },
  }
  const text = (name: string, label: Word, more: object = {}) =>
    field({ id: `edit-${name}`, name, label: say(label), value: known[name], ...more })
  const of = (name: string, label: Word, options: readonly (readonly [string, Word])[]) =>
    choice(
      ...([`edit-${name}`, name, say(label)] as const),
      options.map(([value, word]) => [value, say(word)] as const),
      known[name],
    )
  return [
    text('url', 'address', { required: true, maxlength: 2_048 }),
    text('event_types', 'event_types', { required: true, maxlength: 2_000, hint: say('event_types_hint') }),
    text('description', 'description', { maxlength: 500 }),
    of('ordered', 'order_of_events', [
      ['no', 'ordered_no'],
      ['yes', 'ordered_yes'],
    ]),
    text('max_per_second', 'max_per_second', { type: 'number', hint: say('number_hint') }),
    text('timeout_ms', 'timeout_ms', { type: 'number', hint: say('number_hint') }),
    of('on_timeout', 'on_timeout', [
      ['retry', 'on_timeout_retry'],
      ['hold', 'on_timeout_hold'],
    ]),
  ]
}

/** What the form says, as the route takes it; a number that is none goes as it was typed, to be refused there. */
function changeOf({
  url,
  event_types,
  description,
  ordered,
  on_timeout,
  ...numbers
}: Record<string, string>) {
  const numberOf = (text: string | undefined) =>
    text === undefined ? null : /^\d{1,9}$/.test(text) ? Number(text) : text
  return {
    ...{ url: url ?? '', event_types: (event_types ?? '').split(/[\s,]+/).filter((type) => type !== '') },
    ...{ description: description ?? null, ordered: ordered === 'yes', on_timeout },
    ...{ max_per_second: numberOf(numbers.max_per_second), timeout_ms: numberOf(numbers.timeout_ms) },
  }
}
