/** Everything that the package offers. */
export type { components, ProblemCode, paths } from './api.ts'
export { type Call, type Client, type ClientOptions, createClient } from './client.ts'
export {
  type Event,
  type OtherEvent,
  type PaymentEvent,
  UnverifiedEvent,
  verifyEvent,
} from './events.ts'
export type { Patience, World } from './persist.ts'
export { NoAnswer, Problem } from './problem.ts'
