/** The Worker: wiring only, and the one place where bindings are handed out. */
import { consoleOn } from './console/app.ts'
import { doChores } from './delivery/chores.ts'
import { portsOf } from './delivery/ports.ts'
import { consume } from './delivery/queues.ts'
import { sweep } from './delivery/sweeper.ts'
import type { Env } from './env.ts'
import { app } from './http/app.ts'
import { consumeReconciliations } from './reconciliation/consumer.ts'
import { reconcilingPortsOf } from './reconciliation/ports.ts'
import { sweepReconciliations } from './reconciliation/sweeper.ts'
import { sandbox } from './sandbox/app.ts'

export { DestinationPace } from './delivery/pace.ts'
export { InboxObject } from './payment/inbox.ts'
export { KnownStreams } from './payment/known-streams.ts'
export { PaymentObject } from './payment/object.ts'
export { OrderNumbers } from './payment/order-numbers.ts'
export { QuoteKeys } from './payment/quote-keys.ts'
export { SandboxBook } from './sandbox/book.ts'

app.route('/sandbox', sandbox)
app.route('/console', consoleOn(app))

export default {
  fetch: app.fetch,
  queue: async (batch, env) => {
    if (!(await consumeReconciliations(batch, reconcilingPortsOf(env)))) await consume(batch, portsOf(env))
  },
  scheduled: async (_event, env) => {
    const ports = portsOf(env)
    await sweep(ports)
    await doChores(ports)
    await sweepReconciliations(reconcilingPortsOf(env))
  },
} satisfies ExportedHandler<Env>
