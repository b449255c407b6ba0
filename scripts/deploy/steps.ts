/**
 * From a clone to a deployment, step by step. Each step looks first and makes only what is missing, so a deployment that
 * broke off is begun again from its start. Wrangler does the work; this says in which order, and with what.
 */
import { type Environment, withDatabaseId } from './environments.ts'

/** What the steps need of the world around them. */
export interface Tools {
  /** Runs wrangler; `out` is what it printed to standard output, `said` all of it. */
  wrangler(args: string[]): Promise<{ ok: boolean; out: string; said: string }>
  /** Reads and writes wrangler.toml. */
  readConfig(): string
  writeConfig(text: string): void
  /** A secret from the deployer's environment or keyboard; null when there is neither. */
  secretFor(name: SecretName): Promise<string | null>
  /** Calls `use` with the name of a file that holds this text and that nobody else can read; it is gone afterwards. */
  withSecretFile<T>(text: string, use: (file: string) => Promise<T>): Promise<T>
  fetch(url: string, init?: RequestInit): Promise<Response>
  pause(ms: number): Promise<void>
  say(line: string): void
}

export const secrets = ['ADMIN_TOKEN', 'KEY_ENCRYPTION_KEYS'] as const
export type SecretName = (typeof secrets)[number]

/** A deployment that cannot go on, in words for the person at the keyboard. */
export class DeployRefused extends Error {}

/** Deploys the environment and resolves with its address. Throws `DeployRefused` saying what to do. */
export async function deploy(environment: Environment, version: string, tools: Tools): Promise<string> {
  await checkLogin(tools)
  await makeDatabases(environment, tools)
  await makeQueues(environment, tools)
  const missing = await missingSecrets(environment, tools)
  await migrate(environment, tools)
  const url = await upload(environment, missing, tools)
  await smoke(url, version, tools)
  return url
}

/** The same steps in words and as commands, without a look at the network. */
export function planOf({ name, worker, databases, queues, publicUrl }: Environment): string[] {
  const env = `--env ${name}`
  return [
    'Check the log-in: wrangler whoami --json',
    ...databases.map(({ binding, name: database, id }) =>
      id === null
        ? `Find or make the database ${database} (${binding}) and enter its id in wrangler.toml: wrangler d1 create ${database}`
        : `Use the database ${database} (${binding}), ${id}`,
    ),
    ...queues.map((queue) => `Make the queue ${queue} where it is missing: wrangler queues create ${queue}`),
    `Ask for the secrets that ${worker} lacks: ${secrets.join(', ')}`,
    ...databases.map(
      ({ binding }) => `Apply migrations: wrangler d1 migrations apply ${binding} --remote ${env}`,
    ),
    `Deploy: wrangler deploy ${env} --secrets-file (a file of this moment)`,
    `Check that ${publicUrl === '' ? 'the address that wrangler prints' : publicUrl} answers, and that its doors are closed`,
    'Print the addresses to register at providers',
  ]
}

async function checkLogin({ wrangler, say }: Tools): Promise<void> {
  const { ok, out } = await wrangler(['whoami', '--json'])
  if (!ok)
    throw new DeployRefused(
      'Nobody is logged in at Cloudflare. Run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID.',
    )
  const { email, accounts = [] } = JSON.parse(out) as { email?: string; accounts?: { name: string }[] }
  say(`Logged in as ${email ?? 'an API token'}: ${accounts.map((account) => account.name).join(', ')}`)
}

async function makeDatabases({ databases, name: environment }: Environment, tools: Tools): Promise<void> {
  const list = async () =>
    JSON.parse(await mustRun(tools, ['d1', 'list', '--json'])) as { name: string; uuid: string }[]
  let there = await list()
  for (const { name, id } of databases) {
    const isThere = () => there.find((one) => one.name === name)
    if (isThere() === undefined) {
      tools.say(`Making the database ${name}`)
      await mustRun(tools, ['d1', 'create', name])
      there = await list()
    }
    const { uuid } =
      isThere() ?? refuse(`The database ${name} was made and is not listed. Try again in a minute.`)
    if (id !== null && id !== uuid)
      refuse(
        `wrangler.toml says that ${name} is ${id}, and this account has it as ${uuid}. Log in to the right account, or put the right id into [env.${environment}].`,
      )
    if (id === null) tools.writeConfig(withDatabaseId(tools.readConfig(), name, uuid))
  }
}

async function makeQueues({ queues }: Environment, tools: Tools): Promise<void> {
  const there = new Set<string>()
  for (let page = 1; ; page++) {
    const listed = JSON.parse(await mustRun(tools, ['queues', 'list', '--page', String(page), '--json']))
    const names = (listed as { queue_name: string }[]).map((queue) => queue.queue_name)
    // A page that brings nothing new is the last one.
    if (names.every((name) => there.has(name))) break
    for (const name of names) there.add(name)
  }
  for (const queue of queues.filter((name) => !there.has(name))) {
    tools.say(`Making the queue ${queue}`)
    await mustRun(tools, ['queues', 'create', queue])
  }
}

/** What the Worker lacks, with values. A Worker that is not there yet lacks all of them. */
async function missingSecrets(
  { name }: Environment,
  tools: Tools,
): Promise<Partial<Record<SecretName, string>>> {
  const { ok, out, said } = await tools.wrangler(['secret', 'list', '--env', name, '--format', 'json'])
  if (!ok && !/not found|does not exist|10007/i.test(said)) refuse(`wrangler secret list failed:\n${said}`)
  const there = ok ? (JSON.parse(out) as { name: string }[]).map((secret) => secret.name) : []
  const values: Partial<Record<SecretName, string>> = {}
  for (const secret of secrets.filter((one) => !there.includes(one)))
    values[secret] =
      (await tools.secretFor(secret)) ??
      refuse(`The secret ${secret} is missing. Set it in the environment, or run this at a terminal.`)
  return values
}

async function migrate({ name, databases }: Environment, tools: Tools): Promise<void> {
  for (const { binding } of databases) {
    tools.say(`Applying migrations to ${binding}`)
    await mustRun(tools, ['d1', 'migrations', 'apply', binding, '--remote', '--env', name])
  }
}

/** Secrets travel with the version that needs them, so that no version runs without. */
async function upload(
  { name, publicUrl }: Environment,
  values: Partial<Record<SecretName, string>>,
  tools: Tools,
): Promise<string> {
  const command = ['deploy', '--env', name]
  tools.say('Deploying')
  const said =
    Object.keys(values).length === 0
      ? await mustRun(tools, command)
      : await tools.withSecretFile(JSON.stringify(values), (file) =>
          mustRun(tools, [...command, '--secrets-file', file]),
        )
  const printed = /https:\/\/[\w.-]+\.workers\.dev/.exec(said)?.[0]
  const url = publicUrl === '' ? printed : publicUrl
  return (
    url ??
    refuse(
      `It is deployed, and wrangler prints no address. Set PUBLIC_URL under [env.${name}.vars] and deploy again.`,
    )
  )
}

const SMOKE_TRIES = 10
const SMOKE_EVERY_MS = 3_000
const SMOKE_TIMEOUT_MS = 10_000

/** The new version answers, and nobody gets in without a key. A new address takes a while to be known everywhere. */
async function smoke(url: string, version: string, { fetch, pause, say }: Tools): Promise<void> {
  let seen = ''
  for (let tries = 0; tries < SMOKE_TRIES; tries++) {
    if (tries > 0) await pause(SMOKE_EVERY_MS)
    seen = await lookAt(url, version, fetch).catch((error) => String(error))
    if (seen === '') {
      say(`${url} answers as version ${version}, and its doors are closed`)
      return
    }
  }
  refuse(`It is deployed, and ${url} does not answer as it should: ${seen}. See \`npx wrangler tail\`.`)
}

/** What is wrong; empty when all is well. */
async function lookAt(url: string, version: string, fetch: Tools['fetch']): Promise<string> {
  const within = () => ({ signal: AbortSignal.timeout(SMOKE_TIMEOUT_MS) })
  const health = await fetch(`${url}/healthz`, within())
  const body = (await health.json().catch(() => ({}))) as { status?: string; version?: string }
  if (health.status !== 200 || body.status !== 'ok') return `/healthz is ${health.status}`
  if (body.version !== version) return `/healthz is of version ${body.version}`
  const closed = await fetch(`${url}/v1/payments/pay_00000000000000000000000000`, within())
  return closed.status === 401 ? '' : `a request without a key is answered ${closed.status}`
}

async function mustRun({ wrangler }: Tools, args: string[]): Promise<string> {
  const { ok, out, said } = await wrangler(args)
  if (!ok) refuse(`wrangler ${args.join(' ')} failed:\n${said}`)
  return out
}

function refuse(why: string): never {
  throw new DeployRefused(why)
}
