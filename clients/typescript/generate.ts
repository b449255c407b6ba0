/**
 * The client's types, made from the gateway's own description of its API: `npm run docs:client` writes `src/api.ts`, and
 * a house test holds the file to it. They tell what a merchant may call. What the client sees to itself is left out: keys
 * are optional, since it makes them, and refusals are no answers, since it throws them.
 */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript'
import { apiDocument } from '../../scripts/api/document.ts'
import { buildApp } from '../../src/http/app.ts'
import { statusOf } from '../../src/http/problem.ts'

/** What of the description is read here. */
interface Document {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, unknown> }
}
interface Operation {
  parameters?: { name?: string; required?: boolean }[]
  responses: Record<string, { headers?: unknown }>
}

/** Where the types stand in the project. */
export const typesFile = path.join(import.meta.dirname, 'src/api.ts')

/** The text of the types, as it must stand in `typesFile`. */
export async function clientTypes(): Promise<string> {
  const { paths, components, ...rest } = apiDocument(buildApp()) as Document
  const own = Object.entries(paths).filter(([place]) => /^\/v1\/(?!admin\/)/.test(place))
  const seen = Object.fromEntries(own.map(([place, operations]) => [place, asSeen(operations)]))
  const schemas = usedBy([JSON.stringify(seen), reference('EventEnvelope'), reference('Problem')], components)
  const view = { ...rest, webhooks: {}, paths: seen, components: { schemas } }
  const types = astToString(await openapiTS(view as unknown as OpenAPI3, { defaultNonNullable: false }))
  const keyed = own.filter(([, { post }]) => post?.parameters?.some(isKey)).map(([place]) => place)
  return [
    '// Made from the description of the API by `npm run docs:client`; not to be edited.\n',
    types,
    '/** The codes of refusals. None is ever renamed; new ones may come. */',
    `export type ProblemCode =\n${Object.keys(statusOf).map(asText).join(' |\n')}\n`,
    '/** Where a POST carries an Idempotency-Key. */',
    `export const keyedPaths: readonly string[] = [\n${keyed.map(asText).join(',\n')},\n]\n`,
  ].join('\n')
}

const isKey = ({ name }: { name?: string }) => name === 'Idempotency-Key'
const asText = (word: string) => `    "${word}"`
const reference = (name: string) => `"#/components/schemas/${name}"`

/** A path's operations as the client's callers see them. */
const asSeen = (operations: Record<string, Operation>) =>
  mapped(operations, ({ parameters, responses, ...operation }) => ({
    ...operation,
    parameters: parameters?.map((one) => (isKey(one) ? { ...one, required: false } : one)) ?? [],
    responses: mapped(
      Object.fromEntries(Object.entries(responses).filter(([status]) => status.startsWith('2'))),
      ({ headers: _, ...answer }) => answer,
    ),
  }))

const mapped = <V, W>(record: Record<string, V>, change: (value: V) => W): Record<string, W> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]))

/** The schemas that these texts refer to, and those that they refer to in turn. */
function usedBy(texts: string[], { schemas }: Document['components']): Record<string, unknown> {
  const used = new Set<string>()
  for (const text of texts)
    for (const name of Object.keys(schemas)) {
      if (used.has(name) || !text.includes(reference(name))) continue
      used.add(name)
      // The list grows while it is walked, until nothing new is named.
      texts.push(JSON.stringify(schemas[name]))
    }
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)))
}

if (import.meta.main) writeFileSync(typesFile, await clientTypes())
