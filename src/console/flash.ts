/** One sentence that the next page shows: what the last form has done. */
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { Console } from './console.ts'
import { isWord, type Word } from './texts/texts.ts'

const NAME = 'tollgate-done'
const attributes = { prefix: 'host', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const

/** Sends the browser on, where it will read the sentence. */
export function done(c: Context<Console>, to: string, word: Word): Response {
  setCookie(c, NAME, word, { ...attributes, maxAge: 60 })
  return c.redirect(to, 303)
}

/** The sentence, once; null when there is none. */
export function takeDone(c: Context<Console>): string | null {
  const word = getCookie(c, NAME, 'host')
  if (word === undefined) return null
  deleteCookie(c, NAME, attributes)
  return isWord(word) ? c.var.say(word) : null
}
