/** Callers that wait in an object's memory for another caller's step, none of them longer than its deadline. */
export class Waiting {
  readonly #waiting = new Set<() => void>()

  /** Resolves when something happened, or at the deadline (milliseconds since the epoch). */
  until(deadline: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        resolve()
      }
      const timer = setTimeout(done, Math.max(1, deadline - Date.now()))
      this.#waiting.add(done)
    })
  }

  wake(): void {
    for (const done of this.#waiting) done()
  }
}
