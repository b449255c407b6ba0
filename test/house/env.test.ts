// wrangler.toml and src/env.ts tell the same bindings twice, once to the platform and once to the compiler.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'smol-toml'
import { describe, expect, it } from 'vitest'
import { withEnvironments } from '../../scripts/deploy/environments.ts'
import { type Node, nameOf, root, treeOf, walk } from './sources.ts'

interface Consumer {
  queue: string
  max_batch_size?: number
  max_batch_timeout?: number
  max_retries?: number
  retry_delay?: number
  dead_letter_queue?: string
}
interface Wrangler {
  vars?: Record<string, string>
  durable_objects: { bindings: { name: string; class_name: string }[] }
  migrations: { new_sqlite_classes?: string[] }[]
  d1_databases: { binding: string }[]
  queues: { producers: { binding: string; queue: string }[]; consumers: Consumer[] }
  services: { binding: string }[]
  ratelimits?: { name: string }[]
  assets?: { binding?: string }
}

/** Set with `wrangler secret put`, so wrangler.toml does not name them. */
const secrets = ['ADMIN_TOKEN', 'KEY_ENCRYPTION_KEYS']

/** Bindings that a deployment may leave out: they stand in wrangler.toml as comments, to be taken into use. */
const optional = /^# (\[\[(?:analytics_engine_datasets|r2_buckets)\]\]\n# binding = .*\n# \w+ = .*)$/gm

const read = (file: string) => readFileSync(path.join(root, file), 'utf8')
const wrangler = parse(read('wrangler.toml')) as unknown as Wrangler
const { producers, consumers } = wrangler.queues
const inComments = parse(
  [...read('wrangler.toml').matchAll(optional)]
    .map(([, lines]) => lines!.replaceAll('\n# ', '\n'))
    .join('\n'),
) as Record<string, { binding: string }[]>

const bindings = [
  ...wrangler.durable_objects.bindings.map((one) => one.name),
  // A deployment that spreads its records binds more; Env knows those by a pattern.
  ...wrangler.d1_databases.map((one) => one.binding).filter((name) => !/^RECORDS_\d+$/.test(name)),
  ...producers.map((one) => one.binding),
  ...wrangler.services.map((one) => one.binding),
  ...(wrangler.ratelimits ?? []).map((one) => one.name),
  ...Object.values(inComments).flatMap((tables) => tables.map((one) => one.binding)),
  ...(wrangler.assets?.binding ? [wrangler.assets.binding] : []),
  ...Object.keys(wrangler.vars ?? {}),
  ...secrets,
]

function membersOfEnv(): string[] {
  const members: string[] = []
  walk(treeOf({ path: 'src/env.ts', text: read('src/env.ts') }), (node) => {
    if (node.type !== 'TSInterfaceDeclaration' || nameOf(node.id as Node) !== 'Env') return
    for (const member of (node.body as { body: Node[] }).body)
      if (member.type === 'TSPropertySignature') members.push(nameOf(member.key as Node))
  })
  return members
}

describe('wrangler.toml', () => {
  it('binds what Env in src/env.ts names, and nothing else', () => {
    expect(bindings.toSorted()).toEqual(membersOfEnv().toSorted())
  })

  it('makes every object class that it binds, and src/index.ts exports it', () => {
    const classes = wrangler.durable_objects.bindings.map((one) => one.class_name)
    expect(classes.toSorted()).toEqual(
      wrangler.migrations.flatMap((one) => one.new_sqlite_classes ?? []).toSorted(),
    )
    const entry = read('src/index.ts')
    expect(classes.filter((name) => !new RegExp(`export[^;]*\\b${name}\\b`).test(entry))).toEqual([])
  })

  it('gives every queue and every dead-letter queue a consumer, so that nothing expires unseen', () => {
    const dead = consumers.flatMap((one) => one.dead_letter_queue ?? [])
    const consumed = consumers.map((one) => one.queue)
    expect(
      [...producers.map((one) => one.queue), ...dead].filter((queue) => !consumed.includes(queue)),
    ).toEqual([])
  })

  it('writes every queue setting out, because local defaults differ from production', () => {
    const explicit = ['max_batch_size', 'max_batch_timeout', 'max_retries', 'retry_delay'] as const
    const silent = consumers.flatMap((one) =>
      explicit.filter((name) => one[name] === undefined).map((name) => `${one.queue}: ${name}`),
    )
    expect(silent).toEqual([])
  })

  it('has the environments that follow from what stands above them: npm run environments', () => {
    expect(withEnvironments(read('wrangler.toml'))).toBe(read('wrangler.toml'))
  })
})
