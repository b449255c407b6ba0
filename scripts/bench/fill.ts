// Fills a database with recorded payments as fast as SQL can, for whoever asks what anything costs among many.
// Nine of ten are paid and told to each destination; of every hundred five expire, three fail, one is still pending and
// one is held; one of two hundred has an exception, and one delivery of two hundred failed.

/** Ids hold the payment's number, so they are as long as real ones and never the same. */
const core = "substr('00000000000000000000000000' || n, -26)"
const PART = 20_000

export interface Fill {
  merchantId: string
  livemode: boolean
  destinationIds: string[]
  payments: number
  /** The first one's time in milliseconds since the epoch; the others follow a second after each other. */
  since: number
}

const status =
  "case when n % 100 < 90 then 'paid' when n % 100 < 95 then 'expired' when n % 100 < 98 then 'failed' when n % 100 < 99 then 'pending' else 'authorized' end"

export async function fillRecords(db: D1Database, fill: Fill): Promise<void> {
  for (let first = 1; first <= fill.payments; first += PART) {
    const last = Math.min(first + PART - 1, fill.payments)
    await db.batch(
      statements(fill).map((text) =>
        db.prepare(`with recursive numbers (n) as
      (select ${first} union all select n + 1 from numbers where n < ${last}) ${text}`),
      ),
    )
  }
}

function statements({ merchantId, livemode, destinationIds, since }: Fill): string[] {
  const owner = `'${merchantId}', ${livemode ? 1 : 0}`
  const at = `${since} + n * 1000`
  const event = (
    place: number,
    type: string,
  ) => `select 'pay_' || ${core}, ${place}, ${owner}, ${at} + ${place}, 'x', 'x',
      '{}', '', '', 'evt_' || ${core} || '00000${place}', ${type}, ${place},
      '{"timestamp":"2026-11-22T12:00:00.000Z","data":{}}', null from numbers`
  const told = destinationIds.map(
    (id) => `select 'dlv_' || ${core} || '000003' || '${id.slice(4)}', ${owner},
      'pay_' || ${core}, 3, 'evt_' || ${core} || '000003', 'payment.paid', '${id}',
      case when n % 200 = 7 then 'failed' when n % 200 = 9 then 'held' else 'delivered' end, 1, null, null, 'schedule', '[]', ${at} + 3, null, 0
      from numbers where n % 100 < 90`,
  )
  return [
    `insert into payments select 'pay_' || ${core}, ${owner}, 'A-' || n, ${status}, 1000, 'AMD', 4, ${at} + 1,
      case when n % 100 = 98 then ${at} + 86400000 end, '{}' from numbers`,
    `insert into journal ${event(1, "'payment.created'")}`,
    `insert into journal ${event(2, "'payment.pending'")}`,
    `insert into journal ${event(3, `'payment.' || ${status}`)} where n % 100 <> 98`,
    `insert into provider_references select 'con_x', 'ref-' || n, 'ps_' || ${core} || '0000000000000' from numbers`,
    `insert into exceptions select 'exc_' || ${core} || '0001', ${owner}, 'pay_' || ${core},
      case n % 400 when 11 then 'late_payment' else 'delivery_exhausted' end,
      case when n % 3 = 0 then 'open' else 'resolved' end, null, null, null, 'x', ${at}, null, null, null, null, 1
      from numbers where n % 200 = 11`,
    ...told.map((one) => `insert into deliveries ${one}`),
  ]
}
