// Every worker test file finds D1 databases with the real migrations.
import { applyD1Migrations } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { shardsOf } from '../../src/store/database.ts'

const records = shardsOf(env).map((one) => one.$client)
for (const database of new Set([env.DB, ...records])) await applyD1Migrations(database, env.TEST_MIGRATIONS)
