/**
 * A report's body as the object may keep it: cut, and without what must not be kept at all. Names are matched, since
 * providers nest them anywhere, and any run of digits that could be a card number goes too.
 */

const LIMIT = 16_384
const REMOVED = '[removed]'

const secretName =
  /card|pan$|cvv|cvc|expir(y|ation)_?(month|year|date)?$|exp_(month|year)|holder|secret|password|token|signature|checksum|^name$|first_?name|last_?name|full_?name|payer|buyer|customer|e?mail|phone|address|birth|iban|account_?number/i

/** JSON and form bodies keep their shape; anything else is kept as text without digits that could be a card's. */
export function scrubbed(body: Uint8Array): string {
  const text = new TextDecoder('utf-8', { fatal: false, ignoreBOM: false }).decode(
    body.subarray(0, LIMIT * 4),
  )
  const kept = fromJson(text) ?? fromForm(text) ?? text
  return withoutCards(kept).slice(0, LIMIT)
}

function fromJson(text: string): string | null {
  try {
    return JSON.stringify(clean(JSON.parse(text), 0))
  } catch {
    return null
  }
}

function clean(value: unknown, depth: number): unknown {
  if (depth > 20) return REMOVED
  if (Array.isArray(value)) return value.map((inner) => clean(inner, depth + 1))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      secretName.test(name) ? REMOVED : clean(inner, depth + 1),
    ]),
  )
}

function fromForm(text: string): string | null {
  if (!/^[\w.%+[\]-]+=[^\s]*$/.test(text)) return null
  const fields = new URLSearchParams(text)
  for (const name of new Set(fields.keys())) if (secretName.test(name)) fields.set(name, REMOVED)
  return fields.toString()
}

/** Thirteen to nineteen digits, however they are grouped, whose last is the check digit of a card number. */
const withoutCards = (text: string): string =>
  text.replace(/(?<!\d)(?:\d[ -]?){12,18}\d(?!\d)/g, (digits) => (isCard(digits) ? REMOVED : digits))

/** The Luhn check of ISO/IEC 7812. */
function isCard(text: string): boolean {
  const digits = text.replace(/\D/g, '').split('').reverse().map(Number)
  const sum = digits.reduce((total, digit, place) => {
    const weighed = place % 2 === 0 ? digit : digit * 2
    return total + (weighed > 9 ? weighed - 9 : weighed)
  }, 0)
  return sum % 10 === 0
}
