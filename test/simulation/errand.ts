/** What a person has done by a Worker: who hears of no answer tries again. */
import { GatewayError } from '../../src/domain/errors.ts'
import type { City } from './city.ts'
import { Misfortune } from './clockwork.ts'

export function errand(city: City, name: string, run: () => Promise<unknown>, tries = 3): void {
  const { clock } = city
  const again = () => {
    if (tries === 0) return
    const at = clock.now + clock.chance.wait(5_000, 600_000)
    clock.at(at, `${name} again`, () => errand(city, name, run, tries - 1), clock.world)
  }
  const work = async () => {
    try {
      await run()
    } catch (error) {
      if (error instanceof GatewayError) {
        clock.tell(`${name}: ${error.refusal.code}`)
        if (error.refusal.retryAfterSeconds === undefined) return
      } else if (!(error instanceof Misfortune || (error as Error).cause instanceof Misfortune)) throw error
      again()
    }
  }
  clock.worker(name, work, () => {}, again)
}
