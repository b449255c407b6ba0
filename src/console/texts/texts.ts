/**
 * Every text of the console in its three languages. A text that lacks one does not compile, and a page can only ask for
 * words that are here. What the gateway itself says (problems, reasons in journals) stays in its own English.
 */
import { actionTexts } from './actions.ts'
import { auditTexts } from './audit.ts'
import { connectionTexts } from './connections.ts'
import { destinationTexts } from './destinations.ts'
import { exceptionTexts } from './exceptions.ts'
import { frameTexts } from './frame.ts'
import { journalTexts } from './journal.ts'
import { operatorTexts } from './operators.ts'
import { overviewTexts } from './overview.ts'
import { paymentTexts } from './payments.ts'
import { reconciliationTexts } from './reconciliations.ts'
import { statusTexts } from './statuses.ts'

export const languages = ['en', 'hy', 'ru'] as const
export type Language = (typeof languages)[number]

const texts = {
  ...frameTexts,
  ...statusTexts,
  ...paymentTexts,
  ...journalTexts,
  ...actionTexts,
  ...exceptionTexts,
  ...overviewTexts,
  ...destinationTexts,
  ...connectionTexts,
  ...operatorTexts,
  ...auditTexts,
  ...reconciliationTexts,
}

export type Word = keyof typeof texts

export const isWord = (text: string): text is Word => Object.hasOwn(texts, text)
export const isLanguage = (text: string): text is Language => (languages as readonly string[]).includes(text)

/** The text for a word; `{name}` in it is replaced by the value of that name. */
export type Say = (word: Word, values?: Record<string, string | number>) => string

export function sayIn(language: Language): Say {
  const index = languages.indexOf(language)
  return (word, values = {}) =>
    texts[word][index]!.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

/** The text for what the gateway calls by this name, such as `status_paid`; the name itself where we have no text. */
export function sayOr(say: Say, prefix: string, name: string): string {
  const word = `${prefix}_${name}`
  return isWord(word) ? say(word) : name.replaceAll('_', ' ')
}
