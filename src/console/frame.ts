/** What surrounds every page: head, menu, language, who is logged in. */
import type { Context } from 'hono'
import { html } from 'hono/html'
import type { Console } from './console.ts'
import { takeDone } from './flash.ts'
import { type List, type Problem, read } from './gateway.ts'
import { type Html, type Piece, type Returned, refusal, tag } from './parts.ts'
import { languages, type Word } from './texts/texts.ts'

/** The menu. A new page is entered here; one whose routes are an administrator's is shown to nobody else. */
const menu: readonly (readonly [path: string, word: Word, only?: 'admin'])[] = [
  ['/console', 'overview'],
  ['/console/payments', 'payments'],
  ['/console/exceptions', 'exceptions'],
  ['/console/destinations', 'destinations'],
  ['/console/reconciliations', 'reconciliations'],
  ['/console/audit', 'audit'],
  ['/console/connections', 'connections', 'admin'],
  ['/console/operators', 'operators_and_keys', 'admin'],
]

export interface Page {
  title: string
  main: Piece | readonly Piece[]
  status?: number
  /** The form that brought here and was refused. */
  returned?: Returned | null
}

/** A page of the console for who is logged in. */
export async function page(
  c: Context<Console>,
  { title, main, returned, status = returned?.problem.status ?? 200 }: Page,
): Promise<Response> {
  const { say } = c.var
  const said = takeDone(c)
  const body = html`${await header(c)}
    <main id="main">
      <h1>${title}</h1>
      ${said && html`<p class="notice good" role="status">${said}</p>`}
      ${returned && !returned.isDrawn && refusal(returned.problem)}
      ${main}
    </main>
    <footer><p>${say('zone_is', { zone: c.var.zone })}</p></footer>`
  return c.html(shell(c, title, body), status as 200)
}

export const problemPage = (c: Context<Console>, problem: Problem): Page => ({
  title: c.var.say(problem.status === 404 ? 'not_found' : 'not_done'),
  main: refusal(problem),
  status: problem.status,
})

/** The document itself. The script only adds: pages are read and forms are sent without it. */
export function shell(c: Context<Console>, title: string, body: Html) {
  const { language, nonce, say, zone } = c.var
  return html`<!doctype html>
<html lang="${language}" data-zone="${zone}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${title} · Tollgate</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" nonce="${nonce}" href="/console/desk.css">
<script nonce="${nonce}" src="/console/desk.js" defer></script>
</head>
<body>
<a class="skip" href="#main">${say('skip')}</a>
${languageSwitch(c)}
${body}
</body>
</html>`
}

async function header(c: Context<Console>): Promise<Html> {
  const { say, operator, formToken } = c.var
  const waiting = await waitingCount(c)
  const { pathname } = new URL(c.req.url)
  const pages = menu.filter(([, , only]) => only === undefined || operator.role === only)
  return html`<header>
    <p class="brand"><a href="/console">Tollgate</a> ${tag(say(operator.livemode ? 'mode_live' : 'mode_test'), operator.livemode ? 'bad' : 'plain')}</p>
    <nav aria-label="${say('menu')}"><ul>${pages.map(
      ([path, word]) =>
        html`<li><a href="${path}"${isWithin(pathname, path) ? html` aria-current="page"` : ''}>${say(word)}${
          path === '/console/exceptions'
            ? html` <span class="count" id="waiting" data-live>${waiting}</span>`
            : ''
        }</a></li>`,
    )}</ul></nav>
    <form method="post" action="/console/logout" class="who">
      <span>${operator.name ?? operator.id} · ${say(`role_${operator.role ?? 'viewer'}`)}</span>
      <input type="hidden" name="form_token" value="${formToken}">
      <button>${say('log_out')}</button>
    </form>
  </header>`
}

const isWithin = (pathname: string, path: string) =>
  pathname === path || (path !== '/console' && pathname.startsWith(`${path}/`))

const MOST_COUNTED = 100

/** How many exceptions wait, or that there are more than anybody counts; nothing where the list cannot be read. */
async function waitingCount(c: Context<Console>): Promise<string> {
  try {
    const query = { status: 'open', limit: MOST_COUNTED }
    const { data, next_cursor } = await read<List<unknown>>(c, '/v1/exceptions', query)
    return next_cursor === null ? String(data.length) : `${MOST_COUNTED}+`
  } catch {
    return ''
  }
}

/** Links to this page in each language. */
function languageSwitch(c: Context<Console>): Html {
  const address = new URL(c.req.url)
  const links = languages.map((language) => {
    address.searchParams.set('language', language)
    const current = language === c.var.language ? html` aria-current="true"` : ''
    return html`<li><a href="${address.pathname}${address.search}" lang="${language}" hreflang="${language}"${current}>${names[language]}</a></li>`
  })
  return html`<nav class="languages" aria-label="${c.var.say('language')}"><ul>${links}</ul></nav>`
}

const names = { en: 'English', hy: 'Հայերեն', ru: 'Русский' } as const
