/** Every route of an application with all that is known of it: what its middleware tells, and what `chapters.ts` says. */
import type { ErrorCode } from '../domain/errors.ts'
import { type Trait, traitOf } from '../http/traits.ts'
import { chapters, undescribed } from './chapters.ts'
import type { Chapter, Described, Route } from './route.ts'

/** Hono's route table, as far as it is read here. */
export interface Application {
  routes: readonly { method: string; path: string; handler: object }[]
}

export interface Known {
  method: string
  path: string
  chapter: Chapter
  described: Described
  traits: readonly Trait[]
}

/** The routes in the order of the chapters. Throws for one that nobody described, and for a description without one. */
export function routesOf(app: Application): Known[] {
  const table = new Map<string, Trait[]>()
  for (const [index, { method, path, handler }] of app.routes.entries()) {
    if (method === 'ALL') continue
    const own = table.get(`${method} ${path}`) ?? around(app.routes.slice(0, index), path)
    const trait = traitOf(handler)
    table.set(`${method} ${path}`, trait === undefined ? own : [...own, trait])
  }
  const entries = chapters.flatMap((chapter) =>
    Object.entries(chapter.routes).map(([route, described]) => ({
      route: route as Route,
      described,
      chapter,
    })),
  )
  const names = new Set<string>(entries.map(({ route }) => route))
  const orphans = [...names].filter((route) => !table.has(route))
  const silent = [...table.keys()].filter((route) => !names.has(route) && !isLeftOut(route))
  if (orphans.length > 0) throw new Error(`Described in src/api, and no route: ${orphans.join(', ')}`)
  if (silent.length > 0) throw new Error(`Routes that src/api does not describe: ${silent.join(', ')}`)
  return entries.map(({ route, described, chapter }) => {
    const [method = '', path = ''] = route.split(' ')
    return { method, path, chapter, described, traits: table.get(route) ?? [] }
  })
}

/** What whole branches of the application bring to a route that is entered after them, such as the deployer's door. */
const around = (before: Application['routes'], path: string): Trait[] =>
  before
    .filter(
      ({ method, path: branch }) => method === 'ALL' && `${path}/`.startsWith(branch.replace(/\*$/, '')),
    )
    .flatMap(({ handler }) => traitOf(handler) ?? [])

const isLeftOut = (route: string) => undescribed.some(([path]) => path.test(route.split(' ')[1] ?? ''))

const brought: Record<Trait['kind'], readonly ErrorCode[]> = {
  callers: ['unauthorized', 'forbidden', 'rate_limited', 'temporarily_unavailable'],
  limited: ['rate_limited', 'temporarily_unavailable'],
  query: ['validation_failed'],
  body: ['malformed_body', 'body_too_large', 'unsupported_media_type', 'validation_failed'],
}

const ofKeys: readonly ErrorCode[] = [
  ...(['idempotency_key_missing', 'validation_failed'] as const),
  ...(['idempotency_key_reused', 'idempotency_in_progress'] as const),
]

/** Every code that a route may refuse with. */
export function codesOf({ described, traits }: Pick<Known, 'described' | 'traits'>): ErrorCode[] {
  const callers = traits.flatMap((trait) => (trait.kind === 'callers' ? trait.callers : []))
  const isDeployers = callers.length > 0 && callers.every((caller) => caller === 'deployer')
  const codes = [
    ...traits.flatMap((trait) => brought[trait.kind]),
    ...(described.body === undefined || typeof described.body === 'string' ? [] : brought.body),
    ...(described.keyed ? ofKeys : []),
    ...(described.refuses ?? []),
    'internal_error' as const,
  ]
  // Whoever is no deployer is nobody there.
  return [...new Set(codes)].filter((code) => !(isDeployers && code === 'forbidden'))
}
