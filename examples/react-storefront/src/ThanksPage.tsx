/**
 * Where the provider sends the customer back to. The address proves nothing: the page says "confirming" until the gateway
 * knows, and says what it knows.
 */
import { messageFor, type State, type Storefront } from '@tollgate/storefront'
import { usePayment } from '@tollgate/storefront/react'
import { useEffect } from 'react'
import type { Cart } from './cart.ts'
import { Link } from './place.tsx'
import { useSpeech } from './words.ts'

interface ThanksPageProps {
  cart: Cart
  storefront: Storefront
  sessionId: string | null
  orderId: string | null
  cartId: string | null
}

export function ThanksPage({ cart, storefront, sessionId, orderId, cartId }: ThanksPageProps) {
  const { words, money, locale } = useSpeech()
  const watched = usePayment(storefront, sessionId)
  const state: State =
    watched.status === 'idle' ? { status: 'needs_attention', code: 'unknown_session' } : watched
  useEmptied(cart, state, cartId)
  const { session } = state
  const order = session?.order_id ?? orderId
  const title = words.titles[state.status as keyof typeof words.titles] ?? ''
  return (
    <section className={`card verdict ${state.status}`}>
      <Mark status={state.status} />
      <div role="status">
        <h1>{title}</h1>
        <p>{messageFor(state, locale)}</p>
      </div>
      {order !== null && (
        <dl className="facts">
          <dt>{words.order}</dt>
          <dd>{order}</dd>
          {session && (
            <>
              <dt>{words.total}</dt>
              <dd>{money(session.amount, session.currency)}</dd>
            </>
          )}
        </dl>
      )}
      {(state.status === 'failed' || state.status === 'expired') && (
        <Link to="/cart" className="main">
          {words.tryAgain}
        </Link>
      )}
      {order !== null && <Link to={`/orders/${order}`}>{words.toOrder}</Link>}
    </section>
  )
}

/** What is paid is no longer in the cart, however soon the customer leaves. A cart that was begun since stays. */
function useEmptied({ finish }: Cart, { status }: State, cartId: string | null): void {
  useEffect(() => {
    if (status === 'paid' && cartId !== null) finish(cartId)
  }, [status, cartId, finish])
}

const strokes: Record<string, string> = {
  paid: 'M14 25l8 8l14-17',
  failed: 'M16 16l18 18M34 16l-18 18',
  expired: 'M25 14v12l8 6',
  needs_attention: 'M25 14v14M25 35v1',
}

function Mark({ status }: { status: string }) {
  return (
    <svg className="mark" viewBox="0 0 50 50" aria-hidden="true">
      <circle cx="25" cy="25" r="21" />
      <path d={strokes[status] ?? ''} />
    </svg>
  )
}
