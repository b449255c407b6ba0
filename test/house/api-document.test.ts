// The API's description is made from the routes, so it cannot lack one; what is said by hand around them is held here.
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { describe, expect, it } from 'vitest'
import { apiDocument } from '../../scripts/api/document.ts'
import { chapters } from '../../src/api/chapters.ts'
import { routesOf } from '../../src/api/routes.ts'
import { buildApp } from '../../src/http/app.ts'

const routes = routesOf(buildApp())

/** The linter's rules that do not fit, and why. */
const off = {
  // The addresses for browsers only redirect.
  'operation-2xx-response': 'off',
  // Not everything can be refused: `/healthz` cannot.
  'operation-4xx-response': 'off',
} as const

describe('the description of the API', () => {
  it('describes every route', () => {
    const app = buildApp()
    app.get('/v1/unheard-of', (c) => c.json({}))
    expect(() => routesOf(app)).toThrow('does not describe: GET /v1/unheard-of')
  })

  it('describes no route that is not there', () => {
    const { routes: all } = buildApp()
    const fewer = { routes: all.filter(({ path }) => path !== '/v1/payments/:id/refunds') }
    expect(() => routesOf(fewer)).toThrow('no route: POST /v1/payments/:id/refunds')
  })

  it('has nothing that a public linter objects to', async () => {
    const config = await createConfig({ extends: ['recommended'], rules: off })
    const source = JSON.stringify(apiDocument(buildApp()))
    const found = await lintFromString({ source, absoluteRef: 'openapi.json', config })
    expect(found.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([])
  })

  it('says of each route who may call it, unless nobody needs a key', () => {
    const open = routes.filter(({ traits }) => !traits.some(({ kind }) => kind === 'callers'))
    expect(open.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /v1/payment-sessions/:id/live',
      ...['GET /webhooks/:provider/:connection_id', 'POST /webhooks/:provider/:connection_id'],
      ...['GET /pay/:session', 'GET /return/:session', 'POST /return/:session'],
      ...['GET /healthz', 'GET /openapi.json', 'GET /docs'],
    ])
  })

  it('shows with each body that is needed one that is taken', () => {
    const wrong = routes.flatMap(({ method, path, described, traits }) => {
      const body = traits.find((trait) => trait.kind === 'body')
      const schema = described.body ?? body?.schema
      if (schema === undefined || typeof schema === 'string') return []
      if (body?.mayBeAbsent && described.example === undefined) return []
      const read = schema.safeParse(described.example)
      return read.success ? [] : [`${method} ${path}: ${read.error.message}`]
    })
    expect(wrong).toEqual([])
  })

  it('names each operation once', () => {
    const ids = chapters.flatMap(({ routes: own }) => Object.values(own).map(({ id }) => id))
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
  })
})
