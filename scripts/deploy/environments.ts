/**
 * wrangler.toml's environments. An environment inherits no binding, so each repeats all of them under its own names:
 * below a mark in the file they are written from what stands above it, and only a deployer's own values are kept.
 */
import { parse, stringify } from 'smol-toml'

export const environments = ['production', 'staging'] as const
export type EnvironmentName = (typeof environments)[number]

const MARK = '# Below this line `npm run environments` writes'
const OPENING = `${MARK}; what stands above is written once for each environment under its own names.
# Yours, and kept, are its vars (what they leave out has the default that README.md names) and the ids of its databases
# (\`npm run deploy\` enters those).
`

interface Queues {
  producers: { queue: string }[]
  consumers: { queue: string; dead_letter_queue?: string }[]
}

interface Bindings {
  vars: Record<string, string>
  d1_databases: { binding: string; database_name: string; database_id: string }[]
  queues: Queues
  services: { binding: string; service: string }[]
  ratelimits: { name: string; namespace_id: string }[]
}

interface Config extends Bindings {
  name: string
  env?: Partial<Record<EnvironmentName, Bindings>>
}

/** What a deployment of one environment needs to exist. */
export interface Environment {
  name: EnvironmentName
  worker: string
  databases: { binding: string; name: string; id: string | null }[]
  /** Every queue that is sent to or read, dead letters among them. */
  queues: string[]
  /** Where the world reaches it; empty when the deployer has not said. */
  publicUrl: string
}

/** The id of a database that nobody has made yet. */
export const NO_ID = '00000000-0000-0000-0000-000000000000'

/** The file with its environments written anew. Throws when it is no TOML. */
export function withEnvironments(text: string): string {
  const head = text.split(MARK)[0]!.trimEnd()
  const { env: _, ...base } = parse(head) as unknown as Config
  const known = (parse(text) as unknown as Config).env ?? {}
  const env = Object.fromEntries(
    environments.map((name, index) => [name, environmentLike(base, name, index, known[name])]),
  )
  return `${head}\n\n${OPENING}\n${stringify({ env }).trimEnd()}\n`
}

function environmentLike(base: Config, name: EnvironmentName, index: number, known?: Bindings) {
  const own = (text: string) => text.replace(/^tollgate(?=-|$)/, `tollgate-${name}`)
  const { durable_objects, d1_databases, queues, services, ratelimits, ...rest } = base as Config & {
    durable_objects: object
  }
  const optional = Object.fromEntries(
    Object.entries(rest).filter(([key]) => key === 'r2_buckets' || key === 'analytics_engine_datasets'),
  )
  return {
    name: own(base.name),
    vars: { PUBLIC_URL: '', ...known?.vars },
    durable_objects,
    d1_databases: d1_databases.map((one) => {
      const before = known?.d1_databases.find(({ binding }) => binding === one.binding)
      return { ...one, database_name: own(one.database_name), database_id: before?.database_id ?? NO_ID }
    }),
    queues: {
      producers: queues.producers.map((one) => ({ ...one, queue: own(one.queue) })),
      consumers: queues.consumers.map((one) => ({
        ...one,
        queue: own(one.queue),
        ...(one.dead_letter_queue === undefined ? {} : { dead_letter_queue: own(one.dead_letter_queue) }),
      })),
    },
    services: services.map((one) => ({ ...one, service: own(one.service) })),
    // No two limits of an account share a number.
    ratelimits: ratelimits.map((one) => ({
      ...one,
      namespace_id: String(Number(one.namespace_id) + 100 * (index + 1)),
    })),
    ...optional,
  }
}

/** What the environment of this name consists of. Throws when the file has none. */
export function environmentIn(text: string, name: EnvironmentName): Environment {
  const bindings = (parse(text) as unknown as Config).env?.[name] as (Bindings & { name: string }) | undefined
  if (bindings === undefined) throw new Error(`wrangler.toml has no environment "${name}".`)
  const { producers, consumers } = bindings.queues
  const dead = consumers.flatMap((one) => one.dead_letter_queue ?? [])
  const queues = [...producers, ...consumers].map(({ queue }) => queue)
  return {
    name,
    worker: bindings.name,
    databases: bindings.d1_databases.map((one) => ({
      binding: one.binding,
      name: one.database_name,
      id: one.database_id === NO_ID ? null : one.database_id,
    })),
    queues: [...new Set([...queues, ...dead])],
    publicUrl: bindings.vars.PUBLIC_URL ?? '',
  }
}

/** The file with this id for the database of this name. */
export function withDatabaseId(text: string, databaseName: string, id: string): string {
  const place = new RegExp(`(database_name = "${databaseName}"\\n(?:[^[]*?\\n)?database_id = ")[^"]*`, 'g')
  if (text.search(place) < 0) throw new Error(`wrangler.toml has no place for the id of ${databaseName}.`)
  return text.replace(place, `$1${id}`)
}
