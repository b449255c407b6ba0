/** Whether an answer is one that the API's description names: for tests in workerd, where no JSON Schema can be compiled. */
import type * as z from 'zod'
import { problem } from '../../src/api/route.ts'
import { type Application, codesOf, type Known, routesOf } from '../../src/api/routes.ts'

interface Answer {
  status: number
  contentType: string
  /** Null where the body is not read, such as a stream's. */
  text: string | null
}

/** Gives an answer of the application back, or throws when its description does not name such a one. */
export function heldToDescription(app: Application) {
  const judge = judgeOf(app)
  return async ({ method, url }: Request, response: Response): Promise<Response> => {
    const contentType = response.headers.get('content-type') ?? ''
    const isRead = contentType === '' || contentType.includes('json')
    const text = isRead && response.webSocket === null ? await response.clone().text() : null
    const complaint = judge(method, new URL(url).pathname, { status: response.status, contentType, text })
    if (complaint !== null) throw new Error(complaint)
    return response
  }
}

/** What a judge answers is what is wrong; null when nothing is. */
function judgeOf(app: Application) {
  const routes = routesOf(app).map((known) => ({
    known,
    pattern: new RegExp(`^${known.path.replaceAll(/:\w+/g, '[^/]+')}$`),
  }))
  return (method: string, path: string, answer: Answer): string | null => {
    const found = routes.find(({ known, pattern }) => known.method === method && pattern.test(path))
    const wrong = found === undefined ? null : complaintOf(found.known, answer)
    return wrong === null ? null : `${method} ${path} answers ${answer.status}, and ${wrong}: ${answer.text}`
  }
}

function complaintOf(known: Known, { status, contentType, text }: Answer): string | null {
  if (contentType.startsWith('application/problem+json')) return refusalOf(known, text)
  if (known.described.speaks === 'dialect') return null
  const answer = known.described.answers[status]
  if (answer === undefined) return 'no such answer is described'
  const [, body] = answer
  if (body === undefined) return text === null || text === '' ? null : 'a body is not described'
  if (typeof body === 'string')
    return contentType.toLowerCase() === body.toLowerCase() || body === contentType.split(';')[0]
      ? null
      : `it is ${contentType}, not ${body}`
  if (!contentType.startsWith('application/json')) return `it is ${contentType}, not JSON`
  return mismatchOf(body, JSON.parse(text ?? 'null'))
}

function refusalOf(known: Known, text: string | null): string | null {
  const value = JSON.parse(text ?? 'null')
  const read = problem.safeParse(value)
  if (!read.success) return 'its problem is none'
  return (codesOf(known) as string[]).includes(read.data.code) ? null : `${read.data.code} is not described`
}

/** Fields that the shape does not name are stripped by it, so they show as a difference. */
function mismatchOf(shape: z.ZodType, value: unknown): string | null {
  const read = shape.safeParse(value)
  if (!read.success)
    return read.error.issues.map(({ path, message }) => `/${path.join('/')} ${message}`).join(', ')
  const [sorted, given] = [read.data, value].map((each) => JSON.stringify(each, inOrder))
  return sorted === given ? null : 'it has fields that are not described'
}

const inOrder = (_: string, value: unknown) =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value
