/** What surrounds the pages, and what logging in says. */
import { chapter } from './text.ts'

export const frameTexts = chapter({
  skip: ['Skip to the content', 'Անցնել բովանդակությանը', 'Перейти к содержанию'],
  menu: ['Menu', 'Ընտրացանկ', 'Меню'],
  language: ['Language', 'Լեզու', 'Язык'],
  payments: ['Payments', 'Վճարումներ', 'Платежи'],
  exceptions: ['Exceptions', 'Բացառություններ', 'Исключения'],
  mode_test: ['Test', 'Փորձնական', 'Тест'],
  mode_live: ['Live', 'Իրական', 'Боевой'],
  role_viewer: ['viewer', 'դիտորդ', 'наблюдатель'],
  role_operator: ['operator', 'օպերատոր', 'оператор'],
  role_admin: ['admin', 'ադմինիստրատոր', 'администратор'],
  log_in: ['Log in', 'Մուտք', 'Войти'],
  log_out: ['Log out', 'Ելք', 'Выйти'],
  operator_token: ['Operator token', 'Օպերատորի բանալի', 'Токен оператора'],
  log_in_hint: [
    'It begins with op_ and comes from whoever deployed this gateway. It is not kept in the browser.',
    'Այն սկսվում է op_-ով և տրվում է այս համակարգը տեղադրողի կողմից։ Այն չի պահվում դիտարկիչում։',
    'Начинается с op_ и выдаётся тем, кто развернул этот шлюз. В браузере он не хранится.',
  ],
  token_refused: [
    'This is no operator token that is valid here. Check that it was copied whole, and that it has not expired.',
    'Սա այստեղ գործող օպերատորի բանալի չէ։ Ստուգեք՝ արդյոք ամբողջությամբ է պատճենված և ժամկետանց չէ։',
    'Это не действующий здесь токен оператора. Проверьте, что он скопирован целиком и не истёк.',
  ],
  form_outdated: [
    'This form belongs to another session. Nothing was done. Open the page again and repeat.',
    'Այս ձևը պատկանում է այլ աշխատաշրջանի։ Ոչինչ չի կատարվել։ Նորից բացեք էջը և կրկնեք։',
    'Эта форма относится к другому сеансу. Ничего не сделано. Откройте страницу заново и повторите.',
  ],
  form_foreign: [
    'This form came from another site. Nothing was done.',
    'Այս ձևը եկել է այլ կայքից։ Ոչինչ չի կատարվել։',
    'Эта форма пришла с другого сайта. Ничего не сделано.',
  ],
  not_found: ['Not found', 'Չի գտնվել', 'Не найдено'],
  not_done: ['Not done', 'Չի կատարվել', 'Не выполнено'],
  zone_is: ['Times in {zone}', 'Ժամերը՝ {zone}', 'Время: {zone}'],
  older: ['Older', 'Ավելի հին', 'Более ранние'],
  any: ['any', 'ցանկացած', 'любой'],
  search: ['Search', 'Որոնել', 'Найти'],
  created: ['Created', 'Ստեղծվել է', 'Создан'],
  status: ['Status', 'Կարգավիճակ', 'Статус'],
  viewer_only: ['A viewer only looks.', 'Դիտորդը միայն դիտում է։', 'Наблюдатель может только смотреть.'],
})
