/**
 * Making, changing and trying a connection. Credentials have a field each, as the provider's own schema names them; a form
 * that comes back refused has them no more, since a page must not show them.
 */
import type { Context } from 'hono'
import { html } from 'hono/html'
import { readJson } from '../http/json.ts'
import { providerNames } from '../providers/index.ts'
import type { Connection, Tried } from './connections.ts'
import type { Console } from './console.ts'
import { credentialFields, credentialsIn } from './credentials-part.ts'
import { type Answered, act, at, ofMerchant, type Problem } from './gateway.ts'
import { choice, field, form, type Html, type Piece, type Returned, type Sent } from './parts.ts'
import type { Word } from './texts/texts.ts'

interface Action {
  word: Word
  tone: 'main' | 'danger'
  fits?: (one: Connection) => boolean
  fields: (c: Context<Console>, one: Connection, entered: Record<string, string>) => Piece | readonly Piece[]
  /** What the route is told of the form. */
  change: (given: Given) => object
}

interface Given {
  credentials: object
  settings?: unknown
}

const hint = (word: Word) => (c: Context<Console>) => html`<p class="hint">${c.var.say(word)}</p>`

const actionsOf: Record<string, Action> = {
  credentials: {
    ...{ word: 'replace_credentials', tone: 'danger' },
    fields: (c, { provider }) => credentialFields(c, provider),
    change: ({ credentials }) => ({ credentials }),
  },
  settings: {
    ...{ word: 'change_settings', tone: 'main' },
    fields: (c, one, entered) => settingsField(c, entered.settings ?? JSON.stringify(one.settings, null, 2)),
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

/** Does what a form of the connection's page asks. Null for a form that is none of its. */
export async function doAtConnection(
  c: Context<Console>,
  { id, provider }: Pick<Connection, 'id' | 'provider'>,
  { name, entered }: Sent,
): Promise<Answered<Connection | Tried> | null> {
  const path = ofMerchant(c, at`/connections/${id}`)
  if (name === 'try') return act<Tried>(c, `${path}/test`, {})
  if (!Object.hasOwn(actionsOf, name)) return null
  const read = givenIn(c, provider, entered)
  if (read.kind === 'refused') return read
  return act<Connection>(c, path, { method: 'PATCH', body: actionsOf[name]!.change(read.given) })
}

/** The provider is chosen first, by the page's address, since what its credentials are depends on it. */
export function newConnectionForms(c: Context<Console>, returned: Returned | null): Html {
  const { say } = c.var
  const entered = returned?.name === 'connect' ? returned.entered : {}
  const provider = entered.provider ?? c.req.query('provider')
  const choose = html`<form method="get" class="filters">${choice(
    ...(['new-provider', 'provider', say('provider')] as const),
    providerNames.map((one) => [one, one] as const),
    provider,
  )}<button>${say('continue')}</button></form>`
  const isKnown = provider !== undefined && providerNames.includes(provider)
  return html`<section class="actions"><h2>${say('make_connection')}</h2>${choose}${isKnown && connectForm(c, returned, provider, entered)}</section>`
}

function connectForm(
  c: Context<Console>,
  returned: Returned | null,
  provider: string,
  entered: Record<string, string>,
): Html {
  const { say } = c.var
  const fields = [
    html`<h3>${provider}</h3><input type="hidden" name="provider" value="${provider}">`,
    ...credentialFields(c, provider),
    settingsField(c, entered.settings ?? ''),
    choice(
      ...(['new-default', 'default', say('use_as_default')] as const),
      [
        ['', say('default_as_is')],
        ['yes', say('default_yes')],
      ],
      entered.default,
    ),
  ]
  return form(c, returned, { name: 'connect', button: 'make_connection', fields })
}

/** Makes a connection in the operator's own mode. */
export async function makeConnection(c: Context<Console>, { entered }: Sent): Promise<Answered<Connection>> {
  const { provider = '' } = entered
  const read = givenIn(c, provider, entered)
  if (read.kind === 'refused') return read
  const body = {
    ...{ provider, livemode: c.var.operator.livemode, ...read.given },
    ...(entered.default === 'yes' ? { default: true } : {}),
  }
  return act<Connection>(c, ofMerchant(c, '/connections'), { body })
}

const settingsField = (c: Context<Console>, value: string): Html =>
  field({
    ...{ id: 'field-settings', name: 'settings', label: c.var.say('settings'), value, rows: 4 },
    ...{ maxlength: 20_000, hint: c.var.say('settings_hint') },
  })

type Read = { kind: 'given'; given: Given } | { kind: 'refused'; problem: Problem }

/** What was typed; a refusal quotes nothing of it. */
function givenIn(c: Context<Console>, provider: string, entered: Record<string, string>): Read {
  const { say } = c.var
  const credentials = credentialsIn(provider, entered)
  if (entered.settings === undefined) return { kind: 'given', given: { credentials } }
  const read = readJson(new TextEncoder().encode(entered.settings))
  const isObject =
    read.kind === 'json' &&
    typeof read.value === 'object' &&
    read.value !== null &&
    !Array.isArray(read.value)
  if (isObject) return { kind: 'given', given: { credentials, settings: read.value } }
  const detail = say('not_json', { field: say('settings') })
  const problem = { status: 422, code: 'validation_failed', title: say('not_done'), detail }
  return { kind: 'refused', problem }
}
