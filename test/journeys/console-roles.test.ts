// Who may what at the desk, in a real browser: each page is opened by each role, offers it what it may do and nothing else,
// and what is sent all the same is refused.
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { browserOfThisFile } from './support/browser.ts'
import { type Role, sandboxSecret, scenesOf, settlementFile, tokenOf } from './support/desk-scenes.ts'
import { visitDesk } from './support/desk-visit.ts'
import { type OwnSystem, ownSystem } from './support/own-system.ts'
import { shopOf } from './support/shop.ts'

const dev = inject('dev')
const shop = shopOf(() => dev)
const scenes = scenesOf(shop, dev)
const browser = browserOfThisFile()

const roles = ['viewer', 'operator', 'admin'] as const

interface Place {
  path: string
  /** Whose page it is. */
  opensTo: Role
  /** The forms that it has, by the least role that they are offered to; with what they are filled in with. */
  offers: Record<string, readonly [Role, Record<string, string>?]>
}

/** Every page, in each state that offers other actions. */
let places: Record<string, Place>
const systems: OwnSystem[] = []

/** What the pages are about. */
type Found = Record<
  | ('paid' | 'held' | 'failure' | 'exception')
  | ('well' | 'paused')
  | ('settlement' | 'file')
  | ('connection' | 'disabled'),
  string
>

beforeAll(async () => {
  const [well, paused, failing] = [await ownSystem(shop), await ownSystem(shop), await ownSystem(shop)]
  systems.push(well, paused, failing)
  await shop.call('POST', `/v1/destinations/${paused.id}/pause`)
  failing.answers = 500
  const paid = await scenes.chosen('pay', 'paid')
  const held = await scenes.chosen('pay', 'authorized', { capture_method: 'manual' })
  const [connection, disabled] = [await scenes.aConnection(), await scenes.aConnection()]
  await shop.administer('PATCH', `/v1/admin/merchants/${shop.merchantId()}/connections/${disabled}`, {
    disabled: true,
  })
  const found = {
    ...{ paid: paid.payment_id, held: held.payment_id, well: well.id, paused: paused.id },
    failure: (await scenes.aFailure(failing, paid)).id,
    exception: await scenes.anException(),
    ...{ settlement: await scenes.aSettlement(), file: settlementFile(paid) },
    ...{ connection, disabled },
  }
  places = { ...ofPayments(found), ...ofDestinations(found), ...ofSettlements(found), ...ofAdmins(found) }
})

afterAll(async () => {
  for (const system of systems) await system.end()
})

const openToAll = (path: string, offers: Place['offers'] = {}): Place => ({
  ...{ path, opensTo: 'viewer', offers },
})
const openToAdmins = (path: string, offers: Place['offers']): Place => ({ path, opensTo: 'admin', offers })

function ofPayments({ paid, held, failure, exception }: Found): typeof places {
  const correction = { to_status: 'canceled', reason: 'The bank says so.' }
  const retry = { form_name: `retry-${failure}`, delivery: failure }
  return {
    overview: openToAll(''),
    payments: openToAll('/payments'),
    'a payment that is paid': openToAll(`/payments/${paid}`, {
      sync: ['operator'],
      refunds: ['operator', { amount: '1.00' }],
      retry: ['operator', retry],
    }),
    'a payment that is held': openToAll(`/payments/${held}`, {
      ...{ sync: ['operator'], capture: ['operator'], cancel: ['operator'] },
      corrections: ['operator', correction],
    }),
    exceptions: openToAll('/exceptions'),
    'an exception': openToAll(`/exceptions/${exception}`, {
      resolve: ['operator', { resolution: 'seen', note: 'Compared with the bank.' }],
    }),
    audit: openToAll(`/audit?payment=${paid}`),
  }
}

function ofDestinations({ well, paused }: Found): typeof places {
  const span = { from: '2026-11-22T15:00', to: '2026-11-22T17:00', only: 'all' }
  const changed = { url: 'https://elsewhere.example/', event_types: '*', on_timeout: 'retry' }
  const always: Place['offers'] = { test: ['operator'], rotate: ['admin'], edit: ['admin', changed] }
  return {
    destinations: openToAll('/destinations'),
    'a destination': openToAll(`/destinations/${well}`, {
      ...{ ...always, pause: ['operator'], replay: ['operator', span] },
    }),
    'a destination that is paused': openToAll(`/destinations/${paused}`, { ...always, resume: ['operator'] }),
  }
}

function ofSettlements({ settlement, file }: Found): typeof places {
  const from = new Date().toISOString().slice(0, 10)
  const period = { connection_id: dev.connections.sandbox.id, from, to: from, grace_days: '0' }
  return {
    reconciliations: openToAll('/reconciliations', { reconcile: ['operator', { ...period, file }] }),
    'a reconciliation': openToAll(`/reconciliations/${settlement}`, {
      add: ['operator', { file }],
      run: ['operator'],
    }),
  }
}

function ofAdmins({ connection, disabled }: Found): typeof places {
  const credentials = { 'credentials.webhook_secrets': sandboxSecret() }
  const always: Place['offers'] = {
    credentials: ['admin', credentials],
    settings: ['admin', { settings: '{}' }],
    try: ['admin'],
  }
  return {
    connections: openToAdmins('/connections?provider=sandbox', {
      connect: ['admin', { provider: 'sandbox', ...credentials }],
    }),
    'a connection': openToAdmins(`/connections/${connection}`, {
      ...{ ...always, default: ['admin'], disable: ['admin'] },
    }),
    'a connection that is disabled': openToAdmins(`/connections/${disabled}`, {
      ...always,
      enable: ['admin'],
    }),
    'operators and keys': openToAdmins('/operators', {
      operator: ['admin', { name: 'Ani', role: 'admin' }],
      key: ['admin', { kind: 'secret' }],
      revoke: ['admin', { form_name: `revoke-key_${'0'.repeat(26)}` }],
    }),
  }
}

const may = (role: Role, least: Role) => roles.indexOf(role) >= roles.indexOf(least)

// Beside each other, since they only look.
it.concurrent.each([
  ['a viewer', 'viewer'],
  ['an operator', 'operator'],
  ['an administrator', 'admin'],
] as const)('%s is offered on each page what it may do there, and is refused the rest', async (_, role) => {
  const visit = await visitDesk(browser(), dev, await tokenOf(shop, role))
  for (const [name, { path, opensTo, offers }] of Object.entries(places)) {
    const opened = await visit.open(path)
    expect([name, opened?.status()]).toEqual([name, may(role, opensTo) ? 200 : 403])
    const [offered, others] = [true, false].map((isOffered) =>
      Object.keys(offers).filter((form) => may(role, offers[form]![0]) === isOffered),
    )
    expect([name, ...(await visit.offered())]).toEqual([name, ...offered!.sort()])
    const sent = others!.map(async (form) => [form, await visit.send(form, offers[form]![1] ?? {})])
    expect([name, await Promise.all(sent)]).toEqual([name, others!.map((form) => [form, 403])])
  }
  await visit.context.close()
})
