/** Turns that are dealt out evenly: at most so many a second, first come, first served. */

/** Turns that nobody came back for are forgotten after this. */
const FORGOTTEN_AFTER_MS = 600_000

export class Turns {
  #nextAt = 0
  readonly #turns = new Map<string, number>()

  /** Milliseconds until the turn of `id`; 0 when it is now, and then the turn is used up. */
  waitMs(id: string, perSecond: number, now: number): number {
    const turn = this.#turns.get(id) ?? this.#deal(id, perSecond, now)
    if (turn > now) return turn - now
    this.#turns.delete(id)
    return 0
  }

  #deal(id: string, perSecond: number, now: number): number {
    // Dealt in ascending order, so the oldest stand first.
    for (const [one, at] of this.#turns) {
      if (at > now - FORGOTTEN_AFTER_MS) break
      this.#turns.delete(one)
    }
    const turn = Math.max(now, this.#nextAt)
    this.#nextAt = turn + 1_000 / perSecond
    this.#turns.set(id, turn)
    return turn
  }
}
