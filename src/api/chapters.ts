/** Everything that is described, in the order of the reference. A new route is entered in its noun's file. */
import * as z from 'zod'
import { admin } from './admin.ts'
import { deliveries, events, exceptions } from './deliveries.ts'
import { destinations } from './destinations.ts'
import { browser, ingress, orders, paymentSessions } from './payment-sessions.ts'
import { payments } from './payments.ts'
import { reconciliations } from './reconciliations.ts'
import type { Chapter } from './route.ts'

const service: Chapter = {
  name: 'Service',
  about: 'The gateway itself.',
  parameters: {},
  routes: {
    'GET /healthz': {
      id: 'health',
      does: 'Ask whether the gateway is up',
      answers: {
        200: ['It is.', z.object({ status: z.literal('ok'), version: z.string() }).meta({ id: 'Health' })],
      },
    },
    'GET /openapi.json': {
      id: 'openapi',
      does: 'Read this description',
      answers: { 200: ['OpenAPI 3.1.', z.looseObject({ openapi: z.string() })] },
    },
    'GET /docs': {
      id: 'docs',
      does: 'Read this description as a page',
      answers: { 200: ['The reference.', 'text/html; charset=UTF-8'] },
    },
  },
}

export const chapters: readonly Chapter[] = [
  paymentSessions,
  orders,
  payments,
  events,
  destinations,
  deliveries,
  exceptions,
  reconciliations,
  ingress,
  browser,
  admin,
  service,
]

/** Routes that are no API: pages for people, and the sandbox, which is a foreign provider. With the reason. */
export const undescribed: readonly [path: RegExp, why: string][] = [
  [/^\/$/, 'The page of a local system.'],
  [/^\/docs\/.+/, 'What the page of the reference loads.'],
  [/^\/console(\/|$)/, 'The operator’s desk is for people.'],
  [/^\/sandbox\//, 'The sandbox is a provider of its own, with a dialect of its own.'],
]
