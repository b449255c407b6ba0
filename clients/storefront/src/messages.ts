/** What to say to the customer, in English, Armenian and Russian. No message claims more than is known. */
import type { State, Status } from './states.ts'

export type Locale = 'en' | 'hy' | 'ru'

type Message = Exclude<Status, 'idle'> | keyof typeof codes

/** Codes that have words of their own; any other one is told by its status. */
const codes = {
  offline: 1,
  long: 1,
  unknown_session: 1,
  previous_attempt_in_doubt: 1,
  order_locked: 1,
} as const

const texts: Record<Locale, Record<Message, string>> = {
  en: {
    opening: 'Opening the checkout…',
    redirecting: 'Taking you to the checkout…',
    confirming: 'We are confirming your payment. There is no need to pay again.',
    paid: 'Your payment has arrived.',
    failed: 'The payment did not go through. Nothing was taken.',
    expired: 'The time to pay is over. Nothing was taken.',
    needs_attention: 'This does not go on by itself. Please try again, or write to the store.',
    offline: 'There is no connection. We keep trying; nothing happens twice.',
    long: 'This takes longer than usual. Your order is kept, and you may close this page.',
    unknown_session: 'This browser does not know the payment. Look at your order.',
    previous_attempt_in_doubt: 'An earlier attempt may still go through. Please try again in a minute.',
    order_locked: 'A checkout of this order is open already. Finish it there.',
  },
  hy: {
    opening: 'Բացում ենք վճարման էջը…',
    redirecting: 'Անցնում ենք վճարման էջ…',
    confirming: 'Հաստատում ենք ձեր վճարումը։ Կրկին վճարելու կարիք չկա։',
    paid: 'Ձեր վճարումը ստացվել է։',
    failed: 'Վճարումը չկատարվեց։ Գումար չի գանձվել։',
    expired: 'Վճարման ժամանակը սպառվել է։ Գումար չի գանձվել։',
    needs_attention: 'Ինքնուրույն չի շարունակվում։ Կրկին փորձեք կամ գրեք խանութին։',
    offline: 'Կապ չկա։ Շարունակում ենք փորձել. ոչինչ երկու անգամ չի կատարվի։',
    long: 'Սա սովորականից երկար է տևում։ Ձեր պատվերը պահպանված է, կարող եք փակել էջը։',
    unknown_session: 'Այս դիտարկիչը չգիտի այդ վճարման մասին։ Տեսեք ձեր պատվերը։',
    previous_attempt_in_doubt: 'Նախորդ փորձը դեռ կարող է ավարտվել։ Խնդրում ենք կրկին փորձել մեկ րոպեից։',
    order_locked: 'Այս պատվերի վճարման էջն արդեն բաց է։ Ավարտեք այնտեղ։',
  },
  ru: {
    opening: 'Открываем страницу оплаты…',
    redirecting: 'Переходим к оплате…',
    confirming: 'Подтверждаем ваш платёж. Платить ещё раз не нужно.',
    paid: 'Ваш платёж получен.',
    failed: 'Платёж не прошёл. Деньги не списаны.',
    expired: 'Время на оплату вышло. Деньги не списаны.',
    needs_attention: 'Само не продолжится. Попробуйте ещё раз или напишите в магазин.',
    offline: 'Нет связи. Мы продолжаем попытки; ничего не произойдёт дважды.',
    long: 'Это занимает больше времени, чем обычно. Заказ сохранён, страницу можно закрыть.',
    unknown_session: 'Этот браузер не знает такого платежа. Посмотрите свой заказ.',
    previous_attempt_in_doubt: 'Прошлая попытка ещё может пройти. Попробуйте, пожалуйста, через минуту.',
    order_locked: 'Оплата этого заказа уже открыта. Завершите её там.',
  },
}

/** The sentence for a state; empty while nothing has begun. An unknown language is told in English. */
export function messageFor(state: State, locale: string): string {
  const words = texts[locale.slice(0, 2).toLowerCase() as Locale] ?? texts.en
  if (state.status === 'idle') return ''
  const { code = '' } = state
  return code in codes ? words[code as Message] : words[state.status]
}
