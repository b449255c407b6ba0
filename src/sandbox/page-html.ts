/** The checkout page's markup. Plain landmarks, headings, labels and buttons: it reads well aloud and works by keyboard. */
import { html, raw } from 'hono/html'
import { decimalOf, exponentOf } from '../domain/money.ts'
import type { PageView } from './book.ts'

/** Form fields by name, to show again what was entered. */
export type Entered = Record<string, string>

export const style = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; --line: #767676; --ink: #1a5fb4 }
body { margin: 0 auto; max-width: 34rem; padding: 1rem }
header p { border: 2px solid; padding: .25rem .75rem; font-weight: bold }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem } dt { opacity: .8 } dd { margin: 0; overflow-wrap: anywhere }
.amount { font-size: 1.6rem; font-weight: bold }
.buttons { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1rem 0 }
button { font: inherit; min-height: 2.75rem; padding: .25rem 1.25rem; border: 2px solid var(--line); border-radius: .4rem; cursor: pointer }
button.main { background: var(--ink); border-color: var(--ink); color: #fff; font-weight: bold }
:focus-visible { outline: 3px solid #e66100; outline-offset: 2px }
fieldset { border: 1px solid var(--line); border-radius: .4rem } fieldset p { margin: .5rem 0 }
input, select { font: inherit; min-height: 1.8rem } input[type=number] { width: 6rem }
.notice { border-left: .4rem solid #c01c28; padding: .5rem 1rem }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .25rem .5rem; border-bottom: 1px solid var(--line) }
`

/** The page of one checkout; `notice` says why the last click did nothing. */
export function checkoutPage(view: PageView, notice: string | null, entered: Entered | null) {
  const over = !view.payable
  return frame(
    `${over ? 'Checkout is over' : 'Pay'} · ${view.orderId}`,
    html`${notice && html`<p class="notice" role="alert">${notice}</p>`}
      <h1>${over ? 'This checkout is over' : 'Pay for your order'}</h1>
      <dl>
        <dt>Order</dt><dd>${view.orderId}</dd>
        ${view.description && html`<dt>Description</dt><dd>${view.description}</dd>`}
        <dt>Amount</dt><dd class="amount">${moneyOf(view.amount, view.currency)}</dd>
        <dt>Pay before</dt><dd><time datetime="${timeOf(view.expiresAt)}">${timeOf(view.expiresAt)}</time></dd>
        <dt>Status</dt><dd>${statusOf(view)}</dd>
      </dl>
      <form method="post">
        <div class="buttons">
          <button class="main" name="choice" value="pay">Pay</button>
          <button name="choice" value="authorize">Authorize only</button>
          <button name="choice" value="decline">Decline</button>
          <button name="choice" value="cancel">Cancel</button>
        </div>
        ${view.captureMethod === 'manual' && html`<p>The shop captures this order itself: paying only holds the money.</p>`}
        ${switches(entered ?? {})}
      </form>
      ${over && html`<p><a href="${view.returnUrl}">Back to the shop</a></p>`} ${reportsTable(view)}`,
  )
}

/** For a reference that names no checkout. */
export function notFoundPage() {
  return frame(
    'No such checkout',
    html`<h1>No such checkout</h1><p>The address names no checkout of this sandbox.</p>`,
  )
}

export function tooLargePage() {
  return frame(
    'Too much',
    html`<h1>Too much</h1><p>The form was larger than this page can have made it. Nothing happened.</p>`,
  )
}

function frame(title: string, main: unknown) {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<title>${title} · Sandbox</title>
<style>${raw(style)}</style>
</head>
<body>
<header><p>Test mode: no real money moves here.</p></header>
<main>${main}</main>
</body>
</html>`
}

function switches(entered: Entered) {
  const tampering = [
    ['none', 'Nothing'],
    ['amount', 'A wrong amount'],
    ['currency', 'A wrong currency'],
    ['order', 'Another order'],
    ['signature', 'A wrong signature'],
  ] as const
  return html`<fieldset>
    <legend>How the sandbox reports it to the shop</legend>
    <p><label for="late">Late, by seconds</label>
      <input id="late" name="late" type="number" min="0" max="3600" value="${entered.late ?? '0'}"></p>
    <p><label for="repeated">Repeated, times in all</label>
      <input id="repeated" name="repeated" type="number" min="1" max="20" value="${entered.repeated ?? '1'}"></p>
    <p><label for="tampered">Tampered with</label>
      <select id="tampered" name="tampered">${tampering.map(
        ([value, text]) =>
          html`<option value="${value}"${entered.tampered === value ? html` selected` : ''}>${text}</option>`,
      )}</select></p>
    ${box('reordered', 'Reordered: older news after newer news', entered)}
    ${box('lost', 'Lost: never sent', entered)}
    ${box('anyway', 'The bank takes it anyway: pay after the end, or a second time', entered)}
  </fieldset>`
}

function box(name: string, label: string, entered: Entered) {
  return html`<p><input type="checkbox" id="${name}" name="${name}"${entered[name] === 'on' ? html` checked` : ''}>
    <label for="${name}">${label}</label></p>`
}

function reportsTable(view: PageView) {
  if (view.reports.length === 0) return ''
  return html`<h2>Reports</h2>
    <table>
      <thead><tr><th scope="col">Report</th><th scope="col">Tries</th><th scope="col">Last answer</th></tr></thead>
      <tbody>${view.reports.map(
        (report) =>
          html`<tr><td>${report.type}</td><td>${report.tries}</td><td>${answerOf(report)}</td></tr>`,
      )}</tbody>
    </table>`
}

function answerOf(report: PageView['reports'][number]): string {
  const answer = report.answered === 0 ? 'none' : (report.answered ?? 'not sent yet')
  return report.waiting && report.answered !== null ? `${answer}, to be sent again` : String(answer)
}

function statusOf(view: PageView): string {
  if (view.payable) return 'waiting for you'
  if (view.expired) return 'expired'
  return view.happened
    .map(({ type, amount }) =>
      type === 'failed'
        ? 'declined'
        : type === 'canceled'
          ? type
          : `${type} ${moneyOf(amount, view.currency)}`,
    )
    .join(', then ')
}

function moneyOf(amount: number, currency: string): string {
  return exponentOf(currency) === undefined
    ? `${amount} ${currency}`
    : `${decimalOf(amount, currency)} ${currency}`
}

function timeOf(at: number): string {
  return new Date(at).toISOString()
}
