/** What the journal's entries are called, by their type, and the facts that they tell. */
import type { EntryType } from '../../domain/entry.ts'
import type { MoneyCommand } from '../../domain/payment.ts'
import type { FactType } from '../../domain/provider.ts'
import { chapter, type Text } from './text.ts'

type Underscored<T extends string> = T extends `${infer A}.${infer B}` ? `${A}_${B}` : T

const entries: Record<`entry_${Underscored<EntryType>}`, Text> = {
  entry_payment_created: ['Payment created', 'Վճարումը ստեղծվեց', 'Платёж создан'],
  entry_order_registered: ['Order registered', 'Պատվերը գրանցվեց', 'Заказ зарегистрирован'],
  entry_session_opening: ['Checkout asked for', 'Վճարման էջ պահանջվեց', 'Запрошена оплата'],
  entry_session_continued: [
    'Same checkout asked for again',
    'Նույն էջը կրկին պահանջվեց',
    'Та же оплата запрошена снова',
  ],
  entry_session_opened: ['Checkout opened', 'Վճարման էջը բացվեց', 'Оплата открыта'],
  entry_session_unanswered: ['Provider did not answer', 'Մատակարարը չպատասխանեց', 'Провайдер не ответил'],
  entry_session_declined: [
    'Provider refused to open',
    'Մատակարարը մերժեց բացել',
    'Провайдер отказал в открытии',
  ],
  entry_session_reused: ['Open checkout given again', 'Բաց էջը տրվեց կրկին', 'Выдана уже открытая оплата'],
  entry_session_ending: ['Checkout being ended', 'Էջը փակվում է', 'Оплата закрывается'],
  entry_session_doubted: ['Money in doubt', 'Գումարն անորոշ է', 'Деньги под вопросом'],
  entry_session_cleared: ['Doubt ended', 'Անորոշությունը վերացավ', 'Сомнение снято'],
  entry_session_extended: ['Time extended', 'Ժամկետը երկարաձգվեց', 'Срок продлён'],
  entry_report_applied: ['Report applied', 'Հաղորդումն ընդունվեց', 'Отчёт применён'],
  entry_check_applied: ['Provider asked', 'Հարցում մատակարարին', 'Провайдер запрошен'],
  entry_command_applied: ['Command done', 'Հրամանը կատարվեց', 'Команда выполнена'],
  entry_clock_applied: ['Time is up', 'Ժամկետը լրացավ', 'Время вышло'],
  entry_report_stale: ['Report told nothing new', 'Հաղորդումը նորություն չէր', 'Отчёт без нового'],
  entry_report_mismatched: ['Report differs', 'Հաղորդումը տարբերվում է', 'Отчёт расходится'],
  entry_check_mismatched: [
    'Provider’s answer differs',
    'Մատակարարի պատասխանը տարբերվում է',
    'Ответ провайдера расходится',
  ],
  entry_report_premature: ['Report came early', 'Հաղորդումը վաղ եկավ', 'Отчёт пришёл раньше времени'],
  entry_report_contradicted: ['Report contradicts', 'Հաղորդումը հակասում է', 'Отчёт противоречит'],
  entry_fiscal_receipted: ['Fiscal receipt', 'ՀԴՄ կտրոն', 'Фискальный чек'],
  entry_fiscal_contradicted: ['Fiscal receipt contradicts', 'ՀԴՄ կտրոնը հակասում է', 'Чек противоречит'],
  entry_fulfillment_moved: ['Fulfilment', 'Կատարում', 'Исполнение'],
  entry_correction_proposed: ['Correction proposed', 'Առաջարկվեց ուղղում', 'Предложено исправление'],
  entry_correction_made: ['Corrected', 'Ուղղվեց', 'Исправлено'],
  entry_command_begun: ['Command begun', 'Հրամանը սկսվեց', 'Команда начата'],
  entry_command_accepted: ['Provider will tell later', 'Մատակարարը կհայտնի հետո', 'Провайдер сообщит позже'],
  entry_command_declined: ['Provider declined', 'Մատակարարը մերժեց', 'Провайдер отказал'],
  entry_command_doubted: ['No certain answer', 'Հստակ պատասխան չկա', 'Нет ясного ответа'],
  entry_command_answered: ['Command answered', 'Հրամանի պատասխան', 'Ответ на команду'],
  entry_command_refused: ['Command refused', 'Հրամանը մերժվեց', 'Команда отклонена'],
  entry_exception_raised: ['Exception raised', 'Բացառություն առաջացավ', 'Возникло исключение'],
  entry_exception_resolved: ['Exception resolved', 'Բացառությունը լուծվեց', 'Исключение решено'],
}

const facts: Record<`fact_${FactType}`, Text> = {
  fact_authorized: ['authorized', 'արգելափակված', 'авторизовано'],
  fact_captured: ['captured', 'գանձված', 'списано'],
  fact_failed: ['failed', 'ձախողված', 'не удалось'],
  fact_canceled: ['canceled', 'չեղարկված', 'отменено'],
  fact_expired: ['expired', 'ժամկետանց', 'истекло'],
  fact_capture_pending: ['capture pending', 'գանձումը ընթացքում է', 'списание ожидается'],
  fact_capture_failed: ['capture failed', 'գանձումը ձախողվեց', 'списание не удалось'],
  fact_approved: ['approved', 'հաստատված', 'подтверждено'],
  fact_refunded: ['refunded', 'վերադարձված', 'возвращено'],
  fact_refunded_one: ['refunded', 'վերադարձված', 'возвращено'],
  fact_refund_pending: ['refund pending', 'վերադարձը ընթացքում է', 'возврат ожидается'],
  fact_refund_failed: ['refund failed', 'վերադարձը ձախողվեց', 'возврат не удался'],
  fact_disputed: ['disputed', 'վիճարկված', 'оспорено'],
  fact_dispute_closed: ['dispute closed', 'վեճը փակված է', 'спор закрыт'],
}

const commands: Record<`command_${MoneyCommand | 'sync'}`, Text> = {
  command_capture: ['capture', 'գանձում', 'списание'],
  command_cancel: ['cancel', 'չեղարկում', 'отмена'],
  command_refund: ['refund', 'վերադարձ', 'возврат'],
  command_sync: ['ask the provider', 'հարցում մատակարարին', 'запрос провайдеру'],
}

export const journalTexts = chapter({ ...entries, ...facts, ...commands })
