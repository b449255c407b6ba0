import { describe, expect, it } from 'vitest'
import { checkConnection, makeProvider, providerFor, providerNames } from '../../../src/providers/index.ts'

const secret = 'whsec_QSBzZWNyZXQgZm9yIHRoZSB0ZXN0cyBvbmx5ISEh'
const wish = {
  provider: 'sandbox',
  livemode: false,
  credentials: { webhook_secrets: [secret] },
  settings: {},
}

const pointers = (checked: ReturnType<typeof checkConnection>) =>
  checked.kind === 'wrong' ? checked.errors.map((error) => error.pointer) : []

describe('a connection, before it is stored,', () => {
  it('is taken as its provider wants it, with and without settings', () => {
    expect(checkConnection(wish)).toEqual({ kind: 'ok', credentials: wish.credentials, settings: {} })
    expect(checkConnection({ ...wish, settings: undefined }).kind).toBe('ok')
    expect(checkConnection({ ...wish, settings: { api_base: 'http://127.0.0.1:4010' } }).kind).toBe('ok')
  })

  it.each(['paypol', '', '__proto__', 'toString'])('is refused for the unknown provider %j', (provider) => {
    const checked = checkConnection({ ...wish, provider })
    expect(pointers(checked)).toEqual(['/provider'])
    expect(JSON.stringify(checked)).toContain(providerNames.join(', '))
  })

  it('is refused in live mode, where the provider only plays', () => {
    expect(pointers(checkConnection({ ...wish, livemode: true }))).toEqual(['/livemode'])
  })

  it.each([
    [undefined, '/credentials'],
    ['text', '/credentials'],
    [{}, '/credentials/webhook_secrets'],
    [{ webhook_secrets: secret }, '/credentials/webhook_secrets'],
    [{ webhook_secrets: [''] }, '/credentials/webhook_secrets/0'],
    [{ webhook_secrets: [secret, 'whsec_§hush§'] }, '/credentials/webhook_secrets/1'],
    [{ webhook_secrets: [secret], secret_key: 'hush' }, '/credentials/secret_key'],
  ])('is refused with the credentials %j, naming the place and quoting no secret', (credentials, pointer) => {
    const checked = checkConnection({ ...wish, credentials })
    expect(pointers(checked)).toEqual([pointer])
    expect(JSON.stringify(checked)).not.toContain('hush')
  })

  const ofStripe = (key: string) => ({ secret_key: key, webhook_secrets: [] })
  it.each([
    ['stripe', true, '/credentials/secret_key', ofStripe('sk_test_hush')],
    ['stripe', true, '/credentials/secret_key', ofStripe('rk_test_hush')],
    ['stripe', false, '/credentials/secret_key', ofStripe('sk_live_hush')],
    ['mollie', true, '/credentials/api_key', { api_key: 'test_hushHushHushHushHush' }],
    ['mollie', false, '/credentials/api_key', { api_key: 'live_hushHushHushHushHush' }],
  ])(
    'of %s, live %s, is refused with a key of the other mode at %s',
    (provider, livemode, pointer, given) => {
      const check = (mode: boolean) =>
        checkConnection({ provider, livemode: mode, credentials: given, settings: {} })
      const wrong = check(livemode)
      expect(pointers(wrong)).toEqual([pointer])
      const [ours, theirs] = livemode ? ['live', 'test'] : ['test', 'live']
      expect(wrong).toMatchObject({
        errors: [{ detail: expect.stringMatching(`a ${theirs} key.*${ours} mode`) }],
      })
      expect(JSON.stringify(wrong)).not.toContain('hush')
      expect(check(!livemode).kind).toBe('ok')
    },
  )

  it.each([
    'https://api.example.com',
    'http://169.254.169.254/',
    'http://127.0.0.1@evil.example/',
    'http://user:pass@127.0.0.1/',
    'file:///etc/passwd',
    'http://127.0.0.1.evil.example/',
  ])('is refused with the simulator address %s', (base) => {
    expect(pointers(checkConnection({ ...wish, settings: { api_base: base } }))).toEqual([
      '/settings/api_base',
    ])
  })
})

describe('an adapter', () => {
  const connection = {
    id: 'con_1',
    provider: 'sandbox',
    livemode: false,
    credentials: wish.credentials,
    settings: {},
  }
  const nobody = () => Promise.reject(new Error('Nobody is to be asked.'))
  const session = {
    ...{ sessionId: 'ps_1', orderId: 'A-1', references: ['sbx_1'], amount: 1, currency: 'USD' },
    ...{ expiresAt: 1_800_000_000_000, calls: 1, captured: 0, refunded: 0 },
  }

  it('speaks to the sandbox through this Worker itself', async () => {
    const asked: string[] = []
    const SELF = {
      fetch: (request: Request) => {
        asked.push(request.url)
        return Promise.resolve(new Response('', { status: 500 }))
      },
    } as unknown as Fetcher
    const provider = providerFor({ SELF }, connection, 'https://gateway.example')
    expect(provider.name).toBe('sandbox')
    await provider.find(session)
    expect(asked).toEqual(['https://sandbox.internal/sandbox/api/checkouts/sbx_1'])
  })

  it('speaks to a simulator over the network where the connection says so', async () => {
    const asked: string[] = []
    const fetch = (request: Request) => {
      asked.push(request.url)
      return Promise.resolve(new Response('', { status: 500 }))
    }
    const settings = { api_base: 'http://127.0.0.1:4010' }
    const deps = { fetch, self: nobody, origin: 'https://gateway.example' }
    await makeProvider({ ...connection, settings }, deps).find(session)
    expect(asked).toEqual(['http://127.0.0.1:4010/sandbox/api/checkouts/sbx_1'])
  })

  it.each([
    { ...connection, livemode: true },
    { ...connection, provider: 'gone' },
    { ...connection, credentials: { webhook_secrets: ['hush'] } },
  ])('is never made from a connection that does not pass', (unfit) => {
    const make = () => makeProvider(unfit, { fetch: nobody, self: nobody, origin: 'https://gateway.example' })
    expect(make).toThrow('con_1 cannot be used')
    expect(make).not.toThrow('hush')
  })
})
