/** The cart: what is in it, and a number of its own by which the store knows it again in every tab. */
import { useMemo } from 'react'
import type { Product } from './api.ts'
import { useRemembered } from './remembered.ts'

interface Kept {
  id: string
  counts: Record<string, number>
}

export interface Cart {
  id: string
  lines: { product: Product; count: number }[]
  count: number
  /** In minor units. */
  total(currency: string): number
  /** Puts this many of a thing into the cart in place of what was there; 0 takes it out. */
  put(sku: string, count: number): void
  countOf(sku: string): number
  /** An empty cart with a new number, if this is still the cart with that one. */
  finish(id: string): void
}

const fresh = (): Kept => ({ id: crypto.randomUUID(), counts: {} })

export function useCart(catalogue: readonly Product[], most: number): Cart {
  const [text, setText] = useRemembered('cart', '')
  return useMemo(() => {
    const kept = parsed(text) ?? fresh()
    const lines = catalogue
      .map((product) => ({ product, count: kept.counts[product.sku] ?? 0 }))
      .filter(({ count }) => count > 0)
    return {
      id: kept.id,
      lines,
      count: lines.reduce((sum, { count }) => sum + count, 0),
      total: (currency) =>
        lines.reduce((sum, { product, count }) => sum + count * (product.prices[currency] ?? 0), 0),
      countOf: (sku) => kept.counts[sku] ?? 0,
      put(sku, count) {
        const counts = { ...kept.counts, [sku]: Math.min(Math.max(count, 0), most) }
        setText(JSON.stringify({ ...kept, counts }))
      },
      finish(id) {
        if (kept.id === id) setText(JSON.stringify(fresh()))
      },
    }
  }, [text, setText, catalogue, most])
}

function parsed(text: string): Kept | null {
  try {
    const kept = JSON.parse(text) as Partial<Kept>
    return typeof kept.id === 'string' && typeof kept.counts === 'object' ? (kept as Kept) : null
  } catch {
    return null
  }
}
