/**
 * What a route's middleware does, told beside the function that does it: who may call, which body and query it takes. The
 * API's description (src/api) is made from this, so that it cannot say one thing while another one runs.
 */
import type * as z from 'zod'
import type { Caller } from './gateway.ts'

export type Trait =
  | { kind: 'callers'; callers: readonly (Caller['kind'] | 'deployer')[] }
  | { kind: 'limited' }
  | { kind: 'query'; schema: z.ZodType }
  | { kind: 'body'; schema: z.ZodType; mayBeAbsent: boolean }

const traits = new WeakMap<object, Trait>()

/** The middleware itself, of which this is true. */
export function telling<M extends object>(trait: Trait, middleware: M): M {
  traits.set(middleware, trait)
  return middleware
}

/** What a handler of Hono's route table has told about itself; undefined when it told nothing. */
export const traitOf = (handler: object): Trait | undefined => traits.get(handler)
