/**
 * What every provider's adapter must keep, whoever the provider is. An adapter runs it with a rig: the adapter, its remote
 * under our control, and a way to report as that remote would. A test that cannot apply says why by its capability.
 */
import { describe, expect, it } from 'vitest'
import type {
  Capabilities,
  CheckoutOrder,
  Fact,
  Opened,
  Outcome,
  SessionReference,
} from '../../src/domain/provider.ts'
import type { Rig, Traits, Trouble } from './rig.ts'

export type { ReportOptions, Rig, Traits, Trouble } from './rig.ts'

const uncertain = [
  'hangs_up',
  'loses_answers',
  'stays_silent',
  'answers_rubbish',
  'answers_500',
  'answers_503',
  'answers_endlessly',
] as const satisfies Trouble[]

/** Runs the suite. `capabilities` are the adapter's own, needed before a rig exists. */
export function keepsTheProviderContract(
  name: string,
  capabilities: Capabilities,
  rig: () => Promise<Rig>,
  traits: Traits = { datesReports: true, tellsAmounts: true },
): void {
  describe(`${name} keeps the provider contract`, () => {
    opensCheckouts(capabilities, rig, traits)
    asksAndActs(capabilities, rig, traits)
    if (capabilities.signed) readsSignedReports(rig, traits)
    // reason: nothing is proved by an unsigned report, so there is no signature whose wrongness could be told
    else it.skip('reads signed reports (its reports are not signed)')
    triesCredentials(rig)
    saysWhatItCanDo(capabilities, rig)
  })
}

function opensCheckouts(capabilities: Capabilities, rig: () => Promise<Rig>, traits: Traits): void {
  it('opens a checkout, with a reference to know it by and a way to get there', async () => {
    const { provider, order } = await rig()
    const opened = done(await provider.open(order()))
    expect(opened.references[0]).not.toBe('')
    const way = opened.checkout.kind === 'redirect' ? opened.checkout.url : opened.checkout.action
    expect(() => new URL(way)).not.toThrow()
  })

  onlyIf(capabilities.idempotencySeconds > 0, 'it has no idempotency keys').it(
    'opens one checkout for a session, however often and however much at once it is asked',
    async () => {
      const { provider, order, checkouts } = await rig()
      const wanted = order()
      const opened = await Promise.all([1, 2, 3].map(() => provider.open(wanted)))
      const again = await provider.open({ ...wanted, call: 2 })
      expect(new Set([...opened, again].map((outcome) => done(outcome).references[0])).size).toBe(1)
      expect(await checkouts(wanted)).toBe(1)
    },
  )

  onlyIf(capabilities.idempotencySeconds > 0, 'it has no idempotency keys').it(
    'meets the same checkout again when the answer to the first call was lost',
    async () => {
      const { provider, order, trouble, checkouts } = await rig()
      const wanted = order()
      trouble('loses_answers')
      expect((await provider.open(wanted)).kind).toBe('unknown')
      trouble('none')
      done(await provider.open({ ...wanted, call: 2 }))
      expect(await checkouts(wanted)).toBe(1)
    },
  )

  it.each(uncertain)('answers unknown, never declined, when the remote %s', async (kind) => {
    const { provider, order, trouble, hidden } = await rig()
    const wanted = order()
    const opened = done(await provider.open(wanted))
    const session = sessionOf(wanted, opened)
    trouble(kind)
    const outcomes: Outcome<unknown>[] = [
      await provider.open(order()),
      await provider.find(session),
      await provider.act({ type: 'capture', amount: wanted.amount }, session, 'key-1'),
      await provider.act({ type: 'cancel' }, session, 'key-2'),
      await provider.act({ type: 'refund', amount: wanted.amount }, session, 'key-3'),
    ]
    // A provider that has no such call refuses without asking anybody.
    const possible = [
      traits.opensByForm !== true,
      capabilities.statusCheck,
      capabilities.capture,
      capabilities.cancel,
      capabilities.refund,
    ]
    expect(outcomes.map((outcome, i) => (possible[i] ? outcome.kind : 'unknown'))).toEqual(
      outcomes.map(() => 'unknown'),
    )
    for (const secret of hidden) expect(JSON.stringify(outcomes)).not.toContain(secret)
  })
}

const byForm = 'nothing exists there before the customer posts the form'

function asksAndActs(capabilities: Capabilities, rig: () => Promise<Rig>, traits: Traits): void {
  const byCall = traits.opensByForm !== true
  const asks = onlyIf(capabilities.statusCheck, 'its status cannot be asked')

  asks.it('finds nothing, and that it can still be paid, before the customer did anything', async () => {
    const { provider, order } = await rig()
    const wanted = order()
    const opened = done(await provider.open(wanted))
    expect(done(await provider.find(sessionOf(wanted, opened)))).toMatchObject({
      facts: [],
      payable: true,
    })
  })

  onlyIf(
    capabilities.statusCheckByOurId && byCall,
    byCall ? 'its status cannot be asked by our id' : byForm,
  ).it('finds a checkout by our id when its reference never reached us', async () => {
    const { provider, order, trouble } = await rig()
    const wanted = order()
    trouble('loses_answers')
    await provider.open(wanted)
    trouble('none')
    const found = done(await provider.find({ ...sessionOf(wanted, null), references: [] }))
    expect(found.references).toHaveLength(1)
    expect(found.payable).toBe(true)
  })

  const currencies = ['JPY', 'AMD', 'KWD'].filter((currency) => takes(capabilities, currency))
  if (capabilities.statusCheck)
    it.each(currencies)('carries an amount in %s there and back without losing a unit', async (currency) => {
      const { provider, order, pay } = await rig()
      const wanted = order({ currency, amount: 1_234_500 })
      const opened = done(await provider.open(wanted))
      await pay(wanted, opened)
      const found = done(await provider.find(sessionOf(wanted, opened)))
      const captured = { type: 'captured', amount: 1_234_500, currency }
      expect(found.facts).toContainEqual(expect.objectContaining(captured))
      expect(found.payable).toBe(false)
    })

  asks.it('passes on a wrong amount as it was told, for the rules to compare', async () => {
    const { provider, order, pay, trouble } = await rig()
    const wanted = order()
    const opened = done(await provider.open(wanted))
    await pay(wanted, opened)
    trouble('lies')
    const { facts } = done(await provider.find(sessionOf(wanted, opened)))
    const told = facts.flatMap((fact) => (fact.type === 'captured' ? (fact.amount ?? 0) : []))
    expect(told).toHaveLength(1)
    expect(told[0]).toBeGreaterThan(0)
    expect(told[0]).toBeLessThan(wanted.amount)
  })

  onlyIf(capabilities.capture, 'it does not hold money').it(
    'captures what was held, once per key',
    async () => {
      const { provider, order, pay } = await rig()
      const wanted = order({ captureMethod: capabilities.approves ? 'automatic' : 'manual' })
      const opened = done(await provider.open(wanted))
      await pay(wanted, opened)
      const session = sessionOf(wanted, opened)
      const capture = () => provider.act({ type: 'capture', amount: wanted.amount }, session, 'capture-1')
      const whole: Fact = { type: 'captured', amount: wanted.amount, currency: wanted.currency }
      const accepted: Fact = { type: 'capture_pending' }
      for (const facts of [done(await capture()), done(await capture())])
        expect(facts).toContainEqual(facts.some(({ type }) => type === 'capture_pending') ? accepted : whole)
    },
  )

  onlyIf(capabilities.refund && capabilities.partialRefund, 'it does not refund in parts').it(
    'refunds in parts, each once per key and each with its own reference, and tells the total',
    async () => {
      const { provider, order, pay } = await rig()
      const wanted = order({ amount: 10_000 })
      const opened = done(await provider.open(wanted))
      await pay(wanted, opened)
      const session = sessionOf(wanted, opened)
      const refund = (amount: number, key: string) => provider.act({ type: 'refund', amount }, session, key)
      const told = [
        done(await refund(3_000, 'refund-1')),
        // Without keys the same order twice would be two refunds, and we never give it twice.
        ...(capabilities.idempotencySeconds > 0 ? [done(await refund(3_000, 'refund-1'))] : []),
        done(await refund(2_000, 'refund-2')),
      ].flat()
      expect(refundedIn(told)).toMatchObject({ amount: 5_000, currency: wanted.currency, references: 2 })
      // Where it is only accepted, the no comes later, as a report.
      if (told.some(({ type }) => type === 'refund_pending')) return
      expect((await refund(6_000, 'refund-3')).kind).toBe('declined')
    },
  )

  onlyIf(capabilities.refund && capabilities.idempotencySeconds > 0, 'it has no idempotency keys').it(
    'refunds once when the answer was lost and the refund is sent again under its key',
    async () => {
      const { provider, order, pay, trouble } = await rig()
      const wanted = order({ amount: 10_000 })
      const opened = done(await provider.open(wanted))
      await pay(wanted, opened)
      const refund = () =>
        provider.act({ type: 'refund', amount: 3_000 }, sessionOf(wanted, opened), 'refund-1')
      trouble('loses_answers')
      expect((await refund()).kind).toBe('unknown')
      trouble('none')
      expect(refundedIn(done(await refund()))).toMatchObject({ amount: 3_000, references: 1 })
    },
  )

  onlyIf(
    capabilities.cancel && capabilities.ends === 'at_once' && byCall,
    byCall ? 'it cannot be ended from here' : byForm,
  ).it('ends an unpaid checkout, which nobody can pay afterwards', async () => {
    const { provider, order } = await rig()
    const wanted = order()
    const opened = done(await provider.open(wanted))
    const session = sessionOf(wanted, opened)
    expect((await provider.act({ type: 'cancel' }, session, 'cancel-1')).kind).toBe('done')
    expect(done(await provider.find(session)).payable).toBe(false)
  })
}

function readsSignedReports(rig: () => Promise<Rig>, traits: Traits): void {
  const opened = async () => {
    const made = await rig()
    const wanted = made.order()
    return { ...made, wanted, opened: done(await made.provider.open(wanted)) }
  }

  it('reads a report of a capture: its session, its amount, its own id', async () => {
    const { provider, wanted, opened: there, report, now } = await opened()
    const heard = await provider.read(await report(wanted, there), now)
    const statement = heard.kind === 'reports' ? heard.reports[0] : undefined
    const { amount, currency } = wanted
    expect(statement?.fact).toMatchObject({ type: 'captured', amount, currency })
    const { named } = statement ?? {}
    expect(there.references.includes(named?.reference ?? '') || named?.sessionId === wanted.sessionId).toBe(
      true,
    )
    expect(provider.reply(heard, { kind: 'kept' }).status).toBe(200)
  })

  it('gives a repeated report the same id, so that it can be known again', async () => {
    const { provider, wanted, opened: there, report, now } = await opened()
    const sent = await report(wanted, there)
    expect(await provider.read(sent, now)).toEqual(await provider.read(sent, now))
  })

  const told = onlyIf(traits.tellsAmounts, 'its reports tell no amounts')
  told.it('passes a wrong amount and currency on as they were said, for the rules to compare', async () => {
    const { provider, wanted, opened: there, report, now } = await opened()
    const wrong = traits.tellsCurrency === false ? { amount: 7 } : { amount: 7, currency: 'EUR' }
    const heard = await provider.read(await report(wanted, there, wrong), now)
    expect(heard).toMatchObject({ kind: 'reports', reports: [{ fact: wrong }] })
  })

  it.each(['body', 'signature', 'secret'] as const)(
    'calls a report with a wrong %s forged',
    async (wrong) => {
      const { provider, wanted, opened: there, report, now, hidden } = await opened()
      const heard = await provider.read(await report(wanted, there, { wrong }), now)
      expect(heard.kind).toBe('forged')
      expect(provider.reply(heard, { kind: 'refused' }).status).toBeGreaterThanOrEqual(400)
      for (const secret of hidden) expect(JSON.stringify(heard)).not.toContain(secret)
    },
  )

  const ages = onlyIf(traits.datesReports, 'its reports do not say when they were signed')
  for (const [age, ageSeconds] of [
    ['old', 301],
    ['young', -301],
  ] as const)
    ages.it(`believes nothing in a genuine report that is too ${age}, and says whom it named`, async () => {
      const { provider, wanted, opened: there, report, now } = await opened()
      const heard = await provider.read(await report(wanted, there, { ageSeconds }), now)
      expect(heard.kind).toBe('untimely')
      expect(heard.kind === 'untimely' && heard.named).not.toBe(null)
    })

  it('takes a report that is signed with the secret being replaced', async () => {
    const { provider, wanted, opened: there, report, now } = await opened()
    const heard = await provider.read(await report(wanted, there, { olderSecret: true }), now)
    expect(heard.kind).toBe('reports')
  })

  it('keeps the door closed without a secret', async () => {
    const { withoutSecrets, wanted, opened: there, report, now } = await opened()
    expect((await withoutSecrets.read(await report(wanted, there), now)).kind).toBe('forged')
  })

  it('asks for a report again when it could not be kept', async () => {
    const { provider, wanted, opened: there, report, now } = await opened()
    const heard = await provider.read(await report(wanted, there), now)
    expect(provider.reply(heard, { kind: 'not_kept' }).status).toBeGreaterThanOrEqual(500)
  })
}

function triesCredentials(rig: () => Promise<Rig>): void {
  it('accepts the credentials of its account and refuses others, or says why it cannot try them', async () => {
    const { provider, withWrongCredentials, hidden } = await rig()
    const trial = await provider.tryCredentials()
    if (trial.kind === 'untestable') return expect(trial.detail).toMatch(/\w+ \w+/)
    expect(trial).toEqual({ kind: 'accepted' })
    const wrong = await withWrongCredentials?.tryCredentials()
    expect(wrong).toMatchObject({ kind: 'refused', detail: expect.stringMatching(/\w+ \w+/) })
    for (const secret of hidden) expect(JSON.stringify(wrong)).not.toContain(secret)
  })

  it.each(uncertain)('blames nobody’s credentials when the remote %s', async (trouble) => {
    const { provider, trouble: make, hidden } = await rig()
    make(trouble)
    const trial = await provider.tryCredentials()
    expect(['no_answer', 'untestable']).toContain(trial.kind)
    for (const secret of hidden) expect(JSON.stringify(trial)).not.toContain(secret)
  })
}

const alphabets = { digits: /^\d+$/, letters_digits: /^[0-9A-Za-z]+$/, printable: /^[\x20-\x7e]+$/ }

function saysWhatItCanDo({ reference }: Capabilities, rig: () => Promise<Rig>): void {
  onlyIf(reference !== null, 'it takes no reference of ours').it(
    'knows a checkout by a reference of ours, in the letters and of the length that it declares',
    async () => {
      const { provider, order } = await rig()
      const wanted = order()
      const { references } = done(await provider.open(wanted))
      const ours = references.filter((one) => one.startsWith(wanted.sessionId))
      const { maxLength, alphabet } = reference ?? { maxLength: 0, alphabet: 'digits' }
      const fits = (one: string) => one.length <= maxLength && alphabets[alphabet].test(one)
      expect(ours.length > 0 ? ours.every(fits) : references.some(fits)).toBe(true)
    },
  )

  it('declares limits that make sense', async () => {
    const { capabilities } = (await rig()).provider
    const { min, max } = capabilities.expiresInSeconds
    expect(min).toBeGreaterThan(0)
    expect(max).toBeGreaterThanOrEqual(min)
    if (capabilities.partialRefund) expect(capabilities.refund).toBe(true)
    if (capabilities.statusCheckByOurId) expect(capabilities.statusCheck).toBe(true)
  })
}

/** The session as the gateway would know it. */
export function sessionOf(order: CheckoutOrder, opened: Opened | null): SessionReference {
  const { sessionId, orderId, amount, currency, expiresAt, call: calls } = order
  const references = opened?.references ?? []
  return { sessionId, orderId, amount, currency, expiresAt, calls, references, captured: 0, refunded: 0 }
}

/** The value of an outcome that must be `done`; the failure shows the whole outcome. */
export function done<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== 'done') throw new Error(`Expected it to be done, not ${JSON.stringify(outcome)}`)
  return outcome.value
}

/** What was given back by these facts: the last total, or each refund once where they are told one by one. */
function refundedIn(facts: Fact[]): { amount: number; currency: string | null; references: number } | null {
  const refunds = facts.filter(isRefund)
  const last = refunds.at(-1)
  if (last === undefined) return null
  const single = new Map(refunds.map((fact) => [fact.reference, fact.amount ?? 0]))
  const sum = [...single.values()].reduce((total, amount) => total + amount, 0)
  const amount = last.type === 'refunded' ? (last.amount ?? 0) : sum
  return { amount, currency: last.currency, references: single.size }
}

const isRefund = (
  fact: Fact,
): fact is Extract<Fact, { type: 'refunded' | 'refunded_one' | 'refund_pending' }> =>
  fact.type === 'refunded' || fact.type === 'refunded_one' || fact.type === 'refund_pending'

function takes(capabilities: Capabilities, currency: string): boolean {
  return capabilities.currencies === 'any' || capabilities.currencies.includes(currency)
}

/** `it`, or a skipped one whose title tells why. */
function onlyIf(applies: boolean, reason: string) {
  return {
    it(title: string, test: () => Promise<void>): void {
      if (applies) it(title, test)
      // reason: the title carries it, from the capability that is missing
      else it.skip(`${title} (${reason})`)
    },
  }
}
