// `npm run deploy -- --env production`: from a clone to a deployment, as often as one likes.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { providerNames } from '../src/providers/index.ts'
import { type EnvironmentName, environmentIn, environments } from './deploy/environments.ts'
import { DeployRefused, deploy, planOf, type SecretName, type Tools } from './deploy/steps.ts'

const usage = `Usage: npm run deploy -- --env ${environments.join('|')} [--dry-run]

  --env NAME   which environment of wrangler.toml
  --dry-run    print what would be done, without the network`

const checkout = path.resolve(import.meta.dirname, '..')
const config = path.join(checkout, 'wrangler.toml')
const print = (line: string) => void process.stdout.write(`${line}\n`)

/** Wrangler prints for a person too; that goes to standard error, so that nobody waits before a silent terminal. */
const wrangler: Tools['wrangler'] = (args) =>
  new Promise((resolve, reject) => {
    const bin = path.join(checkout, 'node_modules/wrangler/bin/wrangler.js')
    const child = spawn(process.execPath, [bin, ...args], {
      cwd: checkout,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [out, said] = ['', '']
    child.stdout.on('data', (piece) => {
      out += piece
      said += piece
    })
    child.stderr.on('data', (piece) => (said += piece))
    child.once('error', reject)
    child.once('close', (code) => resolve({ ok: code === 0, out, said }))
  })

const made: Record<SecretName, () => string> = {
  ADMIN_TOKEN: () => randomBytes(32).toString('base64url'),
  KEY_ENCRYPTION_KEYS: () => `k1:${randomBytes(32).toString('base64')}`,
}

async function secretFor(name: SecretName): Promise<string | null> {
  const given = process.env[name]
  if (given !== undefined && given !== '') return given
  if (!process.stdin.isTTY) return null
  const keyboard = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await keyboard.question(`${name} is not set. Its value, or Enter for a new one: `)
  keyboard.close()
  if (answer.trim() !== '') return answer.trim()
  const fresh = made[name]()
  print(`  ${name}=${fresh}\n  Keep it where you keep such things: it is shown once.`)
  return fresh
}

async function withSecretFile<T>(text: string, use: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tollgate-deploy-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  // Also when somebody has seen enough and presses Ctrl-C.
  process.once('exit', remove)
  try {
    const file = path.join(folder, 'secrets.json')
    writeFileSync(file, text, { mode: 0o600 })
    return await use(file)
  } finally {
    remove()
    process.off('exit', remove)
  }
}

const tools: Tools = {
  wrangler,
  readConfig: () => readFileSync(config, 'utf8'),
  writeConfig: (text) => writeFileSync(config, text),
  secretFor,
  withSecretFile,
  fetch: (url, init) => fetch(url, init),
  pause,
  say: print,
}

function addresses(url: string): string[] {
  return [
    '',
    `Register at your providers, once you have made a connection (POST ${url}/v1/admin/merchants/{id}/connections):`,
    ...providerNames.map((name) => `  ${name.padEnd(12)} ${url}/webhooks/${name}/{connection_id}`),
    'The answer to making a connection has its address as `webhook_url`. README.md, "Deploying", goes on from here.',
  ]
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { env: { type: 'string' }, 'dry-run': { type: 'boolean' } } })
  const name = environments.find((one) => one === values.env) as EnvironmentName | undefined
  if (name === undefined) {
    print(usage)
    return 2
  }
  process.on('SIGINT', () => process.exit(130))
  const environment = environmentIn(tools.readConfig(), name)
  if (values['dry-run']) {
    for (const [index, step] of planOf(environment).entries()) print(`${index + 1}. ${step}`)
    return 0
  }
  const { version } = JSON.parse(readFileSync(path.join(checkout, 'package.json'), 'utf8'))
  const url = await deploy(environment, version, tools)
  for (const line of addresses(url)) print(line)
  return 0
}

process.exitCode = await main().catch((error) => {
  if (!(error instanceof DeployRefused) && error.code?.startsWith?.('ERR_PARSE_ARGS') !== true) throw error
  process.stderr.write(`${error.message}\n`)
  return 1
})
