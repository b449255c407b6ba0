/** A Cloudflare account as wrangler shows it, in memory: what the deployment makes stays, and any command can fail once. */
import { environmentIn } from '../../../scripts/deploy/environments.ts'
import type { SecretName, Tools } from '../../../scripts/deploy/steps.ts'

export const URL = 'https://tollgate-production.example.workers.dev'

export class Account {
  databases: { name: string; uuid: string }[] = [{ name: 'of-another-project', uuid: 'other' }]
  queues: string[] = ['of-another-project']
  secrets: string[] = []
  isLoggedIn = true
  isDeployed = false
  /** What the world gets from the address. */
  health: object = { status: 'ok', version: '1.2.3' }
  withoutKey = 401
  config: string
  /** Secrets that the person gives. */
  given: Partial<Record<SecretName, string>> = { ADMIN_TOKEN: 'made-up', KEY_ENCRYPTION_KEYS: 'k1:made-up' }
  readonly ran: string[] = []
  readonly said: string[] = []
  /** Commands that begin so fail, once each. */
  failing: string[] = []
  pauses = 0

  constructor(config: string) {
    this.config = config
  }

  get environment() {
    return environmentIn(this.config, 'production')
  }

  get tools(): Tools {
    return {
      wrangler: async (args) => this.#wrangler(args),
      readConfig: () => this.config,
      writeConfig: (text) => (this.config = text),
      secretFor: async (name) => this.given[name] ?? null,
      withSecretFile: (text, use) => use(`file:${text}`),
      fetch: async (url) =>
        url.endsWith('/healthz')
          ? Response.json(this.health)
          : new Response(null, { status: this.withoutKey }),
      pause: async () => {
        this.pauses += 1
      },
      say: (line) => this.said.push(line),
    }
  }

  #wrangler(args: string[]) {
    const command = args.join(' ')
    this.ran.push(command)
    const fails = this.failing.findIndex((one) => command.startsWith(one))
    if (fails >= 0) {
      this.failing.splice(fails, 1)
      return { ok: false, out: '', said: 'The network is down.' }
    }
    const answer = this.#answer(command, args)
    return answer === null
      ? { ok: false, out: '', said: 'This Worker does not exist on your account. [code: 10007]' }
      : { ok: true, out: answer, said: answer }
  }

  #answer(command: string, args: string[]): string | null {
    const name = args[2] ?? ''
    if (command === 'whoami --json')
      return this.isLoggedIn
        ? JSON.stringify({ email: 'ani@example.am', accounts: [{ name: 'Shop' }] })
        : null
    if (command === 'd1 list --json') return JSON.stringify(this.databases)
    if (command.startsWith('d1 create')) this.databases.push({ name, uuid: `id-of-${name}` })
    if (command.startsWith('queues list')) {
      const page = Number(args[3]) - 1
      return JSON.stringify(this.queues.slice(page * 3, page * 3 + 3).map((one) => ({ queue_name: one })))
    }
    if (command.startsWith('queues create')) this.queues.push(name)
    if (command.startsWith('secret list'))
      return this.isDeployed ? JSON.stringify(this.secrets.map((one) => ({ name: one }))) : null
    if (command.startsWith('deploy')) {
      this.isDeployed = true
      const file = args[args.indexOf('--secrets-file') + 1] ?? ''
      if (args.includes('--secrets-file')) this.secrets.push(...Object.keys(JSON.parse(file.slice(5))))
      return `Uploaded tollgate-production\n  ${URL}\n`
    }
    return ''
  }
}
