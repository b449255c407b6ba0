// Operators and keys in the console: made with their secret shown once, and revoked, by a merchant's administrators.
import { beforeEach, describe, expect, it } from 'vitest'
import { clearDirectory } from '../../src/store/directory.ts'
import { aConsole, formIn, formTokenIn } from './console-browser.ts'
import { ADMIN } from './door.ts'

const path = '/console/operators'

beforeEach(() => clearDirectory())

async function anAdministrator() {
  const desk = await aConsole()
  const listed = async (noun: 'operators' | 'keys') =>
    (await desk.json(200, `/v1/admin/merchants/${desk.merchant.id}/${noun}`, { as: ADMIN })).data
  return { desk, listed, admin: await desk.loggedIn('admin') }
}

const secretIn = (text: string) => /<code id="secret">([^<]+)</.exec(text)?.[1] ?? ''

describe('an administrator', () => {
  it('makes an operator, whose token is in this answer and in no other, and works', async () => {
    const { desk, admin, listed } = await anAdministrator()
    const made = await admin.fill(path, 'operator', {
      ...{ name: 'Aram <b>', role: 'viewer', expires: '2026-12-24T18:00' },
    })
    expect(made.status).toBe(200)
    expect(made.text).toContain('It is shown this once; only its hash is kept.')
    const token = secretIn(made.text)
    expect((await desk.browser().logIn(token)).status).toBe(303)
    const aram = { name: 'Aram <b>', role: 'viewer', livemode: false }
    const expires_at = '2026-12-24T18:00:00.000Z'
    expect(await listed('operators')).toContainEqual(expect.objectContaining({ ...aram, expires_at }))
    const { text } = await admin.see(path)
    expect(text).toContain('Aram &lt;b&gt;')
    expect(text).not.toContain(token)
  })

  it('makes a key, which is in this answer and in no other, and works', async () => {
    const { desk, admin, listed } = await anAdministrator()
    const key = secretIn((await admin.fill(path, 'key', { kind: 'secret' })).text)
    expect((await desk.call('/v1/payments', { as: key })).status).toBe(200)
    const [{ id }] = await listed('keys')
    const { text } = await admin.see(path)
    expect(text).toContain(id)
    expect(text).not.toContain(key)
  })

  it('revokes both', async () => {
    const { desk, admin } = await anAdministrator()
    const { key, id: keyId } = await desk.aKey(desk.merchant.id)
    const { token, id } = await desk.anOperator('operator')
    for (const one of [keyId, id]) expect((await admin.fill(path, `revoke-${one}`)).to).toBe(path)
    for (const as of [key, token]) expect((await desk.call('/v1/payments', { as })).status).toBe(401)
    const seen = await admin.see(path)
    expect(seen.text).toContain('role="status">It is revoked.')
    for (const one of [keyId, id]) expect(formIn(seen, `revoke-${one}`)).toBeNull()
  })

  it('is offered no form against itself, and is refused when it sends one all the same', async () => {
    const { admin, listed } = await anAdministrator()
    const [{ id }] = await listed('operators')
    const seen = await admin.see(path)
    expect(formIn(seen, `revoke-${id}`)).toBeNull()
    const asked = { form_token: formTokenIn(seen), form_name: `revoke-${id}`, form_key: 'k' }
    const refused = await admin.post(path, asked)
    expect(refused.status).toBe(403)
    expect(refused.text).toContain('Nobody revokes their own token.')
    expect((await admin.see(path)).status).toBe(200)
  })

  it('hears what is wrong, beside what was entered', async () => {
    const { admin } = await anAdministrator()
    const refused = await admin.fill(path, 'operator', {
      ...{ name: 'Aram', role: 'viewer', expires: '2026-01-01T00:00' },
    })
    expect(refused.status).toBe(422)
    expect(refused.text).toContain('It lies in the past.')
    expect(refused.text).toContain('value="Aram"')
  })

  it('makes nothing in the other mode, whatever its form says', async () => {
    const { admin, listed } = await anAdministrator()
    await admin.fill(path, 'key', { kind: 'secret', livemode: 'true' })
    expect(await listed('keys')).toMatchObject([{ livemode: false }])
  })
})

describe('who may not', () => {
  it.each(['viewer', 'operator'] as const)(
    'a %s: has no such page in its menu, and is refused',
    async (role) => {
      const { desk, listed } = await anAdministrator()
      const browser = await desk.loggedIn(role)
      const home = await browser.see('/console/payments')
      expect(home.text).not.toContain(`href="${path}"`)
      expect((await browser.see(path)).status).toBe(403)
      const asked = { form_token: formTokenIn(home), form_name: 'key', form_key: 'k', kind: 'secret' }
      const refused = await browser.post(path, asked)
      expect(refused.status).toBe(403)
      expect(refused.text).toContain('This takes an operator with the role admin.')
      expect(await listed('keys')).toEqual([])
    },
  )
})
