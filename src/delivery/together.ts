/** Writes that come one by one, put together while others are on their way: the database commits for many at once. */

interface Waiting<One, Done> {
  one: One
  resolve(done: Done): void
  reject(error: unknown): void
}

/**
 * Gives a function that writes one, by `write`, which takes several and answers for each in their order. The first is written
 * at once, and what comes meanwhile goes in one call after it; nothing waits for company. Where several cannot be written,
 * each is tried for itself, so that one that is bad takes no other with it.
 */
export function together<One, Done>(write: (several: One[]) => Promise<Done[]>): (one: One) => Promise<Done> {
  let waiting: Waiting<One, Done>[] = []
  let isWriting = false

  async function writeOn() {
    isWriting = true
    while (waiting.length > 0) {
      const several = waiting
      waiting = []
      await writeAll(several)
    }
    isWriting = false
  }

  async function writeAll(several: Waiting<One, Done>[]): Promise<void> {
    try {
      const done = await write(several.map(({ one }) => one))
      for (const [index, { resolve }] of several.entries()) resolve(done[index]!)
    } catch (error) {
      if (several.length === 1) several[0]!.reject(error)
      else await Promise.all(several.map((one) => writeAll([one])))
    }
  }

  return (one) =>
    new Promise((resolve, reject) => {
      waiting.push({ one, resolve, reject })
      if (!isWriting) void writeOn()
    })
}
