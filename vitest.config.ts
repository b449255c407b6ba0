// Three speeds: pure (Node, milliseconds), worker (workerd with real D1, objects and queues; once more, in part, with
// the records spread over four databases), journeys (HTTP only).
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'
import { hurriedConsumers } from './scripts/local/hurried.ts'

// Wrangler and Miniflare ask the internet for updates, metrics and geography unless they are told not to.
Object.assign(process.env, {
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_WRITE_LOGS: 'false',
})

const root = import.meta.dirname
const migrations = path.join(root, 'migrations')

const inWorkerd = (databases: string[]) =>
  cloudflareTest(async () => {
    // What wrangler's build makes: nothing here builds, and the Worker serves it.
    execFileSync(process.execPath, [path.join(root, 'scripts/make-public.ts')], { stdio: 'inherit' })
    return options(databases)
  })

const options = async (databases: string[]) => ({
  wrangler: { configPath: './wrangler.toml' },
  miniflare: {
    d1Databases: databases,
    // Optional in wrangler.toml; tests watch what is written to it.
    analyticsEngineDatasets: { METRICS: { dataset: 'tollgate' } },
    r2Buckets: ['CHECKPOINTS'],
    queueConsumers: hurriedConsumers(root),
    bindings: {
      TEST_MIGRATIONS: existsSync(migrations) ? await readD1Migrations(migrations) : [],
      TEST_RECORDED: process.env.RECORDED ?? '10000',
      TEST_SETTLED: process.env.SETTLED ?? '5000',
      TEST_HELD: process.env.HELD ?? '2000',
      // The page that says how to split a database, whose statements a test carries out.
      TEST_SCALING: readFileSync(path.join(root, 'docs/scaling.md'), 'utf8'),
      ADMIN_TOKEN: 'admin-token-of-the-tests',
      KEY_ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
      LOCAL: 'true',
      RATE_LIMITS: 'false',
    },
    // A request that no test has foreseen gets an answer that no code mistakes for a success.
    outboundService: (request: { url: string }) => new Response(`blocked ${request.url}`, { status: 599 }),
  },
})

/** What touches the records, and so must hold as well where they are spread over four databases. */
const recordsTests = [
  ...['record', 'delivery', 'sweeper', 'business-http', 'latency', 'bill', 'rebuild', 'reconciliation'],
]

/** What counts everything that there is, and so must begin with nothing. */
const countingTests = [
  'admin',
  'backlog',
  'bad-input',
  'bill',
  'bill-extras',
  'checkpoint',
  'flat',
  'hot-path',
  'metrics',
]
const counting = `test/worker/{${countingTests.join(',')}}.test.ts`

const overHttp = { environment: 'node', testTimeout: 120_000, hookTimeout: 120_000 } as const

export default defineConfig({
  test: {
    passWithNoTests: true,
    // Vitest leaves one core idle by default, which is half of a machine with two.
    maxWorkers: os.availableParallelism(),
    projects: [
      {
        test: {
          name: 'pure',
          environment: 'node',
          include: ['test/pure/**/*.test.ts', 'test/house/**/*.test.ts'],
          // They take milliseconds to seconds; the limit is for what hangs, also on a machine that is busy otherwise.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        plugins: [inWorkerd(['DB'])],
        test: {
          name: 'worker',
          // As above.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          include: ['test/worker/**/*.test.ts'],
          exclude: [counting],
          setupFiles: ['./test/worker/setup.ts'],
          // To start a runtime, read all the code and make the databases costs more than most files' tests do.
          isolate: false,
        },
      },
      {
        plugins: [inWorkerd(['DB'])],
        test: {
          name: 'counting',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          include: [counting],
          setupFiles: ['./test/worker/setup.ts'],
        },
      },
      {
        plugins: [inWorkerd(['DB', 'RECORDS_0', 'RECORDS_1', 'RECORDS_2', 'RECORDS_3'])],
        test: {
          name: 'sharded',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          include: ['test/sharded/**/*.test.ts', `test/worker/{${recordsTests.join(',')}}.test.ts`],
          setupFiles: ['./test/worker/setup.ts'],
        },
      },
      {
        test: {
          ...overHttp,
          name: 'journeys',
          include: ['test/journeys/*.test.ts'],
          globalSetup: ['./test/journeys/support/shared.ts'],
          fileParallelism: false,
        },
      },
      { test: { ...overHttp, name: 'alone', include: ['test/journeys/alone/*.test.ts'] } },
    ],
  },
})
