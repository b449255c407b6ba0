/**
 * Making, changing and trying a connection. Credentials are typed as the JSON that the provider's own schema checks; a form
 * that comes back refused has them no more, since a page must not show them.
 */
import type { Context } from 'hono'
import { html } from 'hono/html'
import { readJson } from '../http/json.ts'
import { providerNames } from '../providers/index.ts'
import type { Connection, Tried } from './connections.ts'
import type { Console } from './console.ts'
import { type Answered, act, at, ofMerchant, type Problem } from './gateway.ts'
import { choice, field, form, type Html, type Piece, type Returned, type Sent } from './parts.ts'
import type { Word } from './texts/texts.ts'

interface Action {
  word: Word
  tone: 'main' | 'danger'
  fits?: (one: Connection) => boolean
  fields: (c: Context<Console>, one: Connection, entered: Record<string, string>) => Piece
  /** What the route is told of the form. */
  change: (given: Given) => object
}

interface Given {
  credentials?: unknown
  settings?: unknown
}

const hint = (word: Word) => (c: Context<Console>) => html`<p class="hint">${c.var.say(word)}</p>`

const actionsOf: Record<string, Action> = {
  credentials: {
    ...{ word: 'replace_credentials', tone: 'danger' },
    fields: (c) => bagField(c, 'credentials', ''),
    change: ({ credentials = {} }) => ({ credentials }),
  },
  settings: {
    ...{ word: 'change_settings', tone: 'main' },
    fields: (c, one, entered) =>
      bagField(c, 'settings', entered.settings ?? JSON.stringify(one.settings, null, 2)),
    change: ({ settings = {} }) => ({ settings }),
  },
  default: {
    ...{ word: 'make_default', tone: 'main' },
    fits: ({ disabled, default: isDefault }) => !disabled && !isDefault,
    fields: hint('make_default_hint'),
    change: () => ({ default: true }),
  },
  disable: {
    ...{ word: 'disable', tone: 'danger' },
    fits: ({ disabled }) => !disabled,
    fields: hint('disable_hint'),
    change: () => ({ disabled: true }),
  },
  enable: {
    ...{ word: 'enable', tone: 'main' },
    fits: ({ disabled }) => disabled,
    fields: hint('enable_hint'),
    change: () => ({ disabled: false }),
  },
}

export function connectionForms(c: Context<Console>, one: Connection, returned: Returned | null): Html {
  const { say } = c.var
  const fitting = Object.entries(actionsOf).filter(([, { fits }]) => fits?.(one) ?? true)
  const tryForm = form(c, returned, { name: 'try', button: 'try_credentials', fields: hint('try_hint')(c) })
  return html`<section class="actions"><h2>${say('actions')}</h2>${tryForm}${fitting.map(
    ([name, { word, tone, fields }]) => {
      const entered = returned?.name === name ? returned.entered : null
      const inner = form(c, returned, { name, button: word, tone, fields: fields(c, one, entered ?? {}) })
      return html`<details${entered ? html` open` : ''}><summary>${say(word)}</summary>${inner}</details>`
    },
  )}</section>`
}

/** Does what a form of the page asks. Null for a form that is none of its. */
export async function doAtConnection(
  c: Context<Console>,
  id: string,
  { name, entered }: Sent,
): Promise<Answered<Connection | Tried> | null> {
  const path = ofMerchant(c, at`/connections/${id}`)
  if (name === 'try') return act<Tried>(c, `${path}/test`, {})
  if (!Object.hasOwn(actionsOf, name)) return null
  const given = bagsIn(c, entered)
  if (given.kind === 'refused') return given
  return act<Connection>(c, path, { method: 'PATCH', body: actionsOf[name]!.change(given.bags) })
}

export function newConnectionForm(c: Context<Console>, returned: Returned | null): Html {
  const { say } = c.var
  const entered = returned?.name === 'connect' ? returned.entered : null
  const fields = [
    choice(
      ...(['new-provider', 'provider', say('provider')] as const),
      providerNames.map((one) => [one, one] as const),
      entered?.provider,
    ),
    bagField(c, 'credentials', ''),
    bagField(c, 'settings', entered?.settings ?? ''),
    choice(
      ...(['new-default', 'default', say('use_as_default')] as const),
      [
        ['', say('default_as_is')],
        ['yes', say('default_yes')],
      ],
      entered?.default,
    ),
  ]
  const inner = form(c, returned, { name: 'connect', button: 'make_connection', fields })
  return html`<section class="actions"><details${entered ? html` open` : ''}><summary>${say('make_connection')}</summary>${inner}</details></section>`
}

/** Makes a connection in the operator's own mode. */
export async function makeConnection(c: Context<Console>, { entered }: Sent): Promise<Answered<Connection>> {
  const given = bagsIn(c, entered)
  if (given.kind === 'refused') return given
  const body = {
    ...{ provider: entered.provider ?? '', livemode: c.var.operator.livemode },
    ...{ credentials: {}, ...given.bags },
    ...(entered.default === 'yes' ? { default: true } : {}),
  }
  return act<Connection>(c, ofMerchant(c, '/connections'), { body })
}

const bagField = (c: Context<Console>, name: 'credentials' | 'settings', value: string): Html =>
  field({
    ...{ id: `field-${name}`, name, label: c.var.say(name), value, rows: 4, maxlength: 20_000 },
    hint: c.var.say(`${name}_hint`),
  })

type Bags = { kind: 'bags'; bags: Given } | { kind: 'refused'; problem: Problem }

/** The JSON that was typed; the refusal names the field and quotes nothing of it. */
function bagsIn(c: Context<Console>, entered: Record<string, string>): Bags {
  const { say } = c.var
  const bags: Record<string, unknown> = {}
  for (const name of ['credentials', 'settings'] as const) {
    const text = entered[name]
    if (text === undefined) continue
    const read = readJson(new TextEncoder().encode(text))
    if (
      read.kind !== 'json' ||
      typeof read.value !== 'object' ||
      read.value === null ||
      Array.isArray(read.value)
    ) {
      const detail = say('not_json', { field: say(name) })
      const problem = { status: 422, code: 'validation_failed', title: say('not_done'), detail }
      return { kind: 'refused', problem }
    }
    bags[name] = read.value
  }
  return { kind: 'bags', bags }
}
