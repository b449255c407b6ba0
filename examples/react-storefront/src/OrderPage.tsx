/** A customer's orders, and one of them as the store's back end knows it. */
import { useEffect, useState } from 'react'
import { loadOrder, loadOrders, type Order } from './api.ts'
import { Link } from './place.tsx'
import { useSpeech } from './words.ts'

const lookAgainMs = 2_000

export function OrdersPage() {
  const { words, money, locale } = useSpeech()
  const [orders, setOrders] = useState<Order[] | null>(null)
  useEffect(() => void loadOrders().then(setOrders), [])
  return (
    <>
      <h1>{words.orders}</h1>
      {orders?.length === 0 && <p>{words.noOrders}</p>}
      <ul className="orders">
        {orders?.map(({ id, createdAt, amount, currency }) => (
          <li key={id}>
            <Link to={`/orders/${id}`}>{id}</Link>
            <span>
              {new Date(createdAt).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' })}
            </span>
            <strong>{money(amount, currency)}</strong>
          </li>
        ))}
      </ul>
    </>
  )
}

export function OrderPage({ id }: { id: string }) {
  const { words, money } = useSpeech()
  const order = useOrder(id)
  if (order === undefined) return <h1>{words.order}</h1>
  if (order === null)
    return (
      <>
        <h1>{words.order}</h1>
        <p>{words.unknownOrder}</p>
      </>
    )
  const { payment } = order
  const status = words.statuses[payment?.status as keyof typeof words.statuses] ?? words.notPaid
  return (
    <>
      <h1>
        {words.order} <span className="number">{order.id}</span>
      </h1>
      <section className="card">
        <table>
          <tbody>
            {order.lines.map(({ sku, count, price }) => (
              <tr key={sku}>
                <th scope="row">
                  {count} × {words.goods[sku]?.[0] ?? sku}
                </th>
                <td>{money(count * price, order.currency)}</td>
              </tr>
            ))}
            <tr className="sum">
              <th scope="row">{words.total}</th>
              <td>{money(order.amount, order.currency)}</td>
            </tr>
          </tbody>
        </table>
        <dl className="facts">
          <dt>{words.status}</dt>
          <dd>
            <span role="status" className={`status ${payment?.status ?? ''}`}>
              {status}
            </span>
          </dd>
          {payment?.provider != null && payment.status === 'paid' && (
            <>
              <dt>{words.through}</dt>
              <dd>{payment.provider}</dd>
            </>
          )}
        </dl>
      </section>
      {order.heard && <Heard heard={order.heard} />}
    </>
  )
}

function Heard({ heard }: { heard: Record<string, string[]> }) {
  const { words } = useSpeech()
  return (
    <section className="card heard">
      <h2>{words.heard}</h2>
      <p className="about">{words.heardHint}</p>
      <dl>
        {Object.entries(heard).map(([system, events]) => (
          <div key={system}>
            <dt>{system}</dt>
            <dd>
              {events.length === 0
                ? words.nothingHeard
                : events.map((event) => <code key={event}>{event}</code>)}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

/** The order, asked for again every two seconds while somebody looks; undefined until the first answer, null if there is none. */
function useOrder(id: string): Order | null | undefined {
  const [order, setOrder] = useState<Order | null>()
  useEffect(() => {
    let isHere = true
    const look = async () => {
      const found = await loadOrder(id)
      // Whoever saw the order once keeps seeing it while the store does not answer.
      if (isHere) setOrder((known) => found ?? known ?? null)
    }
    void look()
    const timer = setInterval(look, lookAgainMs)
    return () => {
      isHere = false
      clearInterval(timer)
    }
  }, [id])
  return order
}
