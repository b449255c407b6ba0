/**
 * The fault test that every provider of the registry has: the answer to `open`, `capture` and `refund` is lost after the
 * provider acted. Each proof goes through the gateway's own steps, and brings the books of both sides to be compared here.
 */
import { describe, expect, it } from 'vitest'
import { capabilitiesOf } from '../../src/providers/index.ts'

/** Minor units, over everything that was ever made there. */
export interface Moved {
  captured: number
  refunded: number
}

export interface Books {
  gateway: Moved
  provider: Moved
  /** What a person was asked to look at; nothing, when the machine finds out by itself. */
  exceptions: readonly string[]
}

/** How the books stand once the machine has found out, with the title's end; or why there is no such answer to lose. */
export type Proof = [it: string, prove: () => Promise<Books>] | { none: string }

export type Proofs = Record<'open' | 'capture' | 'refund', Proof>

/** Registers the three tests. Throws where a proof is missing of what the provider declares that it can do. */
export function movesMoneyOnce(name: string, proofs: Proofs): void {
  const { capture, refund } = capabilitiesOf(name)
  const able = { open: false, capture, refund }
  describe(`${name}, when an answer is lost after it acted,`, () => {
    for (const what of ['open', 'capture', 'refund'] as const) {
      const proof = proofs[what]
      if (Array.isArray(proof)) proves(what, proof)
      else if (able[what])
        throw new Error(`${name} declares ${what}, so a lost answer to it needs its proof.`)
      // reason: the title carries it; nobody calls for what a provider cannot do
      else it.skip(`${what}: moves money once (${proof.none})`)
    }
  })
}

function proves(what: keyof Proofs, [title, prove]: Extract<Proof, unknown[]>): void {
  it(`${what}: ${title}, and money moves once`, async () => {
    const { gateway, provider, exceptions } = await prove()
    expect(gateway).toEqual(provider)
    expect(gateway.captured).toBeGreaterThan(0)
    if (what === 'refund') expect(gateway.refunded).toBeGreaterThan(0)
    else expect(gateway.refunded).toBe(0)
    expect(exceptions).toEqual([])
  })
}
