/** The consumers of the queues for a machine on which few messages travel: none of them waits for a batch to fill. */
import path from 'node:path'
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from 'wrangler'

export type Consumers = Record<string, { maxBatchSize?: number; maxBatchTimeout?: number }>

/** Long enough for what is sent together to be received together: a tenth of what a person notices. */
const WAIT_SECONDS = 0.05

/** The same consumers with that wait at most. */
export const hurried = (consumers: Consumers): Consumers =>
  Object.fromEntries(
    Object.entries(consumers).map(([queue, one]) => [
      queue,
      { ...one, maxBatchTimeout: Math.min(one.maxBatchTimeout ?? WAIT_SECONDS, WAIT_SECONDS) },
    ]),
  )

/** As `wrangler.toml` of this checkout has them, hurried. */
export function hurriedConsumers(checkout: string): Consumers {
  const config = unstable_readConfig({ config: path.join(checkout, 'wrangler.toml') })
  const { workerOptions } = unstable_getMiniflareWorkerOptions(config)
  return hurried(workerOptions.queueConsumers as Consumers)
}
