/** The cart and the way to pay for it. The amount shown is for the eye: what is paid is what the store quotes to the gateway. */
import { messageFor, type Storefront } from '@tollgate/storefront'
import { useCheckout } from '@tollgate/storefront/react'
import { useEffect, useRef, useState } from 'react'
import type { StoreInfo } from './api.ts'
import { customer } from './api.ts'
import { Picture } from './art.tsx'
import type { Cart } from './cart.ts'
import { Link } from './place.tsx'
import { Counter } from './ShopPage.tsx'
import { useSpeech } from './words.ts'

interface CartPageProps {
  store: StoreInfo
  cart: Cart
  currency: string
  storefront: Storefront
}

export function CartPage({ store, cart, currency, storefront }: CartPageProps) {
  const { words, money, locale } = useSpeech()
  const [state, start] = useCheckout(storefront)
  const methods = store.methods.filter(
    (method) => method.currencies === 'any' || method.currencies.includes(currency),
  )
  const [chosen, choose] = useState(methods[0]?.id ?? '')
  const method = methods.find(({ id }) => id === chosen) ?? methods[0]
  const started = useRef('')
  const { finish } = cart
  useEffect(() => {
    // Somebody has paid it already, in another tab or late.
    if (state.status === 'paid') finish(started.current)
  }, [state, finish])
  if (state.status === 'paid') return <Paid text={messageFor(state, locale)} />
  if (cart.count === 0 && state.status === 'idle') return <Empty />
  const isUnderway = state.status === 'opening' || state.status === 'redirecting'
  const pay = () => {
    started.current = cart.id
    start({
      quote: {
        cart_id: cart.id,
        currency,
        items: cart.lines.map(({ product, count }) => ({ sku: product.sku, count })),
      },
      customerToken: customer,
      // The cart's number lets the page that the customer comes back to empty it at once.
      returnUrl: `${location.origin}/thanks?cart=${cart.id}`,
      ...(method && { connectionId: method.id }),
      locale,
      // One order has one checkout: choosing another way to pay ends the one that was opened before.
      replace: true,
    })
  }
  return (
    <>
      <h1>{words.cart}</h1>
      <div className="checkout">
        <Lines cart={cart} currency={currency} />
        <form
          className="card"
          onSubmit={(event) => {
            event.preventDefault()
            pay()
          }}
        >
          <Methods methods={methods} chosen={method?.id ?? ''} choose={choose} />
          <p className="total">
            <span>{words.total}</span> <strong>{money(cart.total(currency), currency)}</strong>
          </p>
          <button type="submit" className="main" aria-disabled={isUnderway}>
            {words.pay} {money(cart.total(currency), currency)}
          </button>
          <p className={`said ${state.status}`} role="status">
            {state.detail !== undefined && state.status === 'needs_attention' ? `${state.detail} ` : ''}
            {messageFor(state, locale) || words.once}
          </p>
        </form>
      </div>
    </>
  )
}

function Paid({ text }: { text: string }) {
  const { words } = useSpeech()
  return (
    <>
      <h1>{words.titles.paid}</h1>
      <p role="status">{text}</p>
      <p>
        <Link to="/orders">{words.orders}</Link>
      </p>
    </>
  )
}

function Empty() {
  const { words } = useSpeech()
  return (
    <>
      <h1>{words.cart}</h1>
      <p>{words.emptyCart}</p>
      <p>
        <Link to="/">{words.toShop}</Link>
      </p>
    </>
  )
}

function Lines({ cart, currency }: { cart: Cart; currency: string }) {
  const { words, money } = useSpeech()
  return (
    <ul className="lines">
      {cart.lines.map(({ product: { sku, prices }, count }) => {
        const [title, about] = words.goods[sku] ?? [sku, '']
        return (
          <li key={sku}>
            <Picture sku={sku} />
            <div className="what">
              <h2>{title}</h2>
              <p className="about">{about}</p>
            </div>
            <Counter title={title} count={count} put={(next) => cart.put(sku, next)} />
            <p className="price">{money(count * (prices[currency] ?? 0), currency)}</p>
          </li>
        )
      })}
    </ul>
  )
}

interface MethodsProps {
  methods: StoreInfo['methods']
  chosen: string
  choose(id: string): void
}

function Methods({ methods, chosen, choose }: MethodsProps) {
  const { words } = useSpeech()
  return (
    <fieldset className="methods">
      <legend>{words.payWith}</legend>
      {methods.map(({ id, name }) => (
        <label key={id}>
          <input type="radio" name="method" value={id} checked={id === chosen} onChange={() => choose(id)} />
          <span>
            {name} <small>{name === 'Sandbox' ? words.sandboxHint : words.simulatedHint}</small>
          </span>
        </label>
      ))}
    </fieldset>
  )
}
