/** The store's own words in its three languages. What is said about a payment comes from the kit. */
import { createContext, useContext } from 'react'

export const locales = { en: 'English', hy: 'Հայերեն', ru: 'Русский' } as const
export type Locale = keyof typeof locales

const en = {
  name: 'Garni Goods',
  tagline: 'Good things from the Armenian highlands',
  testMode: 'Demo store in test mode: no real money moves.',
  toContent: 'To the content',
  language: 'Language',
  currency: 'Currency',
  shop: 'Shop',
  cart: 'Cart',
  orders: 'Orders',
  add: 'Add to cart',
  fewer: 'One fewer',
  more: 'One more',
  inCart: 'in the cart',
  emptyCart: 'Your cart is empty.',
  toShop: 'Look around the shop',
  total: 'Total',
  payWith: 'Pay with',
  sandboxHint: 'test checkout',
  simulatedHint: 'simulated',
  pay: 'Pay',
  once: 'You are charged once, however often you press.',
  tryAgain: 'Try again',
  toOrder: 'See your order',
  order: 'Order',
  noOrders: 'You have no orders yet.',
  unknownOrder: 'There is no such order in this browser.',
  notPaid: 'not paid yet',
  status: 'Payment',
  through: 'Paid through',
  heard: 'Which business systems have heard',
  heardHint: 'Only a demo shows this: each event of the payment, as it reached the store’s systems.',
  nothingHeard: 'nothing yet',
  titles: {
    confirming: 'One moment',
    paid: 'Thank you',
    failed: 'Not paid',
    expired: 'Too late',
    needs_attention: 'Please check',
  },
  statuses: {
    created: 'not paid yet',
    pending: 'being confirmed',
    authorized: 'held until we ship',
    paid: 'paid',
    failed: 'not paid',
    canceled: 'canceled',
    expired: 'expired',
  },
  goods: {
    coffee: ['Highland coffee', 'Slow-roasted in Gyumri, 500 g'],
    'thyme-tea': ['Mountain thyme', 'Picked by hand above Dilijan, 80 g'],
    'apricot-jam': ['Apricot jam', 'Ararat valley apricots, 350 g'],
    cup: ['Clay cup', 'Thrown and glazed in Garni, 250 ml'],
    pomegranate: ['Pomegranate molasses', 'Nothing but pomegranates, 250 ml'],
    'wool-socks': ['Wool socks', 'Knitted in Sisian, one size'],
  } as Record<string, readonly [string, string]>,
}

export type Words = typeof en

const hy: Words = {
  name: 'Գառնի',
  tagline: 'Բարի իրեր Հայկական լեռնաշխարհից',
  testMode: 'Փորձնական խանութ․ իրական գումար չի շարժվում։',
  toContent: 'Դեպի բովանդակություն',
  language: 'Լեզու',
  currency: 'Արժույթ',
  shop: 'Խանութ',
  cart: 'Զամբյուղ',
  orders: 'Պատվերներ',
  add: 'Ավելացնել',
  fewer: 'Մեկով պակաս',
  more: 'Մեկով ավելի',
  inCart: 'զամբյուղում',
  emptyCart: 'Ձեր զամբյուղը դատարկ է։',
  toShop: 'Դիտել խանութը',
  total: 'Ընդամենը',
  payWith: 'Վճարման եղանակ',
  sandboxHint: 'փորձնական',
  simulatedHint: 'նմանակված',
  pay: 'Վճարել',
  once: 'Գումարը գանձվում է մեկ անգամ, քանի անգամ էլ սեղմեք։',
  tryAgain: 'Կրկին փորձել',
  toOrder: 'Տեսնել պատվերը',
  order: 'Պատվեր',
  noOrders: 'Դեռ պատվերներ չունեք։',
  unknownOrder: 'Այս դիտարկիչում այդպիսի պատվեր չկա։',
  notPaid: 'դեռ վճարված չէ',
  status: 'Վճարում',
  through: 'Վճարվել է',
  heard: 'Որ համակարգերն են տեղեկացվել',
  heardHint: 'Միայն փորձնական խանութում՝ վճարման յուրաքանչյուր իրադարձությունը։',
  nothingHeard: 'դեռ ոչինչ',
  titles: {
    confirming: 'Մեկ րոպե',
    paid: 'Շնորհակալություն',
    failed: 'Վճարված չէ',
    expired: 'Ժամանակը սպառվել է',
    needs_attention: 'Խնդրում ենք ստուգել',
  },
  statuses: {
    created: 'դեռ վճարված չէ',
    pending: 'հաստատվում է',
    authorized: 'պահված է մինչև առաքումը',
    paid: 'վճարված է',
    failed: 'վճարված չէ',
    canceled: 'չեղարկված է',
    expired: 'ժամկետանց է',
  },
  goods: {
    coffee: ['Լեռնային սուրճ', 'Բոված Գյումրիում, 500 գ'],
    'thyme-tea': ['Լեռնային ուրց', 'Ձեռքով քաղված Դիլիջանում, 80 գ'],
    'apricot-jam': ['Ծիրանի ջեմ', 'Արարատյան դաշտի ծիրանից, 350 գ'],
    cup: ['Կավե բաժակ', 'Պատրաստված Գառնիում, 250 մլ'],
    pomegranate: ['Նռան խտանյութ', 'Միայն նուռ, 250 մլ'],
    'wool-socks': ['Բրդե գուլպաներ', 'Գործված Սիսիանում'],
  },
}

const ru: Words = {
  name: 'Гарни',
  tagline: 'Добрые вещи с Армянского нагорья',
  testMode: 'Демонстрационный магазин: настоящие деньги не списываются.',
  toContent: 'К содержанию',
  language: 'Язык',
  currency: 'Валюта',
  shop: 'Магазин',
  cart: 'Корзина',
  orders: 'Заказы',
  add: 'В корзину',
  fewer: 'На один меньше',
  more: 'На один больше',
  inCart: 'в корзине',
  emptyCart: 'Ваша корзина пуста.',
  toShop: 'Посмотреть магазин',
  total: 'Итого',
  payWith: 'Способ оплаты',
  sandboxHint: 'тестовая оплата',
  simulatedHint: 'имитация',
  pay: 'Оплатить',
  once: 'Деньги спишутся один раз, сколько бы вы ни нажимали.',
  tryAgain: 'Попробовать ещё раз',
  toOrder: 'Посмотреть заказ',
  order: 'Заказ',
  noOrders: 'У вас ещё нет заказов.',
  unknownOrder: 'В этом браузере такого заказа нет.',
  notPaid: 'ещё не оплачен',
  status: 'Оплата',
  through: 'Оплачено через',
  heard: 'Какие системы узнали об этом',
  heardHint: 'Видно только в демонстрации: каждое событие платежа, как оно дошло до систем магазина.',
  nothingHeard: 'пока ничего',
  titles: {
    confirming: 'Минуту',
    paid: 'Спасибо',
    failed: 'Не оплачено',
    expired: 'Время вышло',
    needs_attention: 'Проверьте, пожалуйста',
  },
  statuses: {
    created: 'ещё не оплачен',
    pending: 'подтверждается',
    authorized: 'удержано до отправки',
    paid: 'оплачен',
    failed: 'не оплачен',
    canceled: 'отменён',
    expired: 'просрочен',
  },
  goods: {
    coffee: ['Горный кофе', 'Обжарен в Гюмри, 500 г'],
    'thyme-tea': ['Горный чабрец', 'Собран вручную под Дилижаном, 80 г'],
    'apricot-jam': ['Абрикосовый джем', 'Абрикосы Араратской долины, 350 г'],
    cup: ['Глиняная чашка', 'Сделана в Гарни, 250 мл'],
    pomegranate: ['Гранатовый соус', 'Только гранаты, 250 мл'],
    'wool-socks': ['Шерстяные носки', 'Связаны в Сисиане'],
  },
}

export const words: Record<Locale, Words> = { en, hy, ru }

export interface Speech {
  locale: Locale
  words: Words
  /** An amount in minor units, as the language writes it. */
  money(amount: number, currency: string): string
}

/** Not every font has the sign of the dram. */
const display = (currency: string) => (currency === 'AMD' ? 'code' : 'narrowSymbol')
const exponents: Record<string, number> = { JPY: 0, KWD: 3 }

export function speechOf(locale: Locale): Speech {
  return {
    locale,
    words: words[locale],
    money: (amount, currency) =>
      new Intl.NumberFormat(locale, {
        ...{ style: 'currency', currency, currencyDisplay: display(currency) },
        trailingZeroDisplay: 'stripIfInteger',
      }).format(amount / 10 ** (exponents[currency] ?? 2)),
  }
}

export const SpeechContext = createContext(speechOf('en'))
export const useSpeech = () => useContext(SpeechContext)

/** The language that the browser asks for, when the store speaks it. */
export const browserLocale = (): Locale =>
  navigator.languages.map((one) => one.slice(0, 2)).find((one): one is Locale => one in locales) ?? 'en'
