/** Numbers for providers that know an order by digits only: counted per connection, and never twice the same. */
import { evictDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'

describe('the order numbers of a connection', () => {
  it('are never twice the same, however many are taken at once and whatever is restarted in between', async () => {
    const numbers = () => env.NUMBERS.getByName('con_counted')
    const taken = await Promise.all(Array.from({ length: 20 }, () => numbers().next(1)))
    await evictDurableObject(numbers())
    taken.push(await numbers().next(1))
    expect(taken.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 21 }, (_, index) => index + 1))
  })

  it('begin where the provider’s range begins, also when that is moved on later', async () => {
    const numbers = env.NUMBERS.getByName('con_ranged')
    const taken = [await numbers.next(100), await numbers.next(100), await numbers.next(500)]
    expect([...taken, await numbers.next(100)]).toEqual([100, 101, 500, 501])
  })

  it('are another connection’s own', async () => {
    expect(await env.NUMBERS.getByName('con_one').next(1)).toBe(1)
    expect(await env.NUMBERS.getByName('con_two').next(1)).toBe(1)
  })
})
