// Every worker test file starts on a fresh D1 database with the real migrations.
import { applyD1Migrations, type D1Migration } from 'cloudflare:test'
import { env } from 'cloudflare:workers'

const bound = env as unknown as { DB: D1Database; TEST_MIGRATIONS: D1Migration[] }
await applyD1Migrations(bound.DB, bound.TEST_MIGRATIONS)
