// Whoever copies a call out of a document expects it to be taken: each body that a curl there sends fits its route.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import * as z from 'zod'
import { routesOf } from '../../src/api/routes.ts'
import { buildApp } from '../../src/http/app.ts'
import { root } from './sources.ts'

interface Call {
  document: string
  method: string
  /** Segments; those that a shell fills in begin with `$`. */
  address: string[]
  body: string
}

const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: root,
})
const documents = listed.toString().trim().split('\n')

/** What a shell puts into a body, as an id of the right shape. */
const filledIn = (body: string) =>
  body.replaceAll(/'\$(\w+)'/g, (_, name) => `${name.slice(0, 3).toLowerCase()}_${'0'.repeat(26)}`)

/** Calls of the API with a JSON body. */
const calls: Call[] = documents.flatMap((document) => {
  const text = readFileSync(path.join(root, document), 'utf8')
  return text
    .split(/\bcurl /)
    .slice(1)
    .flatMap((command) => {
      const [, address] = /(?:\$URL|\(value url\))(\/v1\/[^\s"'`?]*)/.exec(command) ?? []
      const [, body] = /-d '(\{[\s\S]*?\})'/.exec(command) ?? []
      if (address === undefined || body === undefined) return []
      const method = /-X ([A-Z]+)/.exec(command)?.[1] ?? 'POST'
      return [{ document, method, address: address.split('/').slice(1), body: filledIn(body) }]
    })
})

const routes = routesOf(buildApp())

const isAt = (address: string[], route: string): boolean => {
  const segments = route.split('/').slice(1)
  const fits = (segment: string, at: number) => segment.startsWith(':') || segment === address[at]
  return segments.length === address.length && segments.every(fits)
}

/** The schema of the body that the called route takes. Throws when there is no such route, or it takes none. */
function schemaOf({ method, address }: Call): z.ZodType {
  const route = routes.find((one) => one.method === method && isAt(address, one.path))
  const told = route?.traits.find(({ kind }) => kind === 'body')
  if (told?.kind === 'body') return told.schema
  if (route?.described.body instanceof z.ZodType) return route.described.body
  throw new Error(`No route takes a body at ${method} /${address.join('/')}.`)
}

it.each(calls.map((call) => [`${call.method} /${call.address.join('/')}`, call.document, call] as const))(
  '%s in %s sends a body that the route takes',
  (_name, _document, call) => {
    const { error } = schemaOf(call).safeParse(JSON.parse(call.body))
    expect(error?.issues ?? []).toEqual([])
  },
)

it('finds the calls of the documents', () => {
  expect(calls.length).toBeGreaterThanOrEqual(20)
})
