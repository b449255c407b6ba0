import { beforeEach, describe, expect, it } from 'vitest'
import { readApiKey } from '../../src/crypto/api-keys.ts'
import {
  clearDirectory,
  findChoices,
  findConnection,
  findKey,
  findMerchant,
} from '../../src/store/directory.ts'
import { ADMIN, aDoor } from './door.ts'

beforeEach(() => clearDirectory())

describe('the directory', () => {
  it('serves a connection for a day while D1 cannot be read, and then 503', async () => {
    const door = aDoor()
    const { id } = await door.aConnection((await door.aMerchant()).id)
    const read = () => findConnection(door.env, id, door.now)
    await read()
    door.isBroken = true
    for (const later of [59_000, 3_600_000, 82_000_000]) {
      door.now += later
      expect((await read())?.id).toBe(id)
    }
    door.now += 86_400_000
    await expect(read()).rejects.toMatchObject({ refusal: { code: 'temporarily_unavailable' } })
    door.isBroken = false
    expect((await read())?.id).toBe(id)
  })

  it('serves the list that a session chooses from likewise, and takes a change into it at once', async () => {
    const door = aDoor()
    const merchant = await door.aMerchant()
    const first = await door.aConnection(merchant.id)
    const list = async () =>
      (await findChoices(door.env, merchant.id, false, door.now)).map(({ id }) => id).sort()
    expect(await list()).toEqual([first.id])
    const second = await door.aConnection(merchant.id)
    expect(await list()).toEqual([first.id, second.id].sort())
    door.now += 82_000_000
    door.isBroken = true
    expect(await list()).toHaveLength(2)
    door.isBroken = false
    const path = `/v1/admin/merchants/${merchant.id}/connections/${first.id}`
    await door.json(200, path, { as: ADMIN, method: 'PATCH', body: { disabled: true } })
    expect(await list()).toEqual([second.id])
    expect(await findChoices(door.env, merchant.id, true, door.now)).toEqual([])
  })

  it('says 503, not 404, about a connection that it could not look up, and remembers nothing of that', async () => {
    const door = aDoor()
    const { id } = await door.aConnection((await door.aMerchant()).id)
    door.isBroken = true
    await expect(findConnection(door.env, id, door.now)).rejects.toMatchObject({
      refusal: { code: 'temporarily_unavailable' },
    })
    door.isBroken = false
    expect((await findConnection(door.env, id, door.now))?.id).toBe(id)
    expect(await findConnection(door.env, 'con_none', door.now)).toBeNull()
  })

  it('asks D1 no more than once in five seconds while D1 fails', async () => {
    const door = aDoor()
    const { id } = await door.aMerchant()
    await findMerchant(door.env, id, door.now)
    door.now += 61_000
    let asked = 0
    const DB = new Proxy(door.env.DB, {
      get() {
        asked += 1
        throw new Error('broken')
      },
    })
    const env = { ...door.env, DB }
    for (let n = 0; n < 10; n++) await findMerchant(env, id, door.now)
    expect(asked).toBe(1)
    door.now += 5_000
    await findMerchant(env, id, door.now)
    expect(asked).toBe(2)
  })

  it('reads again for somebody who wants it fresher, but not within those seconds', async () => {
    const door = aDoor()
    const { id } = await door.aMerchant()
    await findMerchant(door.env, id, door.now)
    door.statements = 0
    door.now += 4_999
    await findMerchant(door.env, id, door.now, 5_000)
    expect(door.statements).toBe(0)
    door.now += 1
    await findMerchant(door.env, id, door.now, 5_000)
    expect(door.statements).toBe(1)
  })

  it('holds a bounded number of absent ids, and they push out no present one', async () => {
    const door = aDoor()
    const { key } = await door.aKey((await door.aMerchant()).id)
    const hash = readApiKey(key)!.hash
    await findKey(door.env, hash, door.now)
    const nothing = { ...door.env, DB: emptyDatabase() }
    for (let n = 0; n < 6_000; n++) await findKey(nothing, `absent-${n}`, door.now)
    door.statements = 0
    expect(await findKey(door.env, hash, door.now)).not.toBeNull()
    await findKey(door.env, 'absent-5999', door.now)
    expect(door.statements).toBe(0)
    await findKey(door.env, 'absent-0', door.now)
    expect(door.statements).toBe(1)
  })
})

/** A database without a row, so that thousands of look-ups cost nothing. */
function emptyDatabase(): D1Database {
  const statement = { bind: () => statement, raw: async () => [], all: async () => ({ results: [] }) }
  return { prepare: () => statement } as unknown as D1Database
}
