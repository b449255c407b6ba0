/** Connections to providers, as administrators keep them. */
import { chapter } from './text.ts'

export const connectionTexts = chapter({
  connections: ['Connections', 'Միացումներ', 'Подключения'],
  no_connections: [
    'No provider is connected yet.',
    'Դեռ ոչ մի մատակարար միացված չէ։',
    'Ни один провайдер ещё не подключён.',
  ],
  connection_enabled: ['in use', 'գործող', 'действует'],
  connection_disabled: ['disabled', 'անջատված', 'отключено'],
  connection_default: ['default', 'լռելյայն', 'основное'],
  disabled_at: ['Disabled', 'Անջատվել է', 'Отключено'],
  webhook_url: ['Address for reports', 'Հաղորդումների հասցե', 'Адрес для отчётов'],
  settings: ['Settings', 'Կարգավորումներ', 'Настройки'],
  settings_hint: [
    'JSON, as docs/providers.md says for this provider. They replace the ones before.',
    'JSON՝ ըստ docs/providers.md-ի։ Փոխարինում է նախորդները։',
    'JSON, как сказано в docs/providers.md. Заменяют прежние.',
  ],
  credentials: ['Credentials', 'Մուտքի տվյալներ', 'Учётные данные'],
  credentials_hint: [
    'JSON, as docs/providers.md says for this provider. They are sealed and never shown again.',
    'JSON՝ ըստ docs/providers.md-ի։ Պահվում են կնքված և այլևս չեն ցուցադրվում։',
    'JSON, как сказано в docs/providers.md. Хранятся запечатанными и больше не показываются.',
  ],
  make_connection: ['Connect a provider', 'Միացնել մատակարար', 'Подключить провайдера'],
  use_as_default: ['Default of this mode', 'Այս ռեժիմի լռելյայնը', 'Основное в этом режиме'],
  default_as_is: ['no, unless it is the first', 'ոչ, եթե առաջինը չէ', 'нет, если не первое'],
  default_yes: ['yes', 'այո', 'да'],
  try_credentials: ['Try the credentials', 'Ստուգել տվյալները', 'Проверить данные'],
  try_hint: [
    'Asks the provider something that moves no money.',
    'Հարցում մատակարարին, որը գումար չի շարժում։',
    'Спрашивает провайдера о том, что не двигает деньги.',
  ],
  trial_accepted: ['Accepted', 'Ընդունված է', 'Приняты'],
  trial_refused: ['Refused', 'Մերժված է', 'Отклонены'],
  trial_no_answer: ['No answer', 'Պատասխան չկա', 'Нет ответа'],
  trial_untestable: ['Cannot be tried', 'Հնարավոր չէ ստուգել', 'Проверить нельзя'],
  replace_credentials: ['Replace the credentials', 'Փոխարինել տվյալները', 'Заменить данные'],
  change_settings: ['Change the settings', 'Փոխել կարգավորումները', 'Изменить настройки'],
  make_default: ['Make it the default', 'Դարձնել լռելյայն', 'Сделать основным'],
  make_default_hint: [
    'Sessions that name no connection are paid through it where it takes their currency.',
    'Միացում չնշող վճարումները կանցնեն սրանով, եթե այն ընդունում է դրանց արժույթը։',
    'Сессии без указанного подключения пойдут через него, если оно принимает их валюту.',
  ],
  disable: ['Disable', 'Անջատել', 'Отключить'],
  disable_hint: [
    'Opens no new checkout. What is under way is finished through it.',
    'Նոր վճարում չի բացվում։ Սկսվածն ավարտվում է դրանով։',
    'Новые оплаты не открываются. Начатое завершается через него.',
  ],
  enable: ['Enable', 'Միացնել', 'Включить'],
  enable_hint: [
    'Checkouts may be opened through it again.',
    'Դրանով կրկին կարելի է վճարում բացել։',
    'Через него снова можно открывать оплаты.',
  ],
  not_json: [
    '“{field}” is not a JSON object, such as {"name": "value"}.',
    '«{field}»-ը JSON չէ, օրինակ՝ {"name": "value"}։',
    '«{field}»: это не объект JSON, например {"name": "value"}.',
  ],
  done_connected: ['The provider is connected.', 'Մատակարարը միացված է։', 'Провайдер подключён.'],
})
