import { describe, expect, it } from 'vitest'
import { seal, sealedUnder, unseal } from '../../../src/crypto/seal.ts'

const key = (value: number) => btoa(String.fromCharCode(...new Uint8Array(32).fill(value)))
const env = (...entries: string[]) => ({ KEY_ENCRYPTION_KEYS: entries.join(',') })
const one = env(`k1:${key(1)}`)

describe('a sealed secret', () => {
  it('opens for its owner', async () => {
    const sealed = await seal(one, 'whsec_made_up ✓', 'con_1')
    expect(sealed).toMatch(/^v1\.k1\.[\w-]{16}\.[\w-]+$/)
    expect(await unseal(one, sealed, 'con_1')).toBe('whsec_made_up ✓')
  })

  it('does not open in the row of another owner', async () => {
    await expect(unseal(one, await seal(one, 'secret', 'con_1'), 'con_2')).rejects.toThrow('con_2')
  })

  it('does not open once any part of it was changed', async () => {
    const parts = (await seal(one, 'secret', 'con_1')).split('.')
    for (const place of [2, 3]) {
      const first = parts[place]![0] === 'A' ? 'B' : 'A'
      const changed = parts.map((part, index) => (index === place ? first + part.slice(1) : part)).join('.')
      await expect(unseal(one, changed, 'con_1')).rejects.toThrow()
    }
  })

  it('never looks the same twice, so equal secrets cannot be told', async () => {
    expect(await seal(one, 'secret', 'con_1')).not.toBe(await seal(one, 'secret', 'con_1'))
  })

  it('opens after a new key was put first, and is sealed under the new one from then on', async () => {
    const old = await seal(one, 'secret', 'con_1')
    const rotated = env(`k2:${key(2)}`, `k1:${key(1)}`)
    expect(await unseal(rotated, old, 'con_1')).toBe('secret')
    expect(sealedUnder(await seal(rotated, 'secret', 'con_1'))).toBe('k2')
  })

  it('names the key that it misses', async () => {
    const sealed = await seal(one, 'secret', 'con_1')
    await expect(unseal(env(`k2:${key(2)}`), sealed, 'con_1')).rejects.toThrow('lacks the key k1')
  })

  it.each(['', 'plain text', 'v1.k1', 'v1.k1.a.b.c', 'v2.k1.AAAAAAAAAAAAAAAA.AAAA', 'v1.k1.???.AAAA'])(
    'is not %j, which is refused without a clue',
    async (text) => {
      await expect(unseal(one, text, 'con_1')).rejects.toThrow('not readable')
    },
  )

  it.each([
    ['no key at all', ''],
    ['a key that is too short', `k1:${btoa('short')}`],
    ['a key without an id', key(1)],
    ['one id for two keys', `k1:${key(1)},k1:${key(2)}`],
  ])('cannot be made with %s', async (_, setting) => {
    await expect(seal(env(setting), 'secret', 'con_1')).rejects.toThrow('KEY_ENCRYPTION_KEYS')
  })

  it('does not tell a key in the error about it', async () => {
    const error = await seal(env(`k1:${btoa('short')}`), 'secret', 'con_1').catch(String)
    expect(error).not.toContain(btoa('short'))
  })
})
