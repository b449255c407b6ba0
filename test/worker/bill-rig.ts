/** A store whose payments are billed: its tries, the alarms of its objects, and when everything that follows has happened. */
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, vi } from 'vitest'
import { storageOf } from '../../src/payment/sqlite.ts'
import { load } from '../../src/payment/storage.ts'
import type { Counts } from './meter.ts'
import { aTill, inside, type Json, type Till } from './till.ts'

/** What happened since it was last set to nothing: tries that were saved, and reports that the sandbox made by itself. */
export const seen = { saved: 0, reported: 0 }

interface Told {
  /** What each kind of system subscribes to. */
  systems: Record<string, readonly string[]>
  /** What a system answers to a delivery. */
  answer(request: Request): string | Promise<string>
  ofOpening: number
}

/** A merchant with its business systems, and an isolate that knows its key and its connection. */
export async function aStore({ systems, answer, ofOpening }: Told): Promise<Till> {
  vi.spyOn(globalThis, 'fetch').mockImplementation(
    async (request) => new Response(await answer(request as Request)),
  )
  // Each try that was saved says so in the log; asking the lists instead would be counted too.
  vi.spyOn(console, 'log').mockImplementation((line) => {
    const told = JSON.parse(String(line)) as { message?: string; saved?: boolean; route?: string }
    if (told.message === 'attempt' && told.saved) seen.saved += 1
    if (told.route === '/webhooks/:provider/:connection_id') seen.reported += 1
  })
  const till = await aTill()
  for (const [kind, eventTypes] of Object.entries(systems))
    await till.json(201, '/v1/destinations', {
      body: { kind, url: `https://${kind}.example/events`, event_types: eventTypes },
    })
  seen.saved = 0
  const { payment_id } = await till.open()
  await settled(payment_id, { saved: ofOpening })
  return till
}

interface Expected {
  saved: number
  /** Reports that the sandbox has made. */
  reported?: number
  /** What the payment looks like then. */
  payment?: Json
}

/** Until so much was seen, and the object knows all, and that the records have everything. */
export async function settled(paymentId: string, expected: Expected, counts?: Counts): Promise<void> {
  const isSettled = async () => {
    expect(seen.saved).toBe(expected.saved)
    if (expected.reported !== undefined) expect(seen.reported).toBe(expected.reported)
    const stored = await unmetered(counts, () => inside(paymentId, ({ storage }) => load(storageOf(storage))))
    expect(stored?.published).toBe(stored?.payment.version)
    if (expected.payment !== undefined) expect(stored?.payment).toMatchObject(expected.payment)
  }
  await vi.waitFor(isSettled, { timeout: 15_000, interval: 50 })
}

/** A look around that is nobody's cost. */
export async function unmetered<T>(counts: Counts | undefined, look: () => Promise<T>): Promise<T> {
  const was = counts?.isPaused ?? false
  if (counts !== undefined) counts.isPaused = true
  try {
    return await look()
  } finally {
    if (counts !== undefined) counts.isPaused = was
  }
}

/**
 * The alarm rings. The platform bills each one that is set, and takes a ringing one away by itself; here it is taken
 * away by hand, which is not counted.
 */
export async function aMinuteLater(paymentId: string, counts: Counts): Promise<void> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 })
  await runInDurableObject(env.PAYMENT.getByName(paymentId), async (object, { storage }) => {
    expect(await storage.getAlarm()).not.toBeNull()
    counts.isPaused = true
    await storage.deleteAlarm()
    counts.isPaused = false
    await object.alarm()
  })
}
