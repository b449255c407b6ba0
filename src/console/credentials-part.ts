/** The fields of a provider's credentials, and what was typed into them. */
import type { Context } from 'hono'
import { html } from 'hono/html'
import { type CredentialField, credentialFieldsOf } from '../providers/index.ts'
import type { Console } from './console.ts'
import { field, type Html } from './parts.ts'

const nameOf = ({ name }: CredentialField) => `credentials.${name}`

/** A field for each credential, always empty: what is kept is sealed, and what was refused is not shown again. */
export function credentialFields(c: Context<Console>, provider: string): readonly Html[] {
  const { say } = c.var
  return [
    html`<p class="hint">${say('credentials_hint')}</p>`,
    ...credentialFieldsOf(provider).map((one) =>
      field({
        ...{ id: `credentials-${one.name}`, name: nameOf(one), label: labelOf(c, one) },
        ...(one.holds === 'text' ? { maxlength: 5_000 } : { rows: 3, maxlength: 20_000 }),
        hint: one.holds === 'list' ? `${one.hint} ${say('one_a_line')}` : one.hint,
        ...{ required: !one.isOptional, isSecret: true },
      }),
    ),
  ]
}

/** `api_key` as “API key”. */
function labelOf({ var: { say } }: Context<Console>, { name, isOptional }: CredentialField): string {
  const spoken = name.replaceAll('_', ' ').replace(/^(api|hmac)\b/, (short) => short.toUpperCase())
  const label = spoken.charAt(0).toUpperCase() + spoken.slice(1)
  return isOptional ? `${label} (${say('optional')})` : label
}

/** The credentials as the provider's schema wants them; a field that is empty is left out. */
export function credentialsIn(provider: string, entered: Record<string, string>): Record<string, unknown> {
  const given = credentialFieldsOf(provider).flatMap((one): [string, unknown][] => {
    const typed = entered[nameOf(one)]
    if (typed === undefined) return []
    return [[one.name, one.holds === 'list' ? linesOf(typed) : typed.replaceAll('\r\n', '\n')]]
  })
  return Object.fromEntries(given)
}

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
