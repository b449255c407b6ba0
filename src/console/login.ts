/** Logging in and out: an operator's token for a session, and the end of it. */
import { type Context, Hono } from 'hono'
import { readApiKey } from '../crypto/api-keys.ts'
import { GatewayError } from '../domain/errors.ts'
import type { Gateway } from '../http/gateway.ts'
import { limitVisits } from '../http/rate-limit.ts'
import { findKey } from '../store/directory.ts'
import type { KeyRecord } from '../store/keys.ts'
import type { Console } from './console.ts'
import { fromHere, isValid } from './guard.ts'
import { loginPage } from './login-page.ts'
import { aSession, drop, keep } from './session.ts'

export const login = new Hono<Console>()
  .get('/', (c) => loginPage(c, {}))
  .post('/', async (c) => {
    // Counted before the token is looked at: past the limit a right guess is refused like a wrong one.
    await limitVisits(c as unknown as Context<Gateway>, 'console')
    fromHere(c)
    const { token, to } = await c.req.parseBody()
    const operator = await operatorBy(c, typeof token === 'string' ? token.trim() : '')
    if (operator === null)
      throw new GatewayError({ code: 'unauthorized', detail: c.var.say('token_refused') })
    c.var.log.caller = operator.id
    await keep(c, aSession(operator.hash, c.var.now))
    return c.redirect(placeIn(to), 303)
  })

/** Behind `enter` and `ownForms`. */
export const logout = new Hono<Console>().post('/', (c) => {
  drop(c)
  return c.redirect('/console/login', 303)
})

async function operatorBy(c: Context<Console>, token: string): Promise<KeyRecord | null> {
  const read = readApiKey(token)
  if (read === null || read.kind !== 'operator') return null
  const operator = await findKey(c.env, read.hash, c.var.now)
  return operator !== null && isValid(operator, c.var.now) ? operator : null
}

/** Where a form says to go, as long as that is in the console: anybody may write a link to the page for logging in. */
function placeIn(to: unknown): string {
  const isPlace =
    typeof to === 'string' &&
    to.length < 2_000 &&
    /^(?!.*\.\.)\/console(\/(?!login)[\w\-./]*)?(\?[\w\-.~%&=+]*)?$/.test(to)
  return isPlace ? to : '/console'
}
