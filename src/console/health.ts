/** How a destination is: whether it takes events, and how many wait for it. */
import type { Context } from 'hono'
import type { viewOf } from '../http/destination.ts'
import type { Console } from './console.ts'
import { type List, read } from './gateway.ts'
import { type Html, tag } from './parts.ts'

type Destination = Awaited<ReturnType<typeof viewOf>>

export function healthTag(c: Context<Console>, { paused_because, failures }: Destination): Html {
  const { say } = c.var
  if (paused_because !== null)
    return tag(say(`health_${paused_because}`), paused_because === 'asked' ? 'wait' : 'bad')
  return failures === 0 ? tag(say('health_well'), 'good') : tag(say('health_shaky', { n: failures }), 'wait')
}

const MOST_COUNTED = 100

/** How many deliveries wait for a destination, held or due; or that there are more than anybody counts. */
export async function backlogOf(c: Context<Console>, destination: string): Promise<string> {
  const waiting = await Promise.all(
    (['held', 'pending'] as const).map((status) =>
      read<List<unknown>>(c, '/v1/deliveries', {
        ...{ destination_id: destination, status, limit: MOST_COUNTED },
      }),
    ),
  )
  const counted = waiting.reduce((sum, { data }) => sum + data.length, 0)
  return waiting.some(({ next_cursor }) => next_cursor !== null) ? `${counted}+` : String(counted)
}
