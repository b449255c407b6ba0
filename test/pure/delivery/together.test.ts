// One transaction saves the ends of several tries, and is worth no promise.
import { expect, it } from 'vitest'
import { together } from '../../../src/delivery/together.ts'

/** A database that answers each write when it is told to. */
class Slow {
  readonly writes: { several: string[]; end: PromiseWithResolvers<void> }[] = []
  readonly save = together(async (several: string[]) => {
    const end = Promise.withResolvers<void>()
    this.writes.push({ several, end })
    await end.promise
    return several.map((one) => one.toUpperCase())
  })

  /** What each write was given, in their order. */
  get given(): string[][] {
    return this.writes.map(({ several }) => several)
  }
}

/** Lets everything run that waits for nothing from outside. */
const quiet = async () => {
  for (let turns = 0; turns < 20; turns += 1) await Promise.resolve()
}

it('writes the first at once, without waiting for company', async () => {
  const slow = new Slow()
  const first = slow.save('a')
  expect(slow.given).toEqual([['a']])
  slow.writes[0]!.end.resolve()
  expect(await first).toBe('A')
})

it('writes what comes meanwhile in one call, and answers each of them', async () => {
  const slow = new Slow()
  const saved = Promise.all(['a', 'b', 'c', 'd'].map(slow.save))
  slow.writes[0]!.end.resolve()
  await quiet()
  expect(slow.given).toEqual([['a'], ['b', 'c', 'd']])
  slow.writes[1]!.end.resolve()
  expect(await saved).toEqual(['A', 'B', 'C', 'D'])
})

it('writes at once again when everything is written', async () => {
  const slow = new Slow()
  const first = slow.save('a')
  slow.writes[0]!.end.resolve()
  await first
  await quiet()
  void slow.save('b')
  expect(slow.given).toEqual([['a'], ['b']])
})

it('tries each for itself when several cannot be written, so that one takes no other with it', async () => {
  const given: string[][] = []
  const save = together(async (several: string[]) => {
    given.push(several)
    await Promise.resolve()
    if (several.includes('bad')) throw new Error('too long')
    return several
  })
  const saved = await Promise.allSettled(['a', 'b', 'bad', 'c'].map(save))
  expect(saved.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
  expect(given).toEqual([['a'], ['b', 'bad', 'c'], ['b'], ['bad'], ['c']])
})

it('goes on after a write that failed', async () => {
  const slow = new Slow()
  const [first, second] = [slow.save('a'), slow.save('b')]
  slow.writes[0]!.end.reject(new Error('away'))
  await expect(first).rejects.toThrow('away')
  slow.writes[1]!.end.resolve()
  expect(await second).toBe('B')
})
