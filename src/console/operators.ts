/** Operators and keys of a merchant, which its administrators make and revoke. What is made is shown once, in the answer. */
import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import type { keyView, operatorView } from '../http/admin-keys.ts'
import type { Console } from './console.ts'
import { secretNotice } from './destination.ts'
import { done } from './flash.ts'
import { time } from './format.ts'
import { page } from './frame.ts'
import { type Act, type Answered, act, at, type List, ofMerchant, read } from './gateway.ts'
import { instantOf } from './local-time.ts'
import {
  choice,
  field,
  form,
  type Html,
  older,
  type Piece,
  type Returned,
  type Sent,
  sentIn,
  table,
  tag,
} from './parts.ts'

type Key = ReturnType<typeof keyView>
type Operator = ReturnType<typeof operatorView>

export const operators = new Hono<Console>()
  .get('/', (c) => staffPage(c, null))
  .post('/', async (c) => {
    const sent = await sentIn(c)
    const answered = await doWithStaff(c, sent)
    if (answered === null) return staffPage(c, null)
    if (answered.kind === 'refused') return staffPage(c, { ...sent, problem: answered.problem })
    const secret = answered.body.token ?? answered.body.key
    // It is in this answer and nowhere else: there is nothing to send the browser on to.
    return secret === undefined ? done(c, '/console/operators', 'done_revoked') : staffPage(c, null, secret)
  })

async function staffPage(c: Context<Console>, returned: Returned | null, secret?: string): Promise<Response> {
  const { say } = c.var
  const { cursor, older_keys: keysFrom } = c.req.query()
  const [staff, keys] = await Promise.all([
    read<List<Operator>>(c, ofMerchant(c, '/operators'), { cursor, limit: 50 }),
    read<List<Key>>(c, ofMerchant(c, '/keys'), { cursor: keysFrom, limit: 50 }),
  ])
  return page(c, {
    title: say('operators_and_keys'),
    returned,
    main: [
      secret !== undefined && secretNotice(c, secret, 'token_shown_once'),
      html`<section><h2>${say('operators')}</h2>${operatorTable(c, staff.data, returned)}${older(c, staff.next_cursor)}
        ${folded(c, returned, 'operator', operatorForm(c, returned))}</section>`,
      html`<section><h2>${say('keys')}</h2>${keyTable(c, keys.data, returned)}${older(c, keys.next_cursor, { name: 'older_keys' })}
        ${folded(c, returned, 'key', keyForm(c, returned))}</section>`,
    ],
  })
}

type Made = Partial<Record<'token' | 'key', string>>

/** Does what a form of the page asks, in the operator's own mode. Null for a form that is none of its. */
async function doWithStaff(c: Context<Console>, { name, entered }: Sent): Promise<Answered<Made> | null> {
  const { livemode } = c.var.operator
  const { expires, ...rest } = entered
  const revoking: Act = { method: 'DELETE' }
  if (name.startsWith('revoke-opr_')) return act(c, ofMerchant(c, at`/operators/${name.slice(7)}`), revoking)
  if (name.startsWith('revoke-key_')) return act(c, ofMerchant(c, at`/keys/${name.slice(7)}`), revoking)
  if (name === 'key') return act(c, ofMerchant(c, '/keys'), { body: { ...rest, livemode } })
  if (name !== 'operator') return null
  // What is no time goes as it was typed, to be refused by the route.
  const ends = expires === undefined ? {} : { expires_at: instantOf(expires, c.var.zone) ?? expires }
  return act(c, ofMerchant(c, '/operators'), { body: { ...rest, ...ends, livemode } })
}

function operatorTable(c: Context<Console>, staff: readonly Operator[], returned: Returned | null): Html {
  const { say } = c.var
  return table({
    label: say('operators'),
    head: [
      say('name'),
      say('role'),
      say('status'),
      say('id'),
      say('expires'),
      say('created'),
      say('actions'),
    ],
    rows: staff.map((one) => [
      html`${one.name} ${one.access_email && html`<span class="hint">${one.access_email}</span>`}`,
      say(`role_${one.role ?? 'viewer'}`),
      stateOf(c, one),
      html`<code>${one.id}</code>`,
      time(c, one.expires_at),
      time(c, one.created_at),
      one.id === c.var.operator.id ? say('you') : revokeForm(c, returned, one),
    ]),
    empty: say('no_operators'),
  })
}

function keyTable(c: Context<Console>, keys: readonly Key[], returned: Returned | null): Html {
  const { say } = c.var
  return table({
    label: say('keys'),
    head: [say('key_kind'), say('status'), say('id'), say('created'), say('actions')],
    rows: keys.map((one) => [
      say(one.kind === 'publishable' ? 'key_publishable' : 'key_secret'),
      stateOf(c, one),
      html`<code>${one.id}</code>`,
      time(c, one.created_at),
      revokeForm(c, returned, one),
    ]),
    empty: say('no_keys'),
  })
}

function stateOf(c: Context<Console>, one: Key | Operator): Html {
  const { say } = c.var
  if (one.revoked_at !== null) return html`${tag(say('revoked'), 'plain')} ${time(c, one.revoked_at)}`
  const isOver = 'expires_at' in one && one.expires_at !== null && Date.parse(one.expires_at) <= c.var.now
  return isOver ? tag(say('expired_token'), 'plain') : tag(say('valid'), 'good')
}

const revokeForm = (
  c: Context<Console>,
  returned: Returned | null,
  { id, revoked_at }: Key | Operator,
): Piece =>
  revoked_at !== null ? '–' : form(c, returned, { name: `revoke-${id}`, button: 'revoke', tone: 'danger' })

/** A form behind its own words, until somebody wants it. */
function folded(c: Context<Console>, returned: Returned | null, name: 'operator' | 'key', inner: Html): Html {
  const open = returned?.name === name ? html` open` : ''
  return html`<div class="actions"><details${open}><summary>${c.var.say(`make_${name}`)}</summary>${inner}</details></div>`
}

function operatorForm(c: Context<Console>, returned: Returned | null): Html {
  const { say, zone } = c.var
  const entered = returned?.name === 'operator' ? returned.entered : {}
  const roles = (['viewer', 'operator', 'admin'] as const).map((one) => [one, say(`role_${one}`)] as const)
  return form(c, returned, {
    ...{ name: 'operator', button: 'make_operator' },
    fields: [
      field({
        id: 'operator-name',
        name: 'name',
        label: say('name'),
        value: entered.name,
        required: true,
        maxlength: 200,
      }),
      choice('operator-role', 'role', say('role'), roles, entered.role),
      field({
        ...{ id: 'operator-expires', name: 'expires', label: say('expires'), type: 'datetime-local' },
        ...{ value: entered.expires, hint: `${say('expires_hint')} ${say('zone_is', { zone })}` },
      }),
    ],
  })
}

function keyForm(c: Context<Console>, returned: Returned | null): Html {
  const { say } = c.var
  const kinds = (['secret', 'publishable'] as const).map((one) => [one, say(`key_${one}`)] as const)
  return form(c, returned, {
    ...{ name: 'key', button: 'make_key' },
    fields: choice('key-kind', 'kind', say('key_kind'), kinds),
  })
}
