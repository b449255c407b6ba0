/**
 * Every answer that a journey gets from the gateway, held to the API's description with a validator of others. The
 * description is the closed one: a field that it does not name is a complaint too.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { apiDocument } from '../../../scripts/api/document.ts'
import { buildApp } from '../../../src/http/app.ts'

interface Document {
  paths: Record<string, Record<string, { responses: Record<string, { content?: Record<string, unknown> }> }>>
}

const document = apiDocument(buildApp(), { closed: true }) as unknown as Document
const paths = Object.keys(document.paths).map((path) => ({
  path,
  pattern: new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`),
}))

// OpenAPI's own words around the schemas mean nothing to it.
const ajv = new Ajv2020({ strict: false, allErrors: true })
addFormats.default(ajv)
ajv.addSchema(document, 'openapi.json')

/** Throws when the description does not name such an answer. Addresses of others, and paths that are none, pass. */
export function expectDescribed(
  method: string,
  url: string,
  status: number,
  type: string,
  body: string,
): void {
  const { pathname } = new URL(url)
  const path = paths.find(({ pattern }) => pattern.test(pathname))?.path
  const operation = path === undefined ? undefined : document.paths[path]?.[method.toLowerCase()]
  if (path === undefined || operation === undefined) return
  const said = `${method} ${path} answers ${status} ${type}`
  const answer = operation.responses[status]
  // A provider's dialect has statuses of its own.
  if (answer === undefined && path.startsWith('/webhooks/')) return
  if (answer === undefined) throw new Error(`${said}, which the API's description does not name: ${body}`)
  const media = Object.keys(answer.content ?? {}).find(
    (name) => name === '*/*' || type.startsWith(name.split(';')[0]!),
  )
  if (media === undefined) {
    if (body !== '') throw new Error(`${said}, whose body the API's description does not name: ${body}`)
    return
  }
  if (!media.includes('json')) return
  const place = ['paths', path, method.toLowerCase(), 'responses', String(status), 'content', media, 'schema']
  const pointer = place
    .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
    .join('/')
  const validate = ajv.getSchema(`openapi.json#/${pointer}`) as ValidateFunction
  if (!validate(JSON.parse(body)))
    throw new Error(`${said} against the API's description: ${ajv.errorsText(validate.errors)}: ${body}`)
}
