/** Operators and keys, as administrators keep them. */
import { chapter } from './text.ts'

export const operatorTexts = chapter({
  operators_and_keys: ['Operators and keys', 'Օպերատորներ և բանալիներ', 'Операторы и ключи'],
  operators: ['Operators', 'Օպերատորներ', 'Операторы'],
  keys: ['Keys', 'Բանալիներ', 'Ключи'],
  no_keys: ['There is no key yet.', 'Դեռ բանալի չկա։', 'Ключей ещё нет.'],
  no_operators: ['There is no operator yet.', 'Դեռ օպերատոր չկա։', 'Операторов ещё нет.'],
  name: ['Name', 'Անուն', 'Имя'],
  role: ['Role', 'Դեր', 'Роль'],
  id: ['Id', 'ID', 'ID'],
  valid: ['valid', 'գործող', 'действует'],
  revoked: ['revoked', 'չեղարկված', 'отозван'],
  expired_token: ['expired', 'ժամկետանց', 'истёк'],
  expires_hint: ['Empty: until it is revoked.', 'Դատարկ՝ մինչև չեղարկվի։', 'Пусто: пока не отзовут.'],
  make_operator: ['Add an operator', 'Ավելացնել օպերատոր', 'Добавить оператора'],
  make_key: ['Make a key', 'Ստեղծել բանալի', 'Создать ключ'],
  key_kind: ['Kind', 'Տեսակ', 'Вид'],
  key_secret: ['secret, for the back end', 'գաղտնի՝ սերվերի համար', 'секретный, для сервера'],
  key_publishable: [
    'publishable, for pages and apps',
    'հրապարակային՝ էջերի և հավելվածների համար',
    'публичный, для страниц и приложений',
  ],
  token_shown_once: [
    'Copy this now. It is shown this once; only its hash is kept.',
    'Պատճենեք հիմա։ Ցուցադրվում է միայն այս անգամ. պահվում է միայն հեշը։',
    'Скопируйте сейчас. Показывается только один раз; хранится лишь хеш.',
  ],
  revoke: ['Revoke', 'Չեղարկել', 'Отозвать'],
  you: ['you', 'դուք', 'вы'],
  done_revoked: [
    'It is revoked. What still remembers it forgets it within 60 seconds.',
    'Չեղարկված է։ Ուժը կկորցնի ամենուր 60 վայրկյանում։',
    'Отозвано. Перестанет действовать везде за 60 секунд.',
  ],
})
