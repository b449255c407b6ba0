/** One call of Ameriabank's vPOS, and what its codes mean. */
import { anyCase, codeOf, reply } from './ameriabank-details.ts'
import type { Said } from './by-totals.ts'
import { call, type Fetch, jsonOf, type Limits, usualLimits } from './call.ts'

/** Who calls, and where. */
export interface AmeriabankAccount {
  username: string
  password: string
  fetch: Fetch
  /** Up to and without the slash before `api/VPOS`. */
  base: string
  limits?: Limits
}

/** One code for all of them. */
export const badCredentials = 'Code 20: Ameriabank does not accept the client id, user name or password.'

export type Answer = { kind: 'answered'; body: unknown } | { kind: 'unknown'; detail: string }

/** One call. The user name and the password travel in every body, so no body is ever told to anybody. */
export async function ask(
  { username, password, base, fetch, limits = usualLimits }: AmeriabankAccount,
  method: string,
  fields: object,
): Promise<Answer> {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...fields, Username: username, Password: password }),
  }
  const answer = await call(fetch, `${base}/api/VPOS/${method}`, init, limits)
  if (answer.kind === 'no_answer') return { kind: 'unknown', detail: answer.why }
  const body = jsonOf(answer.text)
  if (answer.status === 200 && body !== undefined) return { kind: 'answered', body }
  const detail = `Ameriabank answered ${answer.status} with nothing that can be read.`
  return { kind: 'unknown', detail }
}

/** What an answer that is no yes means. The bank's sentences may quote customers, so only its code comes through. */
export function refusalIn(body: unknown): Exclude<Said, { kind: 'done' | 'unknown' }> {
  const read = anyCase(reply).safeParse(body)
  const code = read.success ? codeOf(read.data.responsecode) : ''
  const declined = (why: 'invalid_request' | 'bad_credentials' | 'unsupported_currency', detail: string) =>
    ({ kind: 'declined', code: why, detail }) as const
  switch (code) {
    case '03':
      return declined('unsupported_currency', 'Code 03: not in this currency.')
    case '05':
    case '510':
      return declined('invalid_request', `Code ${code}: a parameter is wrong.`)
    case '06':
      return declined('invalid_request', 'Code 06: Ameriabank knows no such order.')
    case '20':
      return declined('bad_credentials', badCredentials)
    case '30':
      return declined('invalid_request', 'Code 30: the Opaque is wrong; set send_opaque to false.')
    case '513':
    case '514':
      return declined('invalid_request', `Code ${code}: the account has no right to this.`)
    case '01':
    case '08204':
      return { kind: 'unclear', detail: 'Ameriabank knows this order number already.' }
    default:
      return { kind: 'unclear', detail: 'Ameriabank is in trouble, or it is too late for this.' }
  }
}

/** What became of a command: only `00` is a yes. */
export function saidOf(body: unknown): Said {
  const read = anyCase(reply).safeParse(body)
  return read.success && codeOf(read.data.responsecode) === '00'
    ? { kind: 'done', value: null }
    : refusalIn(body)
}
