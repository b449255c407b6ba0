/** All randomness of a history comes from here: one seed, one stream of numbers, on every machine the same. */

export class Chance {
  #a: number
  #b: number
  #c: number
  #d = 1

  constructor(seed: number, stream = 0) {
    this.#a = (seed ^ 0x9e3779b9) | 0
    this.#b = Math.trunc(seed / 0x1_0000_0000) ^ 0x243f6a88
    this.#c = stream ^ 0xb7e15162
    for (let round = 0; round < 12; round++) this.next()
  }

  /** From 0 up to, but never, 1 (sfc32). */
  next(): number {
    const sum = (this.#a + this.#b + this.#d) | 0
    this.#d = (this.#d + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (this.#c << 21) | (this.#c >>> 11)
    this.#c = (this.#c + sum) | 0
    return (sum >>> 0) / 4_294_967_296
  }

  /** A whole number from `low` to `high`, both inclusive. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  happens(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]!
  }

  /** Many small waits and a few very long ones, in whole milliseconds. */
  wait(low: number, high: number): number {
    return Math.round(low * (high / low) ** this.next())
  }

  fill<T extends Uint8Array>(bytes: T): T {
    for (let index = 0; index < bytes.length; index++) bytes[index] = Math.floor(this.next() * 256)
    return bytes
  }
}
