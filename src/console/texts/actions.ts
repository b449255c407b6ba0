/** What an operator does about a payment, and what the page says afterwards. */
import { chapter } from './text.ts'

export const actionTexts = chapter({
  actions: ['Actions', 'Գործողություններ', 'Действия'],
  ask_provider: ['Ask the provider', 'Հարցնել մատակարարին', 'Запросить провайдера'],
  ask_hint: [
    'Reads the payment’s state from the provider now and records what it says.',
    'Հիմա կարդում է վճարման վիճակը մատակարարից և գրանցում այն։',
    'Сейчас же читает состояние платежа у провайдера и записывает его.',
  ],
  capture: ['Capture', 'Գանձել', 'Списать'],
  cancel: ['Cancel the authorization', 'Չեղարկել արգելափակումը', 'Отменить авторизацию'],
  cancel_hint: [
    'Gives the held money back to the customer.',
    'Արգելափակված գումարը հետ է տալիս հաճախորդին։',
    'Возвращает клиенту удержанные деньги.',
  ],
  refund: ['Refund', 'Վերադարձնել', 'Вернуть'],
  correct: ['Correct', 'Ուղղել', 'Исправить'],
  correct_hint: [
    'For what the gateway cannot learn by itself. It is written into the journal with your name and told to every business system.',
    'Այն դեպքի համար, երբ համակարգն ինքը չի կարող իմանալ։ Գրանցվում է մատյանում ձեր անունով և հաղորդվում բոլոր համակարգերին։',
    'Для того, что шлюз не может узнать сам. Записывается в журнал с вашим именем и сообщается всем системам.',
  ],
  to_status: ['To', 'Նոր վիճակ', 'На статус'],
  evidence: ['Evidence', 'Ապացույց', 'Подтверждение'],
  evidence_hint: [
    'Where it can be looked up: a line of the bank’s statement, a ticket.',
    'Որտեղ կարելի է ստուգել՝ բանկի քաղվածքի տող, հայտ։',
    'Где это можно проверить: строка банковской выписки, обращение.',
  ],
  amount_hint: ['Empty: everything that is there.', 'Դատարկ՝ ամբողջը։', 'Пусто: всё, что есть.'],
  amount_hint_most: [
    'At most {most}. Empty: all of it.',
    'Առավելագույնը՝ {most}։ Դատարկ՝ ամբողջը։',
    'Не более {most}. Пусто: всё.',
  ],
  correct_amount_hint: [
    'Only for “paid”, when less than {most} was taken.',
    'Միայն «վճարված»-ի համար, եթե գանձվել է {most}-ից պակաս։',
    'Только для «оплачен», если списано меньше {most}.',
  ],
  amount_unclear: [
    'The amount is no amount of this currency. Write it with a point and without a sign, such as 12500.00.',
    'Գումարը ճիշտ չէ այս արժույթի համար։ Գրեք կետով և առանց նշանի, օրինակ՝ 12500.00։',
    'Это не сумма в данной валюте. Пишите с точкой и без знака, например 12500.00.',
  ],
  retry: ['Try again now', 'Նորից փորձել հիմա', 'Повторить сейчас'],
  done_asked: ['The provider was asked.', 'Մատակարարին հարցում է արվել։', 'Провайдер запрошен.'],
  done_captured: ['The capture is done.', 'Գումարը գանձված է։', 'Списание выполнено.'],
  done_canceled: ['The authorization is cancelled.', 'Արգելափակումը չեղարկված է։', 'Авторизация отменена.'],
  done_refunded: [
    'The refund is under way or done; the refunds below say which.',
    'Վերադարձը կատարված է կամ ընթացքում է. տես ստորև։',
    'Возврат выполнен или выполняется; см. ниже.',
  ],
  done_corrected: ['The payment is corrected.', 'Վճարումն ուղղված է։', 'Платёж исправлен.'],
  done_proposed: [
    'The correction is proposed. A second person must ask for the same.',
    'Ուղղումն առաջարկված է։ Երկրորդ անձը պետք է խնդրի նույնը։',
    'Исправление предложено. Второй человек должен запросить то же.',
  ],
  done_retried: [
    'The delivery is on its way again.',
    'Առաքումը կրկին ճանապարհին է։',
    'Доставка снова в пути.',
  ],
  done_in_doubt: [
    'The provider gave no certain answer. The gateway asks until it knows; do not repeat it elsewhere.',
    'Մատակարարը հստակ պատասխան չի տվել։ Համակարգը կհարցնի մինչև իմանա. մի՛ կրկնեք այլ տեղ։',
    'Провайдер не дал ясного ответа. Шлюз спрашивает, пока не узнает; не повторяйте в другом месте.',
  ],
})
