/** The list of payments, its search, and a payment's page. */
import { chapter } from './text.ts'

export const paymentTexts = chapter({
  order: ['Order', 'Պատվեր', 'Заказ'],
  amount: ['Amount', 'Գումար', 'Сумма'],
  provider: ['Provider', 'Մատակարար', 'Провайдер'],
  payment: ['Payment', 'Վճարում', 'Платёж'],
  order_number: ['Order number', 'Պատվերի համար', 'Номер заказа'],
  created_from: ['Created from', 'Ստեղծված՝ սկսած', 'Создан с'],
  created_until: ['until', 'մինչև', 'до'],
  no_payments: ['No payment fits.', 'Համապատասխան վճարում չկա։', 'Подходящих платежей нет.'],
  page_looked_through: [
    'Nothing on this page fits; older ones may.',
    'Այս էջում ոչինչ չի համապատասխանում, բայց ավելի հները կարող են։',
    'На этой странице ничего не подходит; возможно, есть более ранние.',
  ],
})
