/** A whole run on one kind of state: both systems side by side, their windows one after another and in turns. */
import { randomBytes } from 'node:crypto'
import { freePort } from '../local/ports.ts'
import { floorDoor, gatewayDoor } from './doors.ts'
import { orderIn } from './figures.ts'
import type { Level } from './load.ts'
import { makeMerchant } from './merchant.ts'
import { startOutside } from './outside.ts'
import { type Kind, type System, startSystem } from './runtimes.ts'
import { LEASE_SECONDS } from './sending.ts'
import type { Row } from './table.ts'
import { type Measure, makeKnown, type Rig, window } from './windows.ts'

export interface Plan {
  seconds: number
  rounds: number
  /** How many callers there are at once, one window for each number. */
  callers: readonly number[]
  only: readonly Measure[]
  /** How many payments there are in the gateway's records before it begins. */
  recorded: number
  /** Says which window has begun. */
  say(what: string): void
}

const evenly: Level = { perSecond: 100 }

/** Deliveries have no callers: one backlog stands for any number of them. */
function levelsOf(plan: Plan, measure: Measure): Level[] {
  const callers = plan.callers.map((count): Level => ({ callers: count }))
  return measure === 'deliver' ? [...callers.slice(0, 1), evenly] : [...callers, evenly]
}

/** Runs the plan with the systems' state in `folder`. */
export async function run(plan: Plan, folder: string): Promise<Row[]> {
  const outside = await startOutside()
  const secrets = {
    ADMIN_TOKEN: randomBytes(24).toString('base64url'),
    KEY_ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  }
  const settings = { ALLOW_PRIVATE_ADDRESSES: 'true', RATE_LIMITS: 'false' }
  const vars = { ...settings, ...secrets, DELIVERY_LEASE_SECONDS: String(LEASE_SECONDS) }
  const systems: System[] = []
  const start = async (kind: Kind) => {
    const system = await startSystem(kind, folder, await freePort(), kind === 'gateway' ? vars : {})
    systems.push(system)
    return system
  }
  try {
    const [floor, gateway] = [await start('floor'), await start('gateway')]
    const merchant = await makeMerchant(gateway.origin, secrets.ADMIN_TOKEN, outside.url)
    if (plan.recorded > 0) {
      plan.say(`recording ${plan.recorded} payments`)
      await gateway.record({ merchantId: merchant.id, payments: plan.recorded })
    }
    const common = { outside, merchantId: merchant.id, known: [], rates: {} }
    const rigs: Record<Kind, Rig> = {
      floor: { ...common, system: floor, door: floorDoor(floor.origin), rates: {} },
      gateway: {
        ...common,
        system: gateway,
        door: gatewayDoor(gateway.origin, merchant, outside.url),
        rates: {},
      },
    }
    await warmUp(plan, rigs)
    return await rounds(plan, rigs)
  } finally {
    for (const system of systems) await system.stop()
    await outside.stop()
  }
}

/** The first requests compile code and read the directory; nobody's figures should hold them. */
async function warmUp(plan: Plan, rigs: Record<Kind, Rig>): Promise<void> {
  for (const rig of Object.values(rigs)) {
    plan.say(`${rig.system.kind}: warming up`)
    await makeKnown(rig, plan.seconds)
    for (const measure of plan.only) await window(rig, measure, { callers: 16 }, Math.min(plan.seconds, 1))
  }
}

async function rounds(plan: Plan, rigs: Record<Kind, Rig>): Promise<Row[]> {
  const rows = plan.only.flatMap((measure) =>
    levelsOf(plan, measure).map((level): Row => ({ measure, level, floor: [], gateway: [] })),
  )
  for (let round = 0; round < plan.rounds; round++) {
    for (const row of rows) {
      for (const kind of orderIn<Kind>(round, ['floor', 'gateway'])) {
        plan.say(
          `round ${round + 1} of ${plan.rounds}: ${row.measure}, ${JSON.stringify(row.level)}, ${kind}`,
        )
        row[kind].push(await window(rigs[kind], row.measure, row.level, plan.seconds))
      }
    }
  }
  return rows
}
