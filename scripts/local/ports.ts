/** Ports of this machine, for programs that must be told one. */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * Where ports are drawn: below those that the kernels of Linux (32768) and macOS (49152) lend to whoever asks for any. A
 * lent one can be lent again, to a browser's connection for instance, before the program that was told it listens there.
 */
const DRAWN = { from: 15_000, to: 32_000 }
const MOST_DRAWS = 100

/** A port that nobody listens on now, and that nobody is given by chance. Throws when so many in a row were taken. */
export async function freePort(): Promise<number> {
  for (let draws = 0; draws < MOST_DRAWS; draws += 1) {
    const port = randomInt(DRAWN.from, DRAWN.to)
    if (await isFree(port)) return port
  }
  throw new Error(`None of ${MOST_DRAWS} ports of 127.0.0.1 was free; end a program that listens there.`)
}

/** Whether a program could listen on a port of 127.0.0.1 now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const probe = createServer()
    probe.once('error', () => answer(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => answer(true)))
  })
}
