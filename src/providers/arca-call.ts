/** One call of a BPC payment API, as ArCa iPay and several banks run it: a form in, JSON out, refusals by number. */
import * as z from 'zod'
import type { Said } from './by-totals.ts'
import { call, type Fetch, jsonOf, type Limits, usualLimits } from './call.ts'

/** Who calls, and where. */
export interface ArcaAccount {
  username: string
  password: string
  fetch: Fetch
  /** Up to and without the slash before `register.do`. */
  base: string
  limits?: Limits
}

export type Told<T> =
  | { kind: 'done'; value: T }
  | { kind: 'refused'; code: number }
  | { kind: 'unknown'; detail: string }

/** Absent, a number or text, as the installation pleases; 0 only means that the call was processed. */
const anyReply = z.lazy(() =>
  z.object({ errorCode: z.union([z.number(), z.string().regex(/^\d{1,4}$/)]).nullish() }),
)

/** Calls `method`; `schema` is what its good answer looks like. Never throws. */
export async function ask<T>(
  account: ArcaAccount,
  method: string,
  form: Record<string, string>,
  schema: z.ZodType<T>,
): Promise<Told<T>> {
  const { username, password, base, fetch, limits = usualLimits } = account
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: new URLSearchParams({ userName: username, password, ...form }).toString(),
  }
  const answer = await call(fetch, `${base}/${method}`, init, limits)
  if (answer.kind === 'no_answer') return { kind: 'unknown', detail: answer.why }
  const body = jsonOf(answer.text)
  const reply = anyReply.safeParse(body)
  const unreadable: Told<T> = {
    kind: 'unknown',
    detail: `The bank answered ${answer.status} with nothing that can be read.`,
  }
  if (answer.status !== 200 || !reply.success) return unreadable
  const code = Number(reply.data.errorCode ?? 0)
  if (code !== 0) return { kind: 'refused', code }
  const read = schema.safeParse(body)
  return read.success ? { kind: 'done', value: read.data } : unreadable
}

/** What a refusal means. The bank's sentences may quote customers, so only its number comes through. */
export function refusal(code: number): Exclude<Said, { kind: 'done' | 'unknown' }> {
  switch (code) {
    case 1:
      return { kind: 'unclear', detail: 'The bank knows this order number already.' }
    case 3:
      return { kind: 'declined', code: 'unsupported_currency', detail: 'Error 3: not in this currency.' }
    case 4:
      return { kind: 'declined', code: 'invalid_request', detail: 'Error 4: something is missing.' }
    case 5:
      return { kind: 'declined', code: 'invalid_request', detail: wrongValue }
    case 6:
      return { kind: 'declined', code: 'invalid_request', detail: 'Error 6: the bank knows no such order.' }
    default:
      return { kind: 'unclear', detail: `Error ${code}: the bank is in trouble, or it is too late for this.` }
  }
}

/** One number for three causes; which of them it is, only the bank knows. */
export const wrongValue =
  'Error 5: a value or the credentials are wrong, or the password must first be changed in the bank’s console.'
