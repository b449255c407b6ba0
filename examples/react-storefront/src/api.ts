/** What the pages ask of the store's own back end. */
import { remembered } from './remembered.ts'

export interface Product {
  sku: string
  prices: Record<string, number>
}

export interface StoreInfo {
  gateway: string
  publishableKey: string
  methods: { id: string; name: string; currencies: string[] | 'any' }[]
  catalogue: Product[]
  currencies: string[]
  mostOfEach: number
}

export interface Order {
  id: string
  createdAt: string
  lines: { sku: string; count: number; price: number }[]
  amount: number
  currency: string
  payment?: { id: string; status: string; provider: string | null; amount_refunded: number }
  heard?: Record<string, string[]>
}

/** The customer's token: whoever holds it may see these orders. A store with accounts would use its session here. */
export const customer = remembered('customer', () => `c-${crypto.randomUUID()}`)

/** Throws when the store does not answer. */
export const loadStore = () => get<StoreInfo>('/api/store')

/** Null when the store does not know the order, or does not answer just now. */
export const loadOrder = (id: string) => get<Order>(`/api/orders/${encodeURIComponent(id)}`).catch(() => null)

export const loadOrders = async () =>
  (await get<{ data: Order[] }>('/api/orders').catch(() => ({ data: [] }))).data

async function get<T>(path: string): Promise<T> {
  const answer = await fetch(path, { headers: { authorization: `Bearer ${customer}` } })
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}.`)
  return (await answer.json()) as T
}
