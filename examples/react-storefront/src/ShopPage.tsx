/** Everything that is for sale. */
import type { Product, StoreInfo } from './api.ts'
import { Picture } from './art.tsx'
import type { Cart } from './cart.ts'
import { useSpeech } from './words.ts'

export function ShopPage({ store, cart, currency }: { store: StoreInfo; cart: Cart; currency: string }) {
  const { words } = useSpeech()
  return (
    <>
      <h1>{words.tagline}</h1>
      <ul className="goods">
        {store.catalogue.map((product) => (
          <Good key={product.sku} product={product} cart={cart} currency={currency} />
        ))}
      </ul>
    </>
  )
}

function Good({ product, cart, currency }: { product: Product; cart: Cart; currency: string }) {
  const { words, money } = useSpeech()
  const { sku, prices } = product
  const [title, about] = words.goods[sku] ?? [sku, '']
  const count = cart.countOf(sku)
  return (
    <li className="good">
      <Picture sku={sku} />
      <h2>{title}</h2>
      <p className="about">{about}</p>
      <p className="price">{money(prices[currency] ?? 0, currency)}</p>
      {count === 0 ? (
        <button
          type="button"
          className="quiet"
          aria-label={`${words.add}: ${title}`}
          onClick={() => cart.put(sku, 1)}
        >
          {words.add}
        </button>
      ) : (
        <Counter title={title} count={count} put={(next) => cart.put(sku, next)} />
      )}
    </li>
  )
}

export function Counter({ title, count, put }: { title: string; count: number; put(count: number): void }) {
  const { words } = useSpeech()
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms, and this is three things in a row.
    <div className="counter" role="group" aria-label={title}>
      <button type="button" aria-label={words.fewer} onClick={() => put(count - 1)}>
        −
      </button>
      <output aria-label={`${count} ${words.inCart}`}>{count}</output>
      <button type="button" aria-label={words.more} onClick={() => put(count + 1)}>
        +
      </button>
    </div>
  )
}
