// Connections in the console: a merchant's administrators keep and try them, and credentials are never shown.
import { beforeEach, describe, expect, it } from 'vitest'
import { readConnection } from '../../src/store/connections.ts'
import { clearDirectory } from '../../src/store/directory.ts'
import { aConsole, formIn, formTokenIn } from './console-browser.ts'
import { ADMIN, credentials } from './door.ts'

const secret = credentials.webhook_secrets[0]!
/** Made up. */
const other = `whsec_${btoa('another made-up secret, of nobody')}`

beforeEach(() => clearDirectory())

async function aConnection() {
  const desk = await aConsole()
  const { id } = await desk.aConnection(desk.merchant.id)
  const now = () => desk.json(200, `/v1/admin/merchants/${desk.merchant.id}/connections/${id}`, { as: ADMIN })
  return { desk, id, now, path: `/console/connections/${id}`, admin: await desk.loggedIn('admin') }
}

describe('an administrator', () => {
  it('sees each connection with where its provider reports to, and no credentials', async () => {
    const { admin, id, path } = await aConnection()
    expect((await admin.see('/console/connections')).text).toContain(`<a href="${path}">sandbox</a>`)
    const { text } = await admin.see(path)
    expect(text).toContain(`https://pay.example/webhooks/sandbox/${id}`)
    expect(text).not.toContain(secret)
  })

  it('tries the credentials, and hears what the provider says', async () => {
    const { admin, path } = await aConnection()
    const { status, text } = await admin.fill(path, 'try')
    expect(status).toBe(200)
    expect(text).toContain('role="status"><strong>Accepted</strong> The provider accepts the credentials.')
  })

  it('connects a provider in its own mode', async () => {
    const desk = await aConsole()
    const admin = await desk.loggedIn('admin')
    const asked = { 'credentials.webhook_secrets': secret, settings: '', default: '' }
    const { to } = await admin.fill('/console/connections?provider=sandbox', 'connect', asked)
    expect(to).toMatch(/^\/console\/connections\/con_/)
    const made = await desk.json(200, to!.replace('/console', `/v1/admin/merchants/${desk.merchant.id}`), {
      as: ADMIN,
    })
    expect(made).toMatchObject({ provider: 'sandbox', livemode: false })
  })

  it('disables and enables it', async () => {
    const { admin, path, now } = await aConnection()
    expect((await admin.fill(path, 'disable')).to).toBe(path)
    expect(await now()).toMatchObject({ disabled: true })
    const seen = await admin.see(path)
    expect(formIn(seen, 'disable')).toBeNull()
    expect(formIn(seen, 'default')).toBeNull()
    await admin.fill(path, 'enable')
    expect(await now()).toMatchObject({ disabled: false })
  })

  it('replaces credentials and settings, and makes it the default', async () => {
    const { admin, desk, path, id, now } = await aConnection()
    const replaced = `${other}\r\n\r\n  ${secret} `
    expect((await admin.fill(path, 'credentials', { 'credentials.webhook_secrets': replaced })).to).toBe(path)
    expect((await readConnection(desk.env, id))?.credentials).toEqual({ webhook_secrets: [other, secret] })
    const settings = { currencies: ['AMD'] }
    expect((await admin.fill(path, 'settings', { settings: JSON.stringify(settings) })).to).toBe(path)
    expect((await now()).settings).toEqual(settings)
    await desk.aConnection(desk.merchant.id, { default: true })
    expect((await admin.fill(path, 'default')).to).toBe(path)
    const merchant = await desk.json(200, `/v1/admin/merchants/${desk.merchant.id}`, { as: ADMIN })
    expect(JSON.stringify(merchant)).toContain(id)
  })

  it('sees which connection is the default, and is not offered to make it so again', async () => {
    const { admin, desk, path } = await aConnection()
    const isDefault = '<span class="tag plain">default</span>'
    const seen = await admin.see(path)
    expect(seen.text).toContain(isDefault)
    expect(formIn(seen, 'default')).toBeNull()
    await desk.aConnection(desk.merchant.id, { default: true })
    const after = await admin.see(path)
    expect(after.text).not.toContain(isDefault)
    expect(formIn(after, 'default')).not.toBeNull()
    expect((await admin.see('/console/connections')).text.split(isDefault)).toHaveLength(2)
  })

  it('finds a field for each credential of the provider that it has chosen, with where to find it', async () => {
    const { admin } = await aConnection()
    const { text } = await admin.see('/console/connections?provider=adyen')
    for (const [name, label] of [
      ['api_key', 'API key'],
      ['merchant_account', 'Merchant account'],
      ['hmac_keys', 'HMAC keys'],
    ] as const) {
      expect(text).toContain(`<label for="credentials-${name}">${label}</label>`)
      expect(text).toMatch(new RegExp(`name="credentials\\.${name}"[^>]* required[^>]* autocomplete="off"`))
    }
    expect(text).toContain('Customer Area, Developers, API credentials.')
    expect(text).toContain('the newest first: Customer Area, Developers, Webhooks, your webhook. One a line.')
  })

  it('finds no fields for a provider that is none', async () => {
    const { admin } = await aConnection()
    const seen = await admin.see('/console/connections?provider=%22%3E%3Cscript%3E')
    expect(seen.text).not.toContain('"><script>')
    expect(formIn(seen, 'connect')).toBeNull()
  })

  it.each([
    [
      'credentials that the provider has not',
      { 'credentials.webhook_secrets': `${secret}\nx` },
      '/credentials',
    ],
    ['no credentials', {}, '/credentials/webhook_secrets'],
    [
      'settings that are no JSON',
      { 'credentials.webhook_secrets': secret, settings: '{' },
      '“Settings” is not a JSON object',
    ],
    [
      'settings that are a list',
      { 'credentials.webhook_secrets': secret, settings: '[]' },
      '“Settings” is not a JSON object',
    ],
  ])('who types %s hears why, and sees no credential again', async (_, asked, why) => {
    const { admin, path } = await aConnection()
    for (const refused of [
      await admin.fill('/console/connections?provider=sandbox', 'connect', asked),
      await admin.fill(path, 'credentials', asked),
    ]) {
      expect(refused.status).toBe(422)
      expect(refused.text).toContain(why)
      expect(refused.text).not.toContain(secret)
    }
  })
})

describe('who may not', () => {
  it.each(['viewer', 'operator'] as const)(
    'a %s: has no such page in its menu, and is refused',
    async (role) => {
      const { desk, path, now } = await aConnection()
      const browser = await desk.loggedIn(role)
      const home = await browser.see('/console/payments')
      expect(home.text).not.toContain('href="/console/connections"')
      for (const address of ['/console/connections', path]) {
        const seen = await browser.see(address)
        expect(seen.status).toBe(403)
        expect(seen.text).toContain('This takes an operator with the role admin.')
      }
      const asked = { form_token: formTokenIn(home), form_name: 'disable', form_key: 'k' }
      expect((await browser.post(path, asked)).status).toBe(403)
      expect(await now()).toMatchObject({ disabled: false })
    },
  )

  it('an administrator of another merchant, who finds nothing', async () => {
    const { path } = await aConnection()
    expect((await (await (await aConsole()).loggedIn('admin')).see(path)).status).toBe(404)
  })
})
