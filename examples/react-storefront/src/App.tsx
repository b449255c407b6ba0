/** The frame around every page: the store's name, its places, the language and the currency. */
import { createStorefront } from '@tollgate/storefront'
import { useEffect, useMemo } from 'react'
import type { StoreInfo } from './api.ts'
import { CartPage } from './CartPage.tsx'
import { type Cart, useCart } from './cart.ts'
import { OrderPage, OrdersPage } from './OrderPage.tsx'
import { Link, usePlace } from './place.tsx'
import { useRemembered } from './remembered.ts'
import { ShopPage } from './ShopPage.tsx'
import { ThanksPage } from './ThanksPage.tsx'
import { browserLocale, type Locale, locales, SpeechContext, speechOf, useSpeech } from './words.ts'

export function App({ store }: { store: StoreInfo }) {
  const [locale, setLocale] = useRemembered('locale', browserLocale())
  const [currency, setCurrency] = useRemembered('currency', store.currencies[0] ?? 'AMD')
  const cart = useCart(store.catalogue, store.mostOfEach)
  const place = usePlace()
  const { gateway: url, publishableKey } = store
  const storefront = useMemo(() => createStorefront({ url, publishableKey }), [url, publishableKey])
  const speech = useMemo(() => speechOf(locale in locales ? (locale as Locale) : 'en'), [locale])
  useEffect(() => {
    document.documentElement.lang = speech.locale
    document.title = speech.words.name
  }, [speech])
  const page = () => {
    if (place.pathname === '/cart')
      return <CartPage store={store} cart={cart} currency={currency} storefront={storefront} />
    if (place.pathname === '/thanks')
      return (
        <ThanksPage
          cart={cart}
          storefront={storefront}
          sessionId={place.searchParams.get('session_id')}
          orderId={place.searchParams.get('order_id')}
          cartId={place.searchParams.get('cart')}
        />
      )
    if (place.pathname === '/orders') return <OrdersPage />
    const [, id] = /^\/orders\/(.+)$/.exec(place.pathname) ?? []
    if (id !== undefined) return <OrderPage key={id} id={id} />
    return <ShopPage store={store} cart={cart} currency={currency} />
  }
  return (
    <SpeechContext value={speech}>
      <Header cart={cart} here={place.pathname} />
      <main id="content" tabIndex={-1}>
        {page()}
      </main>
      <footer>
        <p>{speech.words.testMode}</p>
        <div className="choices">
          <Choice label={speech.words.language} value={speech.locale} options={locales} choose={setLocale} />
          <Choice
            label={speech.words.currency}
            value={currency}
            options={Object.fromEntries(store.currencies.map((one) => [one, one]))}
            choose={setCurrency}
          />
        </div>
      </footer>
    </SpeechContext>
  )
}

function Header({ cart, here }: { cart: Cart; here: string }) {
  const { words } = useSpeech()
  const link = (to: string, text: string) => (
    <Link to={to} {...(here === to && { 'aria-current': 'page' as const })}>
      {text}
    </Link>
  )
  return (
    <header>
      <a className="skip" href="#content">
        {words.toContent}
      </a>
      <Link to="/" className="name">
        {words.name}
      </Link>
      <nav>
        {link('/', words.shop)}
        {link('/orders', words.orders)}
        {link('/cart', cart.count === 0 ? words.cart : `${words.cart} (${cart.count})`)}
      </nav>
    </header>
  )
}

interface ChoiceProps {
  label: string
  value: string
  options: Readonly<Record<string, string>>
  choose(value: string): void
}

function Choice({ label, value, options, choose }: ChoiceProps) {
  return (
    <label>
      {label}{' '}
      <select value={value} onChange={(event) => choose(event.target.value)}>
        {Object.entries(options).map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}
