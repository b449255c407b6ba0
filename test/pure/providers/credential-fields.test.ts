// The fields that the console shows for a provider's credentials are those of the schema that judges them.
import { describe, expect, it } from 'vitest'
import { checkConnection, credentialFieldsOf, providerNames } from '../../../src/providers/index.ts'

describe('the fields of a provider’s credentials', () => {
  it.each(providerNames)('of %s each say where to find what is asked for', (provider) => {
    const fields = credentialFieldsOf(provider)
    expect(fields.length).toBeGreaterThan(0)
    for (const { name, hint } of fields) {
      expect(hint, name).toMatch(/^\w.{15,}\.$|^\w.{15,}: .+$/)
      expect(hint, name).not.toMatch(/missing|Invalid input/)
    }
  })

  it.each(providerNames)('of %s that are not optional are those that it misses', (provider) => {
    const wish = { provider, livemode: false, credentials: {}, settings: {} }
    const checked = checkConnection(wish)
    const missed = checked.kind === 'wrong' ? checked.errors.map(({ pointer }) => pointer) : []
    const needed = credentialFieldsOf(provider).filter(({ isOptional }) => !isOptional)
    expect(missed).toEqual(expect.arrayContaining(needed.map(({ name }) => `/credentials/${name}`)))
  })

  it('tell one value, several values, and a value of many lines apart', () => {
    const holds = (provider: string) =>
      Object.fromEntries(credentialFieldsOf(provider).map((one) => [one.name, one.holds]))
    expect(holds('stripe')).toEqual({ secret_key: 'text', webhook_secrets: 'list' })
    expect(holds('arca')).toEqual({ username: 'text', password: 'text', callback_key: 'lines' })
  })

  it('tell what may be left out', () => {
    const optional = (provider: string) =>
      credentialFieldsOf(provider)
        .filter(({ isOptional }) => isOptional)
        .map(({ name }) => name)
    expect(optional('idram')).toEqual(['previous_secret_key'])
    expect(optional('paypal')).toEqual(['webhook_id', 'webhook_ids'])
    expect(optional('adyen')).toEqual([])
  })

  it('are none for a provider that nobody knows', () => {
    expect(credentialFieldsOf('nobody')).toEqual([])
  })
})
