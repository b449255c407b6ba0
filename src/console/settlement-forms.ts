/**
 * Sending settlement files from a form. The file is the body of the route that takes it, which reads it as it comes; only the
 * form around it is held in memory, and therefore may be smaller here than over the API.
 */
import type { Context, MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'
import { html } from 'hono/html'
import { layouts } from '../domain/settlement/layouts.ts'
import type { PaymentView } from '../domain/view.ts'
import type { viewOf as connectionView } from '../http/admin-connections.ts'
import { largestBody } from '../http/body-limit.ts'
import type { Gateway } from '../http/gateway.ts'
import type { viewOf } from '../http/reconciliation-views.ts'
import { encodings } from '../reconciliation/read-file.ts'
import type { Console } from './console.ts'
import { type Answered, act, asked, at, type List, ofMerchant, type Problem, read } from './gateway.ts'
import { instantOf } from './local-time.ts'
import { choice, field, form, type Html, type Returned, type Sent } from './parts.ts'
import type { Word } from './texts/texts.ts'

export type Reconciliation = ReturnType<typeof viewOf>

const MOST_MIB = 8
/** What a form has beside its file. */
const AROUND = 64 * 1_024

/** Throws `body_too_large` for a form that is larger than any of these pages takes. */
export const uploadLimit: MiddlewareHandler<Console> = createMiddleware<Console>(
  function limitUpload(c, next) {
    const detail = c.var.say('file_too_large', { most: MOST_MIB })
    const limit = largestBody(MOST_MIB * 1_048_576 + AROUND, detail)
    return limit(c as unknown as Context<Gateway>, next) as Promise<void>
  },
)

/** Makes a reconciliation of the form's file; sent twice, the form makes one. */
export async function reconcileFile(
  c: Context<Console>,
  { key, entered }: Sent,
): Promise<Answered<Reconciliation>> {
  const { encoding, from, to, ...rest } = entered
  const { zone } = c.var
  const period = {
    from: instantOf(from ?? '', zone) ?? from ?? '',
    to: instantOf(to ?? '', zone) ?? to ?? '',
  }
  const query = new URLSearchParams({ ...rest, ...period })
  return sendFile(c, `/v1/reconciliations?${query}`, encoding, { 'idempotency-key': key })
}

export const addFile = (
  c: Context<Console>,
  id: string,
  { entered }: Sent,
): Promise<Answered<Reconciliation>> => sendFile(c, at`/v1/reconciliations/${id}/files`, entered.encoding, {})

export const runAgain = (c: Context<Console>, id: string): Promise<Answered<Reconciliation>> =>
  act(c, at`/v1/reconciliations/${id}/run`, {})

async function sendFile(
  c: Context<Console>,
  path: string,
  encoding: string | undefined,
  headers: Record<string, string>,
): Promise<Answered<Reconciliation>> {
  const { file } = await c.req.parseBody()
  if (!(file instanceof File) || file.size === 0) return { kind: 'refused', problem: noFile(c) }
  const type = `text/csv; charset=${encoding ?? encodings[0]}`
  return asked(c, path, {
    method: 'POST',
    headers: { ...headers, 'content-type': type },
    body: file.stream(),
  })
}

const noFile = ({ var: { say } }: Context<Console>): Problem => ({
  ...{ status: 422, code: 'validation_failed', title: say('not_done'), detail: say('file_missing') },
})

export async function reconcileForm(c: Context<Console>, returned: Returned | null): Promise<Html> {
  const { say, zone } = c.var
  const entered = returned?.name === 'reconcile' ? returned.entered : {}
  const text = (name: string, label: Word, more: object = {}) =>
    field({ id: `reconcile-${name}`, name, label: say(label), value: entered[name], ...more })
  const layoutNames = Object.keys(layouts).map((one) => [one, one] as const)
  return form(c, returned, {
    ...{ name: 'reconcile', button: 'upload', hasFile: true },
    fields: [
      await connectionField(c, entered.connection_id),
      html`<p class="hint">${say('zone_is', { zone })}</p>`,
      text('from', 'from', { type: 'date', required: true }),
      text('to', 'to', { type: 'date', required: true }),
      fileField(c, 'reconcile'),
      encodingField(c, 'reconcile', entered.encoding),
      choice(
        ...(['reconcile-layout', 'layout', say('layout')] as const),
        [['', say('layout_usual')], ...layoutNames],
        entered.layout,
      ),
      text('grace_days', 'grace_days', { type: 'number', value: entered.grace_days ?? '3' }),
      text('files', 'files_expected', {
        type: 'number',
        value: entered.files ?? '1',
        hint: say('files_hint'),
      }),
      text('mapping', 'mapping', { rows: 3, maxlength: 8_192, hint: say('mapping_hint') }),
    ],
  })
}

export const addFileForm = (c: Context<Console>, returned: Returned | null): Html =>
  form(c, returned, {
    ...{ name: 'add', button: 'add_file', hasFile: true },
    fields: [
      fileField(c, 'add'),
      encodingField(c, 'add', returned?.name === 'add' ? returned.entered.encoding : ''),
    ],
  })

const fileField = ({ var: { say } }: Context<Console>, of: string): Html =>
  html`<p class="field"><label for="${of}-file">${say('file')}</label>
    <input id="${of}-file" name="file" type="file" accept=".csv,text/csv" required aria-describedby="${of}-file-hint">
    <span class="hint" id="${of}-file-hint">${say('file_hint', { most: MOST_MIB })}</span></p>`

const encodingField = (c: Context<Console>, of: string, chosen: string | undefined): Html =>
  choice(
    ...([`${of}-encoding`, 'encoding', c.var.say('encoding')] as const),
    encodings.map((one) => [one, one] as const),
    chosen,
  )

/** A connection's id, with those that the operator can know of offered. */
async function connectionField(c: Context<Console>, entered: string | undefined): Promise<Html> {
  const { say } = c.var
  const known = await connectionsKnown(c)
  const [only] = known.length === 1 ? known : []
  return html`<p class="field"><label for="reconcile-connection">${say('connection')}</label>
    <input id="reconcile-connection" name="connection_id" list="connections" required maxlength="64" value="${entered ?? only?.[0] ?? ''}" aria-describedby="reconcile-connection-hint">
    <datalist id="connections">${known.map(([id, provider]) => html`<option value="${id}">${provider}</option>`)}</datalist>
    <span class="hint" id="reconcile-connection-hint">${say('connection_hint')}</span></p>`
}

/** An administrator knows all of them; others those that the newest payments went through. */
async function connectionsKnown(c: Context<Console>): Promise<[id: string, provider: string][]> {
  if (c.var.operator.role === 'admin') {
    const path = ofMerchant(c, '/connections')
    const { data } = await read<List<ReturnType<typeof connectionView>>>(c, path, { limit: 100 })
    return data.map(({ id, provider }) => [id, provider])
  }
  const { data } = await read<List<PaymentView>>(c, '/v1/payments', { limit: 100 })
  const seen = new Map(data.map(({ connection_id, provider }) => [connection_id ?? '', provider ?? '']))
  seen.delete('')
  return [...seen]
}
