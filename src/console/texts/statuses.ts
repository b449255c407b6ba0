/**
 * Where things stand, by what the gateway calls it: `status_` payments and their sessions, `kind_` exceptions, `on_` a
 * payment's other tracks.
 */
import type { ExceptionKind, PaymentStatus } from '../../domain/payment.ts'
import type {
  DisputeStatus,
  FiscalStatus,
  FulfillmentStatus,
  RefundStatus,
  SessionState,
} from '../../domain/tracks.ts'
import type { Text } from './text.ts'
import { chapter } from './text.ts'

type Status = PaymentStatus | SessionState | 'completed'

const statuses: Record<`status_${Status}`, Text> = {
  status_created: ['created', 'ստեղծված', 'создан'],
  status_pending: ['pending', 'սպասվում է', 'ожидается'],
  status_authorized: ['authorized', 'արգելափակված', 'авторизован'],
  status_paid: ['paid', 'վճարված', 'оплачен'],
  status_failed: ['failed', 'ձախողված', 'не удался'],
  status_canceled: ['canceled', 'չեղարկված', 'отменён'],
  status_expired: ['expired', 'ժամկետանց', 'истёк'],
  status_opening: ['opening', 'բացվում է', 'открывается'],
  status_open: ['open', 'բաց', 'открыт'],
  status_ending: ['ending', 'ավարտվում է', 'завершается'],
  status_captured: ['captured', 'գանձված', 'списан'],
  status_completed: ['completed', 'ավարտված', 'завершён'],
}

const kinds: Record<`kind_${ExceptionKind}`, Text> = {
  kind_delivery_exhausted: ['Delivery failed', 'Առաքումը ձախողվեց', 'Доставка не удалась'],
  kind_report_mismatch: ['Report differs', 'Հաղորդումը տարբերվում է', 'Отчёт расходится'],
  kind_report_unmatched: ['Report without a payment', 'Հաղորդում առանց վճարման', 'Отчёт без платежа'],
  kind_late_payment: ['Late payment', 'Ուշացած վճարում', 'Поздний платёж'],
  kind_duplicate_payment: ['Paid twice', 'Վճարված է երկու անգամ', 'Оплачен дважды'],
  kind_contradiction: ['Contradiction', 'Հակասություն', 'Противоречие'],
  kind_in_doubt_too_long: ['In doubt too long', 'Չափազանց երկար անորոշություն', 'Слишком долго неясно'],
  kind_fiscal_failed: ['Fiscal receipt failed', 'ՀԴՄ կտրոնը ձախողվեց', 'Фискальный чек не выдан'],
  kind_dispute_opened: ['Dispute opened', 'Բացվել է վեճ', 'Открыт спор'],
  kind_reconciliation_difference: ['Settlement differs', 'Հաշվարկը տարբերվում է', 'Расхождение при сверке'],
}

const refund: Record<`on_refund_${RefundStatus}`, Text> = {
  on_refund_none: ['none', 'չկա', 'нет'],
  on_refund_partial: ['partial', 'մասնակի', 'частично'],
  on_refund_full: ['full', 'ամբողջական', 'полностью'],
}

const dispute: Record<`on_dispute_${DisputeStatus}`, Text> = {
  on_dispute_none: ['none', 'չկա', 'нет'],
  on_dispute_open: ['open', 'բաց', 'открыт'],
  on_dispute_won: ['won', 'շահված', 'выигран'],
  on_dispute_lost: ['lost', 'պարտված', 'проигран'],
}

const fiscal: Record<`on_fiscal_${FiscalStatus}`, Text> = {
  on_fiscal_not_required: ['not required', 'չի պահանջվում', 'не нужен'],
  on_fiscal_pending: ['pending', 'սպասվում է', 'ожидается'],
  on_fiscal_issued: ['issued', 'տրված', 'выдан'],
  on_fiscal_failed: ['failed', 'ձախողված', 'не выдан'],
}

const fulfillment: Record<`on_fulfillment_${FulfillmentStatus}`, Text> = {
  on_fulfillment_not_required: ['not required', 'չի պահանջվում', 'не нужно'],
  on_fulfillment_pending: ['pending', 'սպասվում է', 'ожидается'],
  on_fulfillment_in_progress: ['in progress', 'ընթացքում', 'в работе'],
  on_fulfillment_delivered: ['delivered', 'հանձնված', 'доставлено'],
  on_fulfillment_returned: ['returned', 'հետ բերված', 'возвращено'],
  on_fulfillment_canceled: ['canceled', 'չեղարկված', 'отменено'],
}

export const statusTexts = chapter({
  ...statuses,
  ...kinds,
  ...refund,
  ...dispute,
  ...fiscal,
  ...fulfillment,
  refund_pending: ['pending', 'սպասվում է', 'ожидается'],
  refund_succeeded: ['succeeded', 'կատարված', 'выполнен'],
  refund_failed: ['failed', 'ձախողված', 'не удался'],
  delivery_pending: ['pending', 'սպասվում է', 'ожидается'],
  delivery_delivered: ['delivered', 'առաքված', 'доставлено'],
  delivery_failed: ['failed', 'ձախողված', 'не доставлено'],
  delivery_held: ['held', 'պահված', 'задержано'],
  state_open: ['open', 'բաց', 'открыто'],
  state_resolved: ['resolved', 'լուծված', 'решено'],
})
