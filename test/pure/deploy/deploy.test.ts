import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { NO_ID, withDatabaseId, withEnvironments } from '../../../scripts/deploy/environments.ts'
import { deploy, planOf } from '../../../scripts/deploy/steps.ts'
import { Account, URL } from './account.ts'

const wranglerToml = readFileSync(path.resolve(import.meta.dirname, '../../../wrangler.toml'), 'utf8')
const config = wranglerToml.replaceAll(/database_id = ".*"/g, `database_id = "${NO_ID}"`)
const anAccount = () => new Account(config)
const run = (account: Account) => deploy(account.environment, '1.2.3', account.tools)
const made = (account: Account) => account.ran.filter((command) => /create/.test(command))

describe('a deployment to an empty account', () => {
  it('makes the database, the queues with their dead letters, and uploads with the secrets', async () => {
    const account = anAccount()
    expect(await run(account)).toBe(URL)
    expect(made(account)).toEqual([
      'd1 create tollgate-production',
      ...account.environment.queues.map((queue) => `queues create ${queue}`),
    ])
    expect(account.environment.queues).toContain('tollgate-production-journal-dead')
    expect(account.secrets).toEqual(['ADMIN_TOKEN', 'KEY_ENCRYPTION_KEYS'])
  })

  it('enters the id of the database into its own environment, and into no other', async () => {
    const account = anAccount()
    await run(account)
    expect(account.environment.databases).toMatchObject([{ id: 'id-of-tollgate-production' }])
    expect(account.config.split(NO_ID)).toHaveLength(config.split(NO_ID).length - 1)
  })

  it('applies migrations before the version that needs them', async () => {
    const account = anAccount()
    await run(account)
    const order = account.ran.filter((command) => /^(d1 migrations|deploy)/.test(command))
    expect(order).toEqual([
      'd1 migrations apply DB --remote --env production',
      expect.stringMatching(/^deploy --env production --secrets-file /),
    ])
  })
})

describe('a deployment that is made again', () => {
  it('makes nothing twice, and asks for no secret that is there', async () => {
    const account = anAccount()
    await run(account)
    account.ran.length = 0
    account.given = {}
    expect(await run(account)).toBe(URL)
    expect(made(account)).toEqual([])
    expect(account.ran.at(-1)).toBe('deploy --env production')
  })

  it.each(['d1 list', 'd1 create', 'queues create', 'd1 migrations', 'deploy'])(
    'goes on where it broke off: %s',
    async (command) => {
      const account = anAccount()
      account.failing = [command]
      await expect(run(account)).rejects.toThrow('The network is down.')
      expect(await run(account)).toBe(URL)
      const twice = account.databases.length + account.queues.length
      expect(twice).toBe(2 + 1 + account.environment.queues.length)
    },
  )
})

describe('a deployment that cannot be', () => {
  it('says how to log in', async () => {
    const account = anAccount()
    account.isLoggedIn = false
    await expect(run(account)).rejects.toThrow('npx wrangler login')
    expect(account.ran).toHaveLength(1)
  })

  it('uploads nothing while a secret is missing', async () => {
    const account = anAccount()
    account.given = { ADMIN_TOKEN: 'made-up' }
    await expect(run(account)).rejects.toThrow('KEY_ENCRYPTION_KEYS is missing')
    expect(account.isDeployed).toBe(false)
  })

  it('does not take a failing look at the secrets for their absence', async () => {
    const account = anAccount()
    account.failing = ['secret list']
    await expect(run(account)).rejects.toThrow('The network is down.')
    expect(account.isDeployed).toBe(false)
  })

  it('touches no database of another account', async () => {
    const account = anAccount()
    account.config = withDatabaseId(config, 'tollgate-production', 'elsewhere')
    account.databases.push({ name: 'tollgate-production', uuid: 'here' })
    await expect(run(account)).rejects.toThrow('Log in to the right account')
    expect(account.isDeployed).toBe(false)
  })

  it.each([
    ['another version answers', { health: { status: 'ok', version: '1.2.2' } }, 'is of version 1.2.2'],
    ['its doors are open', { withoutKey: 200 }, 'a request without a key is answered 200'],
  ])('is no success when %s', async (_, world, why) => {
    const account = Object.assign(anAccount(), world)
    await expect(run(account)).rejects.toThrow(why)
    expect(account.pauses).toBe(9)
  })
})

describe('the plan', () => {
  it('names every command that a first deployment runs', async () => {
    const account = anAccount()
    const plan = planOf(account.environment).join('\n')
    await run(account)
    for (const command of [
      ...made(account),
      'd1 migrations apply DB --remote --env production',
      'deploy --env production',
    ])
      expect(plan).toContain(`wrangler ${command}`)
  })
})

describe('wrangler.toml', () => {
  it('gives a database that two bindings share its id at both', () => {
    const shared = withEnvironments(
      config.replace(
        '[[d1_databases]]',
        '[[d1_databases]]\nbinding = "RECORDS_0"\ndatabase_name = "tollgate"\ndatabase_id = ""\n\n[[d1_databases]]',
      ),
    )
    const account = new Account(withDatabaseId(shared, 'tollgate-production', 'mine'))
    expect(account.environment.databases.map(({ binding, id }) => [binding, id])).toEqual([
      ['RECORDS_0', 'mine'],
      ['DB', 'mine'],
    ])
  })

  it("keeps a deployer's own values when the environments are written anew", () => {
    const own = withDatabaseId(config, 'tollgate-staging', 'mine').replace(
      '[env.staging.vars]\nPUBLIC_URL = ""',
      '[env.staging.vars]\nPUBLIC_URL = "https://pay.example"\nMAX_ATTEMPTS = "3"',
    )
    expect(own).toContain('"mine"')
    expect(withEnvironments(own)).toBe(own)
  })
})
