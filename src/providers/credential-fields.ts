/** What a person types in for a provider's credentials, read off the schema that will judge it. */
import * as z from 'zod'

export interface CredentialField {
  name: string
  /** One value, several of them with the newest first, or one that may have many lines. */
  holds: 'text' | 'list' | 'lines'
  isOptional: boolean
  /** Where to find it, in the schema's own words. */
  hint: string
}

/** The fields of a schema of credentials, in its order. */
export function fieldsOf(schema: z.ZodType): CredentialField[] {
  if (schema instanceof z.ZodLazy) return fieldsOf(schema.unwrap() as z.ZodType)
  if (!(schema instanceof z.ZodObject)) return []
  return Object.entries(schema.shape as Record<string, z.ZodType>).map(([name, field]) => {
    const isOptional = field instanceof z.ZodOptional
    const inner = isOptional ? (field.unwrap() as z.ZodType) : field
    return { name, holds: holdsOf(inner), isOptional, hint: hintOf(inner) }
  })
}

function holdsOf(field: z.ZodType): CredentialField['holds'] {
  if (field instanceof z.ZodArray) return 'list'
  return field instanceof z.ZodUnion ? 'lines' : 'text'
}

/** A schema says of what is missing that it is, and where to find it; the second is what somebody needs beforehand. */
function hintOf(field: z.ZodType): string {
  const said = field.safeParse(undefined).error?.issues[0]?.message ?? ''
  return said.replace(/^.* is missing[:.] /, '')
}
