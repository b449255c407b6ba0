/**
 * Once a day a sample of payments is compared with their records, row by row. What differs is left as it is, because it
 * may be evidence, and stands before an operator: a rebuild of the payment makes it good.
 */
import { base32 } from '../domain/ids.ts'
import { choreOf, moveChore } from '../store/chores.ts'
import type { Records } from '../store/database.ts'
import { differences, paymentsFrom } from '../store/parity.ts'
import { merchantsFrom } from '../store/rebuilds.ts'
import type { Recordable } from '../store/records.ts'
import type { Ports } from './ports.ts'

/** Payments that are compared side by side, and merchants whose known ones are looked at. */
const SIDE_BY_SIDE = 20
const MERCHANTS = 10
/** Differences that an exception names. */
const NAMED = 5

/** Today's sample of a database, unless it was taken; an empty count then. */
export async function compareSample(db: Records, ports: Ports): Promise<Record<string, number>> {
  const chore = await choreOf(db, 'parity', ports.now())
  if (chore === null) return {}
  const sample = await sampleOf(db, ports)
  const done = { compared: 0, differing: 0, unreached: 0 }
  for (let start = 0; start < sample.length; start += SIDE_BY_SIDE) {
    const part = sample.slice(start, start + SIDE_BY_SIDE)
    const judged = await Promise.all(part.map((stream) => judge(db, stream, ports)))
    for (const one of judged) done[one] += 1
  }
  await moveChore(db, chore, null, ports.now())
  return done
}

/** Half from the records, which shows what is wrong there; half from what is known, which shows what is missing. */
async function sampleOf(db: Records, ports: Ports): Promise<string[]> {
  const half = Math.ceil(ports.settings.PARITY_SAMPLE / 2)
  const recorded = await paymentsFrom(db, `pay_${somewhere(ports)}`, half)
  const merchants = await merchantsFrom(ports.directory(), `mer_${somewhere(ports)}`, MERCHANTS)
  const own = merchants.filter((id) => ports.recordsOf(id) === db)
  const share = Math.ceil(half / Math.max(1, own.length))
  const known = await Promise.all(own.map((id) => knownFrom(id, share, ports)))
  return [...new Set([...recorded, ...known.flat()])].slice(0, 2 * half)
}

/** From a place that chance chooses, and from the beginning where nothing follows. */
async function knownFrom(merchantId: string, limit: number, ports: Ports): Promise<string[]> {
  const known = ports.knownOf(merchantId)
  const page = await known.page(`pay_${somewhere(ports)}`, limit)
  const streams = page.length > 0 ? page : await known.page('', limit)
  return streams.filter((stream) => stream.startsWith('pay_'))
}

const somewhere = (ports: Ports): string =>
  base32(
    Uint8Array.from({ length: 17 }, () => Math.floor(ports.chance() * 256)),
    26,
  )

async function judge(
  db: Records,
  stream: string,
  ports: Ports,
): Promise<'compared' | 'differing' | 'unreached'> {
  try {
    const found = await differencesOf(db, stream, ports)
    if (found.length === 0) return 'compared'
    ports.log({ message: 'records_differ', level: 'error', stream, differences: found.length })
    const more = found.length > NAMED ? ` and ${found.length - NAMED} more` : ''
    const detail = `Records differ from the payment's own journal: ${found.slice(0, NAMED).join(', ')}${more}.`
    await ports.paymentOf(stream).raiseException({ kind: 'contradiction', cause: 'records_differ', detail })
    return 'differing'
  } catch {
    // One that cannot be asked today is among tomorrow's chances.
    return 'unreached'
  }
}

/** The object is asked first, so that records which are newer than its answer are no difference. */
async function differencesOf(db: Records, stream: string, ports: Ports): Promise<string[]> {
  const told: Recordable[] = []
  for (;;) {
    const piece = await ports.publisherOf(stream).retold(told.at(-1)?.to ?? 0)
    if (piece.kind === 'broken') return [`entry ${piece.brokenAt} in the object itself (${piece.why})`]
    if (piece.kind === 'nothing') break
    told.push(piece.publication)
  }
  return told.length === 0 ? [] : await differences(db, stream, told)
}
