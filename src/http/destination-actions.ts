/** What a person does with a destination: rotates its secret, tests, pauses, resumes it, and sends it events once more. */
import { type Context, Hono } from 'hono'
import * as z from 'zod'
import { seal, unseal } from '../crypto/seal.ts'
import { secretFrom } from '../crypto/standard-webhooks.ts'
import { advance, release } from '../delivery/backlog.ts'
import { portsOf } from '../delivery/ports.ts'
import { rotated } from '../delivery/sign.ts'
import { sendTestEvent } from '../delivery/test-event.ts'
import { isTaken } from '../domain/delivery.ts'
import { GatewayError } from '../domain/errors.ts'
import { recovered } from '../domain/health.ts'
import { freshId } from '../domain/ids.ts'
import { recordsOf } from '../store/database.ts'
import { type Destination, replaceSecrets, type Secrets } from '../store/destinations.ts'
import { addReplay, listReplays, type Replay, replayOf } from '../store/replays.ts'
import { allow, byOf, mayAct, mayManage } from './auth.ts'
import { attemptView } from './deliveries.ts'
import { change, destinationIn, eventPatterns, noSuchDestination, viewOf } from './destination.ts'
import type { Gateway } from './gateway.ts'
import { listOf, noBody, pageQuery, pageRequestOf, timeOf } from './schemas.ts'
import { invalid, validated, validatedQuery } from './validated.ts'

/** How long the secrets before this one keep signing too. */
const OVERLAP_MS = 86_400_000

const replay = z.lazy(() =>
  z.strictObject({
    from: z.iso.datetime({ offset: true }),
    to: z.iso.datetime({ offset: true }),
    event_types: eventPatterns.optional(),
    only: z.enum(['failed', 'all']),
  }),
)

const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes))

export const destinationActions = new Hono<Gateway>()
  .post(
    '/:id/rotate-secret',
    allow('secret', 'operator'),
    validated(noBody, { mayBeAbsent: true }),
    async (c) => {
      mayManage(c)
      const secret = secretFrom(random(32))
      return c.json({ ...(await viewOf(c, await rotate(c, secret))), secret })
    },
  )
  .post('/:id/test', allow('secret', 'operator'), validated(noBody, { mayBeAbsent: true }), async (c) => {
    mayAct(c)
    const destination = await destinationIn(c)
    const eventId = freshId('evt', random(17))
    const lastTest = await sendTestEvent(destination, eventId, portsOf(c.env))
    await change(c, { lastTest })
    return c.json({
      object: 'destination_test',
      event_id: eventId,
      taken: isTaken(lastTest.status),
      ...attemptView(lastTest),
    })
  })
  .post('/:id/pause', allow('secret', 'operator'), validated(noBody, { mayBeAbsent: true }), async (c) => {
    mayAct(c)
    await destinationIn(c)
    const changed = await change(c, { status: 'paused', pausedBecause: 'asked', dueAt: null })
    return c.json(await viewOf(c, changed))
  })
  .post('/:id/resume', allow('secret', 'operator'), validated(noBody, { mayBeAbsent: true }), async (c) => {
    mayAct(c)
    await destinationIn(c)
    const changed = await change(c, recovered(c.var.now))
    // The first page at once; the sweeper releases the others.
    const due = { id: changed.id, merchantId: changed.merchantId, health: changed, deleted: false }
    await release(recordsOf(c.env, changed.merchantId), due, portsOf(c.env))
    return c.json(await viewOf(c, changed))
  })
  .post('/:id/replay', allow('secret', 'operator'), validated(replay), async (c) => {
    mayAct(c)
    const destination = await destinationIn(c)
    if (destination.status === 'paused')
      throw new GatewayError({
        code: 'not_allowed_now',
        detail: 'The destination is paused. Resume it first; what it held goes out then by itself.',
      })
    const { from, to, event_types, only } = c.req.valid('json')
    const [since, until] = [Date.parse(from), Date.parse(to)]
    if (since >= until) throw invalid([{ pointer: '/to', detail: 'It must be after /from.' }])
    const { merchantId, livemode, id: destinationId } = destination
    const asked: Replay = {
      ...{ id: freshId('rpl', random(17)), merchantId, livemode, destinationId, since, until, only },
      eventTypes: event_types ?? destination.eventTypes,
      ...{ cursorAt: since, cursorId: '', events: 0, deliveries: 0, createdAt: c.var.now, finishedAt: null },
    }
    const db = recordsOf(c.env, merchantId)
    await addReplay(db, asked, byOf(c, c.var.caller.id))
    return c.json(replayView(await advance(db, asked, portsOf(c.env))), 202)
  })
  .get('/:id/replays', allow('secret', 'operator'), validatedQuery(pageQuery), async (c) => {
    const { id } = await destinationIn(c)
    const page = pageRequestOf(c.req.valid('query'))
    return c.json(listOf(await listReplays(recordsIn(c), c.var.caller, id, page), replayView))
  })
  .get('/:id/replays/:replayId', allow('secret', 'operator'), async (c) => {
    const { id } = await destinationIn(c)
    const found = await replayOf(recordsIn(c), c.var.caller, id, c.req.param('replayId'))
    if (found === null) throw new GatewayError({ code: 'not_found', detail: 'No such replay.' })
    return c.json(replayView(found))
  })

const recordsIn = (c: Context<Gateway>) => recordsOf(c.env, c.var.caller.merchantId)

export function replayView({ since, until, ...replay }: Replay) {
  return {
    id: replay.id,
    object: 'replay',
    destination_id: replay.destinationId,
    status: replay.finishedAt === null ? 'running' : 'finished',
    from: timeOf(since),
    to: timeOf(until),
    event_types: replay.eventTypes,
    only: replay.only,
    events: replay.events,
    deliveries: replay.deliveries,
    reached: timeOf(replay.cursorAt),
    created_at: timeOf(replay.createdAt),
    finished_at: timeOf(replay.finishedAt),
    livemode: replay.livemode,
  }
}

async function rotate(c: Context<Gateway>, secret: string): Promise<Destination> {
  const { caller, now } = c.var
  const id = c.req.param('id') ?? ''
  const replaced = async ({ secrets, olderSecretUntil }: Secrets) => {
    const known: string[] = JSON.parse(await unseal(c.env, secrets, id))
    const signing = rotated(known, olderSecretUntil, secret, now)
    return { secrets: await seal(c.env, JSON.stringify(signing), id), olderSecretUntil: now + OVERLAP_MS }
  }
  const db = recordsOf(c.env, caller.merchantId)
  const changed = await replaceSecrets(db, caller, id, replaced, byOf(c, caller.id))
  if (changed === null) throw noSuchDestination()
  return changed
}
