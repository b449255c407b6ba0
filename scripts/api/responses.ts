/** The answers of a route: those that its description names, and the refusals that its middleware can bring. */
import * as z from 'zod'
import type { ZodOpenApiResponseObject, ZodOpenApiResponsesObject } from 'zod-openapi'
import { type Answer, type Described, problem } from '../../src/api/route.ts'
import { codesOf, type Known } from '../../src/api/routes.ts'
import type { ErrorCode } from '../../src/domain/errors.ts'
import { statusOf } from '../../src/http/problem.ts'

type Response = ZodOpenApiResponseObject

export const headers = {
  RequestId: { description: 'Names the request in the log.', schema: { type: 'string' } },
  IdempotentReplayed: {
    description: 'Present when this is the first answer once more.',
    schema: { type: 'string', const: 'true' },
  },
  RetryAfter: {
    description: 'Seconds after which asking again makes sense.',
    schema: { type: 'string', pattern: '^[0-9]+$' },
  },
  Location: { description: 'Where to go.', schema: { type: 'string' } },
} as const

const header = (name: keyof typeof headers) => ({ $ref: `#/components/headers/${name}` as const })

/** All answers of a route, by status. Where an answer and a refusal share one, both bodies are named. */
export function responsesOf(known: Known): ZodOpenApiResponsesObject {
  const { described } = known
  const responses: Record<string, Response> = {}
  const codes = Map.groupBy(codesOf(known), (code) => statusOf[code])
  for (const [status, ofStatus] of codes) responses[status] = refusal(ofStatus)
  for (const [status, answer] of Object.entries(described.answers)) {
    const refused = responses[status]?.content
    const own = answered(answer, described, status)
    responses[status] = refused === undefined ? own : { ...own, content: { ...own.content, ...refused } }
  }
  return responses as ZodOpenApiResponsesObject
}

function answered([says, body]: Answer, { keyed }: Described, status: string): Response {
  const content =
    body === undefined
      ? {}
      : typeof body === 'string'
        ? { content: { [body]: { schema: z.string() } } }
        : { content: { 'application/json': { schema: body } } }
  return {
    description: says,
    headers: {
      'request-id': header('RequestId'),
      ...(status.startsWith('3') ? { location: header('Location') } : {}),
      ...(keyed ? { 'idempotent-replayed': header('IdempotentReplayed') } : {}),
    },
    ...content,
  }
}

function refusal(codes: readonly ErrorCode[]): Response {
  const waits = codes.some((code) => [409, 429, 503].includes(statusOf[code]))
  return {
    description: codes.map((code) => `\`${code}\``).join(', '),
    headers: { 'request-id': header('RequestId'), ...(waits ? { 'retry-after': header('RetryAfter') } : {}) },
    content: {
      'application/problem+json': {
        schema: problem.and(z.looseObject({ code: z.enum(codes as [ErrorCode]) })),
      },
    },
  }
}
