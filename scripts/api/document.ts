/**
 * The OpenAPI document: what each route's middleware tells about itself, with the words and shapes of `src/api` around
 * it. Throws for a route that nobody described, and for a description that has no route.
 */
import * as z from 'zod'
import { createDocument, type ZodOpenApiObject, type ZodOpenApiOperationObject } from 'zod-openapi'
import { chapters } from '../../src/api/chapters.ts'
import { outgoing } from '../../src/api/outgoing.ts'
import type { Chapter, Described } from '../../src/api/route.ts'
import { type Application, type Known, routesOf } from '../../src/api/routes.ts'
import { VERSION } from '../../src/http/app.ts'
import { headers, responsesOf } from './responses.ts'

/**
 * The document of an application. `closed` forbids fields that no shape names, which tests hold answers to; the public
 * one stays open, since adding a field must break no client.
 */
export function apiDocument(app: Application, { closed = false } = {}): object {
  const document: ZodOpenApiObject = {
    openapi: '3.1.1',
    info: { title: 'Tollgate', version: VERSION, license, summary, description },
    servers: [{ url: '/', description: 'The deployment that serves this document.' }],
    tags: chapters.map(({ name, about }) => ({ name, description: about })),
    paths: pathsOf(routesOf(app)),
    webhooks: outgoing,
    components: { securitySchemes, headers },
  }
  return createDocument(document, {
    override: ({ jsonSchema, io }) => {
      // A format says the same as Zod's long patterns, and can be read.
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern
      if (!closed && io === 'output' && jsonSchema.additionalProperties === false)
        delete jsonSchema.additionalProperties
    },
  })
}

const license = { name: 'Apache-2.0', identifier: 'Apache-2.0' }
const summary = 'An edge gateway for payment sessions and provider reports.'
const description = [
  'Amounts are integers in the currency’s minor unit, times RFC 3339 in UTC, ids opaque. Bodies are strict: an unknown',
  'field is an error that names it. Refusals are `application/problem+json` (RFC 9457) with a stable `code`. Test and live',
  'never mix: a test key sees only test objects. New fields may be added to answers at any time.',
].join(' ')

const bearer = (text: string) => ({ type: 'http', scheme: 'bearer', description: text }) as const
const securitySchemes = {
  secretKey: bearer('`sk_test_…` or `sk_live_…`: the merchant’s back end.'),
  publishableKey: bearer('`pk_test_…` or `pk_live_…`: a storefront or app, from an allowed origin.'),
  operatorToken: bearer('`op_…`: a person. A viewer only reads.'),
  access: {
    type: 'apiKey',
    in: 'header',
    name: 'cf-access-jwt-assertion',
    description: 'An operator who came through Cloudflare Access, which sends this by itself.',
  },
  adminToken: bearer('The deployment’s `ADMIN_TOKEN`.'),
} as const
/** What proves each kind of caller; any one of them does. */
const schemesOf = {
  secret: ['secretKey'],
  publishable: ['publishableKey'],
  operator: ['operatorToken', 'access'],
  deployer: ['adminToken'],
} as const

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: true,
  description:
    'A fresh text for each operation, and the same one on every retry of it: 1 to 255 printable ASCII characters.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
  example: 'order-A-1001',
} as const

function pathsOf(routes: readonly Known[]): NonNullable<ZodOpenApiObject['paths']> {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {}
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) }
  }
  return paths
}

function operationOf(known: Known): ZodOpenApiOperationObject {
  const { path, chapter, described, traits } = known
  const query = traits.find((trait) => trait.kind === 'query')
  const body = traits.find((trait) => trait.kind === 'body')
  const callers = traits.flatMap((trait) => (trait.kind === 'callers' ? trait.callers : []))
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
  const parameters = Object.fromEntries(names.map((name) => [name, parameterOf(chapter, name)]))
  const required = !(body?.mayBeAbsent ?? false)
  const content = contentOf(described, body?.schema)
  return {
    operationId: described.id,
    tags: [chapter.name],
    summary: described.does,
    ...(described.more === undefined ? {} : { description: described.more }),
    security: callers.flatMap((caller) => schemesOf[caller].map((scheme) => ({ [scheme]: [] }))),
    requestParams: {
      ...(names.length > 0 ? { path: z.object(parameters) } : {}),
      ...(query === undefined ? {} : { query: query.schema as z.ZodObject }),
    },
    ...(described.keyed ? { parameters: [idempotencyKey] } : {}),
    ...(content === undefined ? {} : { requestBody: { required, content } }),
    responses: responsesOf(known),
  } as ZodOpenApiOperationObject
}

function contentOf({ body, example }: Described, validated: z.ZodType | undefined) {
  if (typeof body === 'string') return { [body]: { schema: z.string() } }
  const schema = body ?? validated
  if (schema === undefined) return undefined
  return { 'application/json': { schema, ...(example === undefined ? {} : { example }) } }
}

function parameterOf(chapter: Chapter, name: string): z.ZodType {
  const parameter = chapter.parameters[name]
  if (parameter === undefined) throw new Error(`The chapter ${chapter.name} has no parameter ${name}.`)
  return parameter
}
