// Which currencies a connection takes, told to the registry and kept by whatever adapter it makes.
import { describe, expect, it } from 'vitest'
import { candidateOf, checkConnection, makeProvider } from '../../../src/providers/index.ts'

const secret = 'whsec_QSBzZWNyZXQgZm9yIHRoZSB0ZXN0cyBvbmx5ISEh'
const nobody = () => Promise.reject(new Error('Nobody is to be asked.'))

const idram = { provider: 'idram', credentials: { account: '100000114', secret_key: 'made-up' } }
const sandbox = { provider: 'sandbox', credentials: { webhook_secrets: [secret] } }
const arca = { provider: 'arca', credentials: { username: 'u', password: 'p' } }

const listing = (of: { provider: string; credentials: object }, currencies: unknown) =>
  checkConnection({ ...of, livemode: false, settings: { currencies } })

describe('the currencies that a connection lists', () => {
  it.each([
    [sandbox, ['EUR', 'KWD']],
    [idram, ['AMD']],
    [arca, ['AMD', 'RUB']],
  ])('are those that its provider can take, or its contract may have: %j %j', (of, currencies) => {
    expect(listing(of, currencies)).toMatchObject({ kind: 'ok', settings: { currencies } })
  })

  it.each([
    [idram, ['EUR'], '/settings/currencies/0'],
    [arca, ['AMD', 'JPY'], '/settings/currencies/1'],
    [sandbox, ['eur'], '/settings/currencies/0'],
    [sandbox, [], '/settings/currencies'],
    [sandbox, 'EUR', '/settings/currencies'],
    [sandbox, null, '/settings/currencies'],
  ])('are refused otherwise, naming the place: %j %j', (of, currencies, pointer) => {
    const checked = listing(of, currencies)
    expect(checked.kind === 'wrong' && checked.errors.map((error) => error.pointer)).toEqual([pointer])
  })

  it('say what may stand there', () => {
    const checked = listing(arca, 'AMD')
    expect(checked.kind === 'wrong' && checked.errors[0]?.detail).toContain('AMD, EUR, RUB, USD')
  })

  it('bind the adapter: it declares them, and objects to an order in any other', () => {
    const made = (settings: Record<string, unknown>) =>
      makeProvider(
        { id: 'con_1', livemode: false, ...sandbox, settings },
        { fetch: nobody, self: nobody, origin: 'https://gateway.example' },
      )
    const narrow = made({ currencies: ['EUR'] })
    expect(narrow.capabilities.currencies).toEqual(['EUR'])
    expect(narrow.objection({ amount: 1, currency: 'EUR' })).toBeNull()
    expect(narrow.objection({ amount: 1, currency: 'USD' })).toContain('takes EUR')
    expect(made({}).objection({ amount: 1, currency: 'USD' })).toBeNull()
  })
})

describe('a stored connection, where one is chosen by currency,', () => {
  const stored = { id: 'con_1', settings: {} }

  it.each([
    ['sandbox', {}, 'any', false],
    ['idram', {}, ['AMD'], false],
    ['arca', {}, ['AMD'], false],
    ['arca', { currencies: ['RUB'] }, ['RUB'], true],
    ['sandbox', { currencies: ['EUR'] }, ['EUR'], true],
    ['gone', {}, [], false],
  ])('of %s with %j takes %j, listed: %s', (provider, settings, takes, listed) => {
    expect(candidateOf({ ...stored, provider, settings })).toEqual({
      id: 'con_1',
      takes,
      listed,
    })
  })
})
