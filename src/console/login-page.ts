/** The page for logging in, which also stands in for any other page while nobody is. */
import type { Context } from 'hono'
import { html } from 'hono/html'
import type { Console } from './console.ts'
import { shell } from './frame.ts'
import type { Problem } from './gateway.ts'
import { refusal } from './parts.ts'

interface Asked {
  /** 200 where none is given and nothing was refused. */
  status?: number
  /** Where to go then: a path of the console. */
  to?: string
  refused?: Problem
}

export function loginPage(c: Context<Console>, { status, to, refused }: Asked): Response | Promise<Response> {
  const { say } = c.var
  const main = html`<main id="main" class="alone">
    <h1>${say('log_in')}</h1>
    ${refused && refusal(refused)}
    <form method="post" action="/console/login">
      ${to && html`<input type="hidden" name="to" value="${to}">`}
      <p class="field"><label for="token">${say('operator_token')}</label>
        <input id="token" name="token" type="password" required autocomplete="current-password" spellcheck="false" maxlength="100"></p>
      <p class="hint">${say('log_in_hint')}</p>
      <p><button class="main">${say('log_in')}</button></p>
    </form>
  </main>`
  return c.html(shell(c, say('log_in'), main), (status ?? refused?.status ?? 200) as 200)
}
