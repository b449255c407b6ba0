import { expect, it } from 'vitest'
import { GatewayError } from '../../../src/domain/errors.ts'

it('a refusal is an error with a name of its own, whose message is the sentence that the caller gets', () => {
  const refusal = { code: 'rate_limited', detail: 'Wait a moment.', retryAfterSeconds: 2 } as const
  const error = new GatewayError(refusal)
  expect(error).toBeInstanceOf(Error)
  expect([error.name, error.message, error.refusal]).toEqual(['GatewayError', 'Wait a moment.', refusal])
})
