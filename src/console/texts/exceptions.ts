/** The queue of exceptions. */
import { chapter } from './text.ts'

export const exceptionTexts = chapter({
  kind: ['Kind', 'Տեսակ', 'Вид'],
  raised: ['Raised', 'Առաջացել է', 'Возникло'],
  age: ['Age', 'Տևողություն', 'Возраст'],
  about: ['About', 'Վերաբերում է', 'Касается'],
  detail: ['Detail', 'Մանրամասն', 'Подробно'],
  no_exceptions: [
    'Nothing waits for a person.',
    'Մարդու միջամտություն չի պահանջվում։',
    'Ничто не ждёт человека.',
  ],
  exception: ['Exception', 'Բացառություն', 'Исключение'],
  resolve: ['Resolve', 'Լուծել', 'Решить'],
  resolution: ['Resolution', 'Որոշում', 'Решение'],
  resolution_hint: [
    'In a word or two, such as refunded or checked with the bank.',
    'Մեկ-երկու բառով, օրինակ՝ «վերադարձված» կամ «ստուգված բանկում»։',
    'Одно-два слова, например: возвращено, проверено в банке.',
  ],
  note: ['Note', 'Նշում', 'Примечание'],
  note_hint: [
    'Why, for whoever reads it later.',
    'Պատճառը՝ հետագայում կարդացողի համար։',
    'Почему: для тех, кто прочтёт позже.',
  ],
  resolved_by: ['Resolved by', 'Լուծել է', 'Решил'],
  resolved_at: ['Resolved', 'Լուծվել է', 'Решено'],
  done_resolved: [
    'The exception is resolved. Lists follow within seconds.',
    'Բացառությունը լուծված է։ Ցանկերը կթարմանան մի քանի վայրկյանում։',
    'Исключение решено. Списки обновятся через несколько секунд.',
  ],
})
