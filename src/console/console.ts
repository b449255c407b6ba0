/** What every page of the console finds in its Hono context, beside what the gateway puts there. */
import type { Hono } from 'hono'
import type { Gateway } from '../http/gateway.ts'
import type { KeyRecord } from '../store/keys.ts'
import type { Session } from './session.ts'
import type { Language, Say } from './texts/texts.ts'

export interface Console {
  Bindings: Gateway['Bindings']
  Variables: Gateway['Variables'] & {
    /** The gateway's own application, which pages ask for all they show and all they do. */
    gateway: Hono<Gateway>
    /** Allows the page's own style and script, and no other. */
    nonce: string
    language: Language
    /** The text for a word, in the page's language. */
    say: Say
    /** The operator's IANA time zone, as its browser told; UTC until it has. */
    zone: string
    /** Who is logged in; only behind `enter`. */
    operator: KeyRecord
    session: Session
    /** Proves that a form is a page's own, for this session. */
    formToken: string
  }
}
