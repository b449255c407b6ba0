/** `/v1/destinations`: business systems, and what a person does with them. */
import * as z from 'zod'
import type { viewOf } from '../http/destination.ts'
import type { replayView } from '../http/destination-actions.ts'
import type { viewOf as latencyView } from '../http/latency.ts'
import { attempt, attemptFields, destinationId, eventId } from './deliveries.ts'
import { type Chapter, type Described, idOf, listOf, livemode, shaped, time } from './route.ts'

const fields = {
  id: destinationId,
  object: z.literal('destination'),
  kind: z.enum(['crm', 'erp', 'fiscal', 'fulfillment', 'notification', 'reconciliation', 'other']),
  url: z.url(),
  event_types: z.array(z.string()),
  description: z.string().nullable(),
  ordered: z.boolean(),
  max_per_second: z.int().nullable(),
  timeout_ms: z.int().nullable(),
  on_timeout: z.enum(['retry', 'hold']),
  header_names: z.array(z.string()).meta({ description: 'Values may be credentials and are not shown.' }),
  status: z.enum(['active', 'paused']),
  paused_because: z.enum(['asked', 'gone', 'failing']).nullable(),
  failures: z.int().min(0),
  failing_since: time.nullable(),
  next_probe_at: time.nullable(),
  older_secret_until: time.nullable(),
  last_test: attempt.nullable(),
  created_at: time,
  livemode,
}

const destination = shaped<Awaited<ReturnType<typeof viewOf>>>()(fields).meta({ id: 'Destination' })
const withSecret = z
  .object({
    ...fields,
    secret: z.string().meta({ description: 'Signs its events (Standard Webhooks). Shown this once.' }),
  })
  .meta({ id: 'DestinationWithSecret' })

const tested = z
  .object({
    object: z.literal('destination_test'),
    event_id: eventId.or(idOf('evt', 'The test event.')),
    taken: z.boolean(),
    ...attemptFields,
  })
  .meta({ id: 'DestinationTest' })

const replayId = idOf('rpl', 'A replay.')
const replay = shaped<ReturnType<typeof replayView>>()({
  id: replayId,
  object: z.literal('replay'),
  destination_id: destinationId,
  status: z.enum(['running', 'finished']),
  from: time,
  to: time,
  event_types: z.array(z.string()),
  only: z.enum(['failed', 'all']),
  events: z.int().min(0),
  deliveries: z.int().min(0),
  reached: time,
  created_at: time,
  finished_at: time.nullable(),
  livemode,
}).meta({ id: 'Replay' })

const milliseconds = z.int().min(0)
const spread = z
  .object({ p50: milliseconds, p95: milliseconds, most: milliseconds })
  .meta({ id: 'Spread', description: 'So many of a hundred were no longer, in milliseconds.' })

const latency = shaped<ReturnType<typeof latencyView>>()({
  object: z.literal('latency'),
  destination_id: destinationId,
  answer_ms: spread.nullable().meta({ description: 'How long the tries took; null when there was none.' }),
  arrival_ms: spread.nullable().meta({
    description:
      'From an event to the end of the first try that was taken; null when none was. Without events of more than ten tries.',
  }),
  tries: z
    .array(
      z.object({
        at: attemptFields.at,
        duration_ms: attemptFields.duration_ms,
        status: attemptFields.status,
      }),
    )
    .max(100)
    .meta({ description: 'Oldest first.' }),
}).meta({ id: 'DestinationLatency' })

const changes = (id: string, does: string, more: string): Described => ({
  ...{ id, does, more },
  answers: { 200: ['The destination.', destination] },
  refuses: ['not_found'],
})

export const destinations: Chapter = {
  name: 'Destinations',
  about:
    'Business systems that are told of events, until each of them has heard. Of operators, only those with the role `admin` change one or rotate its secret.',
  parameters: { id: destinationId, replayId },
  routes: {
    'POST /v1/destinations': {
      id: 'createDestination',
      does: 'Make a destination',
      example: { kind: 'crm', url: 'https://crm.example/payments', event_types: ['payment.*'] },
      answers: { 201: ['The destination, with its secret.', withSecret] },
    },
    'GET /v1/destinations': {
      id: 'listDestinations',
      does: 'List destinations, newest first',
      answers: { 200: ['A page of destinations.', listOf(destination)] },
    },
    'GET /v1/destinations/:id': {
      id: 'readDestination',
      does: 'Read a destination',
      answers: { 200: ['The destination.', destination] },
      refuses: ['not_found'],
    },
    'PATCH /v1/destinations/:id': {
      ...changes('changeDestination', 'Change a destination', 'What is left out stays; null takes away.'),
      example: { ordered: true, max_per_second: null },
    },
    'DELETE /v1/destinations/:id': {
      id: 'deleteDestination',
      does: 'End a destination',
      answers: { 204: ['It is told nothing more.'] },
      refuses: ['not_found'],
    },
    'POST /v1/destinations/:id/rotate-secret': {
      id: 'rotateDestinationSecret',
      does: 'Give a destination a new secret',
      more: 'The one before signs too for 24 hours.',
      answers: { 200: ['The destination, with its new secret.', withSecret] },
      refuses: ['not_found'],
    },
    'POST /v1/destinations/:id/test': {
      id: 'testDestination',
      does: 'Send one test event now',
      answers: { 200: ['How it went.', tested] },
      refuses: ['not_found'],
    },
    'POST /v1/destinations/:id/pause': changes(
      'pauseDestination',
      'Hold a destination’s deliveries',
      'Nothing is lost: they go out, oldest first, when it is resumed.',
    ),
    'POST /v1/destinations/:id/resume': changes(
      'resumeDestination',
      'Let a destination’s deliveries go',
      'Also closes its breaker.',
    ),
    'POST /v1/destinations/:id/replay': {
      id: 'replayEvents',
      does: 'Send the events of a span once more',
      example: { from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z', only: 'failed' },
      answers: { 202: ['The replay, which runs by itself.', replay] },
      refuses: ['not_found', 'not_allowed_now'],
    },
    'GET /v1/destinations/:id/latency': {
      id: 'readDestinationLatency',
      does: 'Read how fast a destination answered lately',
      more: 'Of the newest 100 events that it takes: their tries, at most the newest 100 and ten of each delivery, and how they spread.',
      answers: { 200: ['The newest tries, and how they spread.', latency] },
      refuses: ['not_found'],
    },
    'GET /v1/destinations/:id/replays': {
      id: 'listReplays',
      does: 'List a destination’s replays, newest first',
      answers: { 200: ['A page of replays.', listOf(replay)] },
      refuses: ['not_found'],
    },
    'GET /v1/destinations/:id/replays/:replayId': {
      id: 'readReplay',
      does: 'Read a replay’s progress',
      answers: { 200: ['The replay.', replay] },
      refuses: ['not_found'],
    },
  },
}
