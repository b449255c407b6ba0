// What worker tests see as `env` and `exports` of 'cloudflare:workers': the Worker's own bindings, and the migrations.
import type { D1Migration } from 'cloudflare:test'
import type { Env as TollgateEnv } from '../src/env.ts'

declare global {
  namespace Cloudflare {
    interface Env extends TollgateEnv {
      TEST_MIGRATIONS: D1Migration[]
      /** How many payments are recorded beforehand where a test counts rows. */
      TEST_RECORDED: string
      /** How many rows the largest settlement file has. */
      TEST_SETTLED: string
      /** How many deliveries a backlog has. */
      TEST_HELD: string
      /** The text of docs/scaling.md. */
      TEST_SCALING: string
    }
    interface GlobalProps {
      mainModule: typeof import('../src/index.ts')
    }
  }
}
