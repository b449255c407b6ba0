/** The operator's desk at `/console`: who gets in, and where each page is mounted. docs/console.md says what each is for. */
import { type Context, Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import { asset } from '../http/asset.ts'
import type { Gateway } from '../http/gateway.ts'
import { problem } from '../http/problem.ts'
import { audit } from './audit.ts'
import { connections } from './connections.ts'
import type { Console } from './console.ts'
import { destinations } from './destinations.ts'
import { exceptions } from './exceptions.ts'
import { page, problemPage } from './frame.ts'
import { type Problem, Refused } from './gateway.ts'
import { enter, ownForms } from './guard.ts'
import { login, logout } from './login.ts'
import { loginPage } from './login-page.ts'
import { operators } from './operators.ts'
import { overviewPage } from './overview.ts'
import { payments } from './payments.ts'
import { prepare } from './prepare.ts'
import { reconciliations } from './reconciliations.ts'
import { uploadLimit } from './settlement-forms.ts'

/** The console of a gateway, which it asks for all it shows and all it does. To be mounted at `/console`. */
export function consoleOn(gateway: Hono<Gateway>) {
  const desk = new Hono<Console>()
  desk.onError(showProblem)
  desk.use(prepare(gateway))
  desk.get('/desk.css', (c) => asset(c as unknown as Context<Gateway>, '/console/desk.css'))
  desk.get('/desk.js', (c) => asset(c as unknown as Context<Gateway>, '/console/desk.js'))
  desk.route('/login', login)
  desk.use(enter)
  // Whoever is logged in may send a file; its size is known before it is read as a form.
  desk.use('/reconciliations/*', uploadLimit)
  desk.use(ownForms, problemsAsPages)
  desk.get('/', overviewPage)
  desk.route('/logout', logout)
  desk.route('/payments', payments)
  desk.route('/exceptions', exceptions)
  desk.route('/destinations', destinations)
  desk.route('/reconciliations', reconciliations)
  desk.route('/audit', audit)
  desk.route('/connections', connections)
  desk.route('/operators', operators)
  return desk
}

/** Where the gateway itself has nothing at an address, its problem becomes a page too. */
const problemsAsPages = createMiddleware<Console>(async function drawProblem(c, next) {
  await next()
  if (c.res.headers.get('content-type') !== 'application/problem+json') return
  c.res = await page(c, problemPage(c, await c.res.json<Problem>()))
})

/** A refusal as a page; logged like every other refusal or bug. */
async function showProblem(error: Error, c: Context<Console>): Promise<Response> {
  const answer = error instanceof Refused ? null : problem(c as unknown as Context<Gateway>, error)
  const told = error instanceof Refused ? error.problem : await answer!.json<Problem>()
  if (error instanceof Refused) c.var.log.code = told.code
  const shown =
    c.get('operator') === undefined
      ? await loginPage(c, { refused: told })
      : await page(c, problemPage(c, told))
  const retryAfter = answer?.headers.get('retry-after')
  if (retryAfter) shown.headers.set('retry-after', retryAfter)
  return shown
}
