// The console for operators who come through Cloudflare Access: nobody logs in again, and everything else is as with a token.
import { createExecutionContext } from 'cloudflare:test'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { clearDirectory } from '../../src/store/directory.ts'
import { aPair, aTeam, type Pair, said, settings, signedBy } from './access-rig.ts'
import { aBrowser, aConsole, formIn, formTokenIn, type Role } from './console-browser.ts'
import { ADMIN } from './door.ts'

let pair: Pair
beforeAll(async () => {
  pair = await aPair()
})

beforeEach(() => {
  clearDirectory()
  aTeam(pair)
})

/** A console behind Access, an operator who is registered there, and a browser for whoever has an e-mail address. */
async function aDesk(role: Role = 'operator') {
  const desk = await aConsole(settings)
  const email = `${desk.merchant.id}@shop.example`
  const { id } = await desk.anOperator(role, { access_email: email })
  const { key } = await desk.aKey(desk.merchant.id)
  const body = { kind: 'crm', url: 'https://crm.example/hook', event_types: ['*'] }
  const destination = await desk.json(201, '/v1/destinations', { as: key, body })

  /** Cloudflare puts the identity on every request. */
  const browserOf = (whose: string) =>
    aBrowser(async (request) => {
      request.headers.set('cf-access-jwt-assertion', await signedBy(pair, said(desk, { email: whose })))
      return desk.app.fetch(request, desk.env, createExecutionContext())
    })

  const now = () => desk.json(200, `/v1/destinations/${destination.id}`, { as: key })
  const place = { path: `/console/destinations/${destination.id}`, now }
  return { desk, email, id, browserOf, browser: browserOf(email), ...place }
}

describe('an operator who comes through Cloudflare Access', () => {
  it('sees every page under its own name and role, without a log-in and without a cookie', async () => {
    const { browser, path } = await aDesk('viewer')
    for (const place of ['/console', '/console/payments', path]) {
      const { status, text } = await browser.see(place)
      expect(status).toBe(200)
      expect(text).toContain('<span>Ani the viewer · viewer</span>')
    }
    expect([...browser.cookies.keys()].filter((name) => name.includes('console'))).toEqual([])
    expect(formIn(await browser.see(path), 'pause')).toBeNull()
  })

  it('acts by the forms of its pages, as the operator that it is', async () => {
    const { desk, browser, path, now, id } = await aDesk()
    desk.lines.length = 0
    expect((await browser.fill(path, 'pause')).to).toBe(path)
    expect(await now()).toMatchObject({ status: 'paused' })
    const lines = desk.lines.map((line) => JSON.parse(line))
    expect(lines).toContainEqual(
      expect.objectContaining({ route: '/v1/destinations/:id/pause', proof: 'console', caller: id }),
    )
    expect(lines).toContainEqual(
      expect.objectContaining({
        method: 'POST',
        route: '/console/destinations/:id',
        proof: 'access',
        caller: id,
      }),
    )
  })

  it.each([
    ['of another site', { origin: 'https://evil.example' }],
    ['without an origin', { origin: null }],
  ])('is not made to act by a form %s, although its identity is on that request too', async (_, headers) => {
    const { browser, path, now } = await aDesk()
    const form_token = formTokenIn(await browser.see(path))
    const sent = { form_token, form_name: 'pause', form_key: 'k' }
    expect((await browser.post(path, sent, headers)).status).toBe(403)
    expect(await now()).toMatchObject({ status: 'active' })
  })

  it('is not made to act by a form without a token of its own pages', async () => {
    const { desk, browser, browserOf, path, now } = await aDesk()
    await desk.anOperator('operator', { access_email: `other-${desk.merchant.id}@shop.example` })
    const other = browserOf(`other-${desk.merchant.id}@shop.example`)
    for (const form_token of ['', formTokenIn(await other.see(path))])
      expect((await browser.post(path, { form_token, form_name: 'pause', form_key: 'k' })).status).toBe(403)
    expect(await now()).toMatchObject({ status: 'active' })
  })

  it('may what its role may, and no more', async () => {
    const { browser } = await aDesk('operator')
    expect((await browser.see('/console/operators')).status).toBe(403)
    const { browser: other } = await aDesk('admin')
    expect((await other.see('/console/operators')).status).toBe(200)
  })

  it('is out when it is revoked, and sees the page for logging in', async () => {
    const { desk, browser, id } = await aDesk()
    expect((await browser.see('/console')).status).toBe(200)
    const path = `/v1/admin/merchants/${desk.merchant.id}/operators/${id}`
    await desk.json(200, path, { method: 'DELETE', as: ADMIN })
    const seen = await browser.see('/console')
    expect(seen.status).toBe(401)
    expect(seen.text).toContain('action="/console/login"')
  })
})

describe('whoever comes through Cloudflare Access', () => {
  it('and is registered nowhere sees the page for logging in, where a token still works', async () => {
    const { desk, browserOf } = await aDesk()
    const stranger = browserOf('stranger@shop.example')
    expect((await stranger.see('/console')).status).toBe(401)
    const { token } = await desk.anOperator('viewer')
    await stranger.logIn(token)
    expect((await stranger.see('/console')).text).toContain('Ani the viewer · viewer')
  })

  it('and is an operator in several places is told so, and says with a token which one it means', async () => {
    const { desk, browser, email } = await aDesk()
    const { token } = await desk.anOperator('viewer', { access_email: email })
    const seen = await browser.see('/console')
    expect(seen.status).toBe(403)
    expect(seen.text).toContain('You are an operator in several places.')
    expect((await browser.logIn(token)).to).toBe('/console')
    expect((await browser.see('/console')).text).toContain('Ani the viewer · viewer')
  })
})
