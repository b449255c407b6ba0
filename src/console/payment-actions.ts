/**
 * What an operator does about a payment. A form is offered where its command may succeed, by the domain's own tables; whether
 * it does is for the gateway to say, whose refusal comes back beside the form.
 */
import type { Context } from 'hono'
import { html } from 'hono/html'
import { correctionTable } from '../domain/corrections.ts'
import { decimalOf, minorUnitsOf } from '../domain/money.ts'
import type { PaymentStatus } from '../domain/payment.ts'
import type { PaymentView } from '../domain/view.ts'
import type { Console } from './console.ts'
import { money, plainDecimal } from './format.ts'
import { type Act, type Answered, act, at, type Problem, read } from './gateway.ts'
import { choice, field, form, type Html, type Piece, type Returned, type Sent } from './parts.ts'
import { sayOr, type Word } from './texts/texts.ts'
import { sessionStateOf } from './tracks.ts'

interface Action {
  word: Word
  tone: 'main' | 'danger'
  /** Whether the payment, as it stands, may take it. */
  fits: (payment: PaymentView) => boolean
  fields: (c: Context<Console>, payment: PaymentView, entered: Record<string, string>) => readonly Piece[]
  /** What the operator is told once it is done. */
  done: Word
}

const statusOf = (payment: PaymentView) => payment.status as PaymentStatus
const holding = ({ sessions }: PaymentView) => sessions.filter(({ status }) => status === 'completed')
const leftToRefund = (payment: PaymentView) =>
  holding(payment).reduce((sum, one) => sum + one.amount_captured - one.amount_refunded, 0)

const actionsOf = {
  sync: {
    ...{ word: 'ask_provider', tone: 'main', done: 'done_asked' },
    fits: ({ sessions }) => sessions.length > 0,
    fields: (c) => [html`<p class="hint">${c.var.say('ask_hint')}</p>`],
  },
  capture: {
    ...{ word: 'capture', tone: 'main', done: 'done_captured' },
    fits: (payment) => ['authorized', 'pending'].includes(payment.status) && payment.sessions.length > 0,
    fields: (c, payment, entered) => [
      amountField(c, 'capture', payment.currency, entered.amount, payment.amount_authorized),
      sessionField(c, 'capture', payment, entered),
    ],
  },
  cancel: {
    ...{ word: 'cancel', tone: 'danger', done: 'done_canceled' },
    fits: (payment) => payment.sessions.some((one) => sessionStateOf(one) === 'authorized'),
    fields: (c, payment, entered) => [
      html`<p class="hint">${c.var.say('cancel_hint')}</p>`,
      sessionField(c, 'cancel', payment, entered),
    ],
  },
  refunds: {
    ...{ word: 'refund', tone: 'danger', done: 'done_refunded' },
    fits: (payment) => leftToRefund(payment) > 0,
    fields: (c, payment, entered) => [
      amountField(c, 'refunds', payment.currency, entered.amount, leftToRefund(payment)),
      sessionField(c, 'refunds', payment, entered),
      field({
        id: 'refunds-reason',
        name: 'reason',
        label: c.var.say('reason'),
        value: entered.reason,
        maxlength: 200,
      }),
    ],
  },
  corrections: {
    ...{ word: 'correct', tone: 'danger', done: 'done_corrected' },
    fits: (payment) => correctionTable[statusOf(payment)].length > 0,
    fields: (c, payment, entered) => correctionFields(c, payment, entered),
  },
} as const satisfies Record<string, Action>

type ActionName = keyof typeof actionsOf
const isAction = (name: string): name is ActionName => Object.hasOwn(actionsOf, name)

/** The forms that fit, each folded until somebody wants it; nothing for who only looks. */
export function actions(c: Context<Console>, payment: PaymentView, returned: Returned | null): Html | null {
  if (c.var.operator.role === 'viewer') return null
  const fitting = Object.entries<Action>(actionsOf).filter(([, { fits }]) => fits(payment))
  return html`<section class="actions"><h2>${c.var.say('actions')}</h2>${fitting.map(
    ([name, { word, tone, fields }]) => {
      const isReturned = returned?.name === name
      const entered = isReturned ? returned.entered : {}
      const inner = form(c, returned, { name, button: word, tone, fields: fields(c, payment, entered) })
      return html`<details${isReturned ? html` open` : ''}><summary>${c.var.say(word)}</summary>${inner}</details>`
    },
  )}</section>`
}

function amountField(
  c: Context<Console>,
  of: string,
  currency: string,
  entered: string | undefined,
  most: number,
): Piece {
  const { say } = c.var
  return field({
    ...{
      id: `${of}-amount`,
      name: 'amount',
      label: `${say('amount')}, ${currency}`,
      value: entered,
      maxlength: 20,
    },
    ...{
      inputmode: 'decimal',
      hint: most === 0 ? say('amount_hint') : say('amount_hint_most', { most: money(c, most, currency) }),
    },
  })
}

/** Asked only where several sessions hold money, as the gateway then wants to know which. */
function sessionField(
  c: Context<Console>,
  of: string,
  payment: PaymentView,
  entered: Record<string, string>,
): Piece {
  const several = holding(payment)
  if (several.length < 2) return null
  const options = several.map(
    (one) =>
      [
        one.id,
        `#${one.attempt} · ${one.provider} · ${money(c, one.amount_captured || one.amount_authorized, one.currency)}`,
      ] as const,
  )
  return choice(`${of}-session`, 'session_id', c.var.say('session'), options, entered.session_id)
}

function correctionFields(
  c: Context<Console>,
  payment: PaymentView,
  entered: Record<string, string>,
): readonly Piece[] {
  const { say } = c.var
  const to = correctionTable[statusOf(payment)].map((one) => [one, sayOr(say, 'status', one)] as const)
  const { currency, amount } = payment
  const known = Object.keys(entered).length > 0 ? entered : waiting(c, payment)
  return [
    html`<p class="hint">${say('correct_hint')}</p>`,
    choice('corrections-to', 'to_status', say('to_status'), to, known.to_status),
    field({
      id: 'corrections-reason',
      name: 'reason',
      label: say('reason'),
      value: entered.reason,
      required: true,
      rows: 2,
    }),
    field({
      ...{
        id: 'corrections-evidence',
        name: 'evidence',
        label: say('evidence'),
        value: entered.evidence,
        rows: 2,
      },
      ...{ maxlength: 2_000, hint: say('evidence_hint') },
    }),
    field({
      ...{
        id: 'corrections-amount',
        name: 'amount',
        label: `${say('amount')}, ${currency}`,
        value: known.amount,
        maxlength: 20,
      },
      ...{ inputmode: 'decimal', hint: say('correct_amount_hint', { most: decimalOf(amount, currency) }) },
    }),
  ]
}

/** The correction that waits for a second person; null when none does, or its time is over. */
export function proposedIn({ var: { now } }: Context<Console>, payment: PaymentView) {
  const { proposed_correction: proposed } = payment
  return proposed !== null && now < Date.parse(proposed.expires_at) ? proposed : null
}

/** What the second person approves by asking for the very same. */
function waiting(c: Context<Console>, payment: PaymentView): Record<string, string> {
  const proposed = proposedIn(c, payment)
  if (proposed === null) return {}
  const amount = proposed.amount === null ? {} : { amount: decimalOf(proposed.amount, payment.currency) }
  return { to_status: proposed.to_status, ...amount }
}

/** Does what a form of the payment's page asks, and says what to tell the operator. Null for a form that is none of its. */
export async function doAction(
  c: Context<Console>,
  id: string,
  { name, key, entered }: Sent,
): Promise<Answered<{ in_doubt?: boolean } & { said: Word }> | null> {
  if (name.startsWith('retry-'))
    return said(await act(c, at`/v1/deliveries/${entered.delivery ?? ''}/retry`, {}), 'done_retried')
  if (!isAction(name)) return null
  const body = await bodyOf(c, id, entered)
  if (body === null) return { kind: 'refused', problem: unclearAmount(c) }
  const asked: Act = { body, key }
  const answered = await act<PaymentView>(c, at`/v1/payments/${id}/${name}`, asked)
  const isProposed =
    name === 'corrections' && answered.kind === 'done' && answered.body?.proposed_correction != null
  return said(answered, isProposed ? 'done_proposed' : actionsOf[name].done)
}

function said<T>(answered: Answered<T>, word: Word): Answered<{ said: Word }> {
  if (answered.kind === 'refused') return answered
  const isUncertain = answered.status === 202 && word !== 'done_retried' && word !== 'done_proposed'
  return { ...answered, body: { said: isUncertain ? 'done_in_doubt' : word } }
}

/** The form's fields as the route takes them, its amount in minor units; null when the amount is none. */
async function bodyOf(
  c: Context<Console>,
  id: string,
  { amount, ...entered }: Record<string, string>,
): Promise<object | null> {
  if (amount === undefined) return entered
  const { currency } = await read<PaymentView>(c, at`/v1/payments/${id}`)
  const minor = minorUnitsOf(plainDecimal(amount), currency)
  return minor === null ? null : { ...entered, amount: minor }
}

const unclearAmount = ({ var: { say } }: Context<Console>): Problem => ({
  ...{ status: 422, code: 'validation_failed', title: say('not_done'), detail: say('amount_unclear') },
})
