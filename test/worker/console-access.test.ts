// Who gets into the console, how long, and which forms it takes.
import { beforeEach, describe, expect, it } from 'vitest'
import { LONGEST_MS } from '../../src/console/session.ts'
import { clearDirectory } from '../../src/store/directory.ts'
import { aConsole, formIn, formTokenIn } from './console-browser.ts'
import { ADMIN } from './door.ts'

const COOKIE = '__Host-tollgate-console'
const MINUTE = 60_000

beforeEach(() => clearDirectory())

describe('whoever is not logged in', () => {
  it.each(['/console', '/console/payments', '/console/exceptions/exc_1', '/console/nothing'])(
    'sees at %s the page for logging in, and nothing else',
    async (path) => {
      const seen = await (await aConsole()).browser().see(path)
      expect(seen.status).toBe(401)
      expect(seen.text).toContain('action="/console/login"')
      expect(seen.text).not.toContain('/console/logout')
    },
  )

  it.each([
    ['nothing', ''],
    ['a merchant’s key', 'key'],
    ['the deployer’s token', ADMIN],
    ['an invented token', `op_${'0'.repeat(56)}`],
  ])('does not get in with %s', async (_, token) => {
    const desk = await aConsole()
    const given = token === 'key' ? (await desk.aKey(desk.merchant.id)).key : token
    const browser = desk.browser()
    const seen = await browser.logIn(given)
    expect(seen.status).toBe(401)
    expect(seen.text).toContain('role="alert"')
    expect(browser.cookies.size).toBe(0)
  })

  it('is counted by address when it tries tokens, before one is looked at', async () => {
    let isFull = false
    const limit = { limit: async () => ({ success: !isFull }) } as unknown as RateLimit
    const desk = await aConsole({ RATE_LIMITS: 'true', ADDRESS_LIMIT: limit })
    const { token } = await desk.anOperator()
    isFull = true
    const seen = await desk.browser().logIn(token)
    expect([seen.status, seen.headers.get('retry-after')]).toEqual([429, '10'])
  })
})

describe('logging in', () => {
  it('exchanges a token for a cookie of this host, kept from scripts and other sites, without the token in it', async () => {
    const desk = await aConsole()
    const { token } = await desk.anOperator()
    const seen = await desk.browser().logIn(token)
    const [line = ''] = seen.headers.getSetCookie().filter((one) => one.startsWith(COOKIE))
    expect([seen.status, seen.to]).toEqual([303, '/console'])
    for (const attribute of ['Secure', 'HttpOnly', 'SameSite=Lax', 'Path=/'])
      expect(line).toContain(attribute)
    expect(line).not.toMatch(/domain=|max-age|expires/i)
    expect(line).not.toContain(token)
    expect(desk.lines.join('\n')).not.toContain(token)
  })

  it('leads to the page that was asked for, and never out of the console', async () => {
    const desk = await aConsole()
    const { token } = await desk.anOperator()
    const asked = '/console/exceptions?status=resolved'
    expect((await desk.browser().see(asked)).text).toContain(`name="to" value="${asked}"`)
    expect((await desk.browser().logIn(token, asked)).to).toBe(asked)
    for (const elsewhere of [
      'https://evil.example',
      '//evil.example',
      '/console/..//evil',
      '/v1/payments',
      '/console\\evil',
    ])
      expect((await desk.browser().logIn(token, elsewhere)).to, elsewhere).toMatch(
        /^\/console(\/\.\.\/\/evil)?$/,
      )
  })

  it('ends with the button', async () => {
    const desk = await aConsole()
    const browser = await desk.loggedIn()
    const held = browser.cookies.get(COOKIE)
    const form_token = formTokenIn(await browser.see('/console/payments'))
    expect((await browser.post('/console/logout', { form_token })).to).toBe('/console/login')
    expect(held).toBeDefined()
    expect(browser.cookies.has(COOKIE)).toBe(false)
    expect((await browser.see('/console/payments')).status).toBe(401)
  })
})

describe('a session', () => {
  it('ends when nobody has clicked for half an hour, and is kept alive by clicks', async () => {
    const desk = await aConsole()
    const browser = await desk.loggedIn()
    for (let n = 0; n < 3; n++) {
      desk.now += 29 * MINUTE
      expect((await browser.see('/console/payments')).status).toBe(200)
    }
    desk.now += 30 * MINUTE
    expect((await browser.see('/console/payments')).status).toBe(401)
  })

  it('is not kept alive by a page that looks for news by itself', async () => {
    const desk = await aConsole()
    const browser = await desk.loggedIn()
    for (let n = 0; n < 2; n++) {
      desk.now += 14 * MINUTE
      const seen = await browser.send('/console/payments', { headers: { 'tollgate-live': '1' } })
      expect(seen.status).toBe(200)
    }
    desk.now += 2 * MINUTE
    expect((await browser.see('/console/payments')).status).toBe(401)
  })

  it('lasts as long as the deployment sets', async () => {
    const desk = await aConsole({ CONSOLE_IDLE_MINUTES: '5' })
    const browser = await desk.loggedIn()
    desk.now += 5 * MINUTE
    expect((await browser.see('/console/payments')).status).toBe(401)
  })

  it('ends after twelve hours however busy it is', async () => {
    const desk = await aConsole()
    const browser = await desk.loggedIn()
    for (let passed = 0; passed < LONGEST_MS - 20 * MINUTE; passed += 20 * MINUTE) {
      desk.now += 20 * MINUTE
      expect((await browser.see('/console/payments')).status).toBe(200)
    }
    desk.now += 20 * MINUTE
    expect((await browser.see('/console/payments')).status).toBe(401)
  })

  it('ends with its operator’s token: revoked, or past its time', async () => {
    const desk = await aConsole()
    const { id, token } = await desk.anOperator()
    const expires_at = new Date(desk.now + 10 * MINUTE).toISOString()
    const short = await desk.anOperator('viewer', { expires_at })
    const [one, other] = [desk.browser(), desk.browser()]
    await one.logIn(token)
    await other.logIn(short.token)
    const path = `/v1/admin/merchants/${desk.merchant.id}/operators/${id}`
    await desk.json(200, path, { method: 'DELETE', as: ADMIN })
    expect((await one.see('/console/payments')).status).toBe(401)
    expect((await other.see('/console/payments')).status).toBe(200)
    desk.now += 10 * MINUTE
    expect((await other.see('/console/payments')).status).toBe(401)
  })

  it('cannot be made up, changed, or stretched by whoever holds its cookie', async () => {
    const desk = await aConsole()
    const browser = await desk.loggedIn()
    const sealed = browser.cookies.get(COOKIE) ?? ''
    const bent = sealed.slice(0, -2) + (sealed.endsWith('AA') ? 'BB' : 'AA')
    for (const value of ['', 'x', 'v1.test.AAAA.AAAA', bent, btoa('{"id":"x"}'), 'x'.repeat(5_000)]) {
      browser.cookies.set(COOKIE, value)
      expect((await browser.see('/console/payments')).status, value.slice(0, 20)).toBe(401)
    }
  })
})

describe('the requests that the console makes within the Worker', () => {
  it('act as the operator who is logged in, and say so in the log', async () => {
    const desk = await aConsole()
    const { id, token } = await desk.anOperator()
    const browser = desk.browser()
    await browser.logIn(token)
    desk.lines.length = 0
    await browser.see('/console/payments')
    const inner = desk.lines.map((line) => JSON.parse(line)).find(({ route }) => route === '/v1/payments')
    expect(inner).toMatchObject({ proof: 'console', caller: id, status: 200 })
  })

  it('cannot be imitated from outside: neither the cookie nor any header opens a route of the API', async () => {
    const desk = await aConsole()
    const browser = await desk.loggedIn()
    const guesses = [
      'tollgate-operator',
      'tollgate-acting-as',
      'x-forwarded-user',
      'tollgate-live',
      'authorization',
    ]
    for (const name of guesses)
      expect((await browser.send('/v1/payments', { headers: { [name]: 'opr_1' } })).status, name).toBe(401)
    expect((await browser.send('/v1/payments')).status).toBe(401)
  })
})

describe('a form', () => {
  const path = '/console/exceptions/exc_1'
  const asked = { form_name: 'resolve', resolution: 'seen', note: 'Looked at.' }

  it.each([
    ['from another site', { origin: 'https://evil.example' }, 403],
    ['from a page without an origin', { origin: 'null' }, 403],
    ['that nothing says the origin of', { origin: null }, 403],
    ['as JSON', { 'content-type': 'application/json' }, 415],
    ['as text, which other sites may send without asking', { 'content-type': 'text/plain' }, 415],
  ] as [string, Record<string, string | null>, number][])('%s is refused', async (_, headers, status) => {
    const desk = await aConsole()
    const browser = await desk.loggedIn()
    const form_token = formTokenIn(await browser.see('/console/payments'))
    const seen = await browser.post(path, { form_token, ...asked }, headers)
    expect(seen.status).toBe(status)
  })

  it('is refused without its token, and with that of another session, even the same operator’s', async () => {
    const desk = await aConsole()
    const { token } = await desk.anOperator()
    const [one, other] = [desk.browser(), desk.browser()]
    await one.logIn(token)
    await other.logIn(token)
    const theirs = formTokenIn(await other.see('/console/payments'))
    for (const form_token of ['', 'x', theirs])
      expect((await one.post(path, { form_token, ...asked })).status).toBe(403)
  })

  it('for logging in is refused from another site too', async () => {
    const desk = await aConsole()
    const { token } = await desk.anOperator()
    const seen = await desk.browser().post('/console/login', { token }, { origin: 'https://evil.example' })
    expect(seen.status).toBe(403)
  })
})

describe('every page', () => {
  it('allows only what carries its nonce, which is another one each time, and is never kept', async () => {
    const browser = await (await aConsole()).loggedIn()
    const nonces = new Set<string>()
    for (const path of ['/console/payments', '/console/exceptions', '/console/nothing', '/console/login']) {
      const { headers, text } = await browser.see(path)
      const policy = headers.get('content-security-policy') ?? ''
      const [, nonce = ''] = /script-src 'nonce-([a-z0-9]{26})'/.exec(policy) ?? []
      nonces.add(nonce)
      for (const part of ["default-src 'none'", `style-src 'nonce-${nonce}'`, "frame-ancestors 'none'"])
        expect(policy).toContain(part)
      for (const part of ["form-action 'self'", "base-uri 'none'"]) expect(policy).toContain(part)
      expect(policy).not.toMatch(/unsafe|\*|https?:/)
      expect(text).not.toMatch(/ style=| on\w+=|<style|<script(?! nonce)/)
      expect(text.match(/nonce="[^"]+"/g)).toEqual([`nonce="${nonce}"`, `nonce="${nonce}"`])
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('referrer-policy')).toBe('same-origin')
    }
    expect(nonces.size).toBe(4)
  })

  it('speaks the language that was asked for last, or else the browser’s', async () => {
    const browser = await (await aConsole()).loggedIn()
    const russian = { headers: { 'accept-language': 'ru-RU,ru;q=0.9' } }
    expect((await browser.send('/console/payments', russian)).text).toContain('<html lang="ru"')
    expect((await browser.see('/console/payments?language=hy')).text).toContain('Վճարումներ')
    expect((await browser.send('/console/payments', russian)).text).toContain('<html lang="hy"')
    expect((await browser.see('/console/payments?language=xx')).text).toContain('<html lang="hy"')
  })

  it('has its own style and script beside it', async () => {
    const browser = (await aConsole()).browser()
    for (const [path, type] of [
      ['/console/desk.css', 'text/css'],
      ['/console/desk.js', 'javascript'],
    ] as const) {
      const { status, headers } = await browser.see(path)
      expect([status, headers.get('content-type')]).toEqual([200, expect.stringContaining(type)])
    }
  })

  it('says of an address that is none that it is not found', async () => {
    const browser = await (await aConsole()).loggedIn()
    const seen = await browser.see('/console/nothing')
    expect(seen.status).toBe(404)
    expect(formIn(seen, 'resolve')).toBeNull()
  })
})
