/** What the store sells and for how much. Only the server knows prices that count; pages show them. */

export interface Product {
  sku: string
  /** In minor units of each currency. */
  prices: Readonly<Record<string, number>>
}

/** The most of one thing that a cart may hold. */
export const mostOfEach = 20

const price = (AMD: number, USD: number, EUR: number, JPY: number, KWD: number) => ({
  AMD,
  USD,
  EUR,
  JPY,
  KWD,
})

export const catalogue: readonly Product[] = [
  { sku: 'coffee', prices: price(480_000, 1_250, 1_150, 1_900, 3_850) },
  { sku: 'thyme-tea', prices: price(220_000, 575, 525, 850, 1_750) },
  { sku: 'apricot-jam', prices: price(190_000, 495, 450, 750, 1_500) },
  { sku: 'cup', prices: price(650_000, 1_690, 1_550, 2_500, 5_200) },
  { sku: 'pomegranate', prices: price(310_000, 810, 740, 1_200, 2_450) },
  { sku: 'wool-socks', prices: price(540_000, 1_400, 1_290, 2_100, 4_300) },
]

export const currencies = ['AMD', 'USD', 'EUR', 'JPY', 'KWD'] as const

export interface Line {
  sku: string
  count: number
  /** The price of one, in minor units. */
  price: number
}

/** What a cart costs, or why it is not sold. */
export type Priced =
  | { kind: 'priced'; lines: Line[]; amount: number; currency: string }
  | { kind: 'refused'; reason: string; message: string }

/** Prices a cart of which nothing is believed but what is in it. */
export function priced(cart: { currency?: unknown; items?: unknown }): Priced {
  const { currency, items } = cart
  if (typeof currency !== 'string' || !currencies.some((one) => one === currency))
    return refused('currency', `The store sells in ${currencies.join(', ')}.`)
  if (!Array.isArray(items) || items.length === 0) return refused('empty_cart', 'The cart is empty.')
  const lines: Line[] = []
  for (const item of items as { sku?: unknown; count?: unknown }[]) {
    const product = catalogue.find(({ sku }) => sku === item?.sku)
    const price = product?.prices[currency]
    if (product === undefined || price === undefined)
      return refused('not_for_sale', `The store does not sell "${String(item?.sku).slice(0, 40)}".`)
    const count = Number(item.count)
    if (!Number.isInteger(count) || count < 1 || count > mostOfEach)
      return refused('count', `Of each thing a cart may hold 1 to ${mostOfEach}.`)
    if (lines.some(({ sku }) => sku === product.sku))
      return refused('twice', `"${product.sku}" stands in the cart twice.`)
    lines.push({ sku: product.sku, count, price })
  }
  return {
    kind: 'priced',
    lines,
    amount: lines.reduce((sum, { count, price }) => sum + count * price, 0),
    currency,
  }
}

const refused = (reason: string, message: string): Priced => ({ kind: 'refused', reason, message })
