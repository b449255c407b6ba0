/** The overview. */
import { chapter } from './text.ts'

export const overviewTexts = chapter({
  overview: ['Overview', 'Ընդհանուր', 'Обзор'],
  payments_looked_at: [
    'Newest payments looked at',
    'Դիտարկված վերջին վճարումներ',
    'Последних платежей учтено',
  ],
  success_rate: ['Paid, of those that ended', 'Վճարված՝ ավարտվածներից', 'Оплачено из завершённых'],
  success: ['Success', 'Հաջողված', 'Успешно'],
  success_share: ['Share', 'Բաժին', 'Доля'],
  of_all: ['Of all', 'Բոլորից', 'Из всех'],
  payments_in_doubt: ['In doubt', 'Անորոշ', 'Неясно'],
  open_exceptions: ['Open exceptions', 'Բաց բացառություններ', 'Открытые исключения'],
  payments_over_time: ['Payments over time', 'Վճարումներն ըստ ժամանակի', 'Платежи по времени'],
  bar_title: [
    '{paid} paid, {open} under way, {lost} not paid',
    '{paid} վճարված, {open} ընթացքում, {lost} չվճարված',
    '{paid} оплачено, {open} в процессе, {lost} не оплачено',
  ],
  under_way: ['under way', 'ընթացքում', 'в процессе'],
  not_paid: ['not paid', 'չվճարված', 'не оплачен'],
  per_provider: ['Per provider', 'Ըստ մատակարարի', 'По провайдерам'],
  exceptions_by_age: [
    'Open exceptions by age',
    'Բաց բացառություններն ըստ տևողության',
    'Открытые исключения по возрасту',
  ],
  age_hour: ['under an hour', 'մինչև մեկ ժամ', 'меньше часа'],
  age_day: ['under a day', 'մինչև մեկ օր', 'меньше суток'],
  age_week: ['under a week', 'մինչև մեկ շաբաթ', 'меньше недели'],
  age_older: ['older', 'ավելի հին', 'старше'],
  delivery_health: ['Destinations', 'Ստացողներ', 'Получатели'],
  failures_in_row: ['Failures in a row', 'Անընդմեջ ձախողումներ', 'Неудач подряд'],
  failing_since: ['Failing since', 'Ձախողվում է սկսած', 'Не работает с'],
  destination_active: ['active', 'ակտիվ', 'активен'],
  paused_asked: ['paused by a person', 'դադարեցված է մարդու կողմից', 'приостановлен человеком'],
  paused_gone: ['gone (410)', 'անհասանելի (410)', 'удалён (410)'],
  paused_failing: ['paused: it fails', 'դադարեցված՝ ձախողումներ', 'приостановлен: сбои'],
  no_destinations: ['There is no destination.', 'Ստացողներ չկան։', 'Получателей нет.'],
})
