/** Reconciliations: what a settlement file says against what is recorded here. */
import type { Outcome, Reason } from '../../domain/settlement/judge.ts'
import type { RowKind } from '../../domain/settlement/row.ts'
import { chapter, type Text } from './text.ts'

const outcomes: Record<`outcome_${Outcome}`, Text> = {
  outcome_matched: ['matches', 'համընկնում է', 'совпадает'],
  outcome_amount_difference: ['another amount', 'այլ գումար', 'другая сумма'],
  outcome_currency_difference: ['another currency', 'այլ արժույթ', 'другая валюта'],
  outcome_missing_here: ['missing here', 'բացակայում է այստեղ', 'нет здесь'],
  outcome_missing_there: ['missing in the files', 'բացակայում է ֆայլերում', 'нет в файлах'],
  outcome_duplicate: ['told before', 'կրկնված', 'повторно'],
  outcome_fee: ['of no payment', 'վճարման չի վերաբերում', 'не о платеже'],
}

const reasons: Record<`why_${Reason}`, Text> = {
  why_unknown: ['no such payment', 'այդպիսի վճարում չկա', 'нет такого платежа'],
  why_unpaid: ['never seen paid', 'վճարումը չի երևացել', 'оплату не видели'],
  why_unknown_refund: ['no such refund', 'այդպիսի վերադարձ չկա', 'нет такого возврата'],
  why_unknown_reversal: ['no such dispute', 'այդպիսի վեճ չկա', 'нет такого спора'],
  why_repeated: ['the same row again', 'նույն տողը կրկին', 'та же строка снова'],
  why_settled_twice: ['settled twice', 'հաշվարկված է երկու անգամ', 'рассчитан дважды'],
}

const rows: Record<`row_${RowKind | 'duplicate' | 'fees_within'}`, Text> = {
  row_payment: ['payments', 'վճարումներ', 'платежи'],
  row_refund: ['refunds', 'վերադարձներ', 'возвраты'],
  row_reversal: ['reversals', 'չեղարկումներ', 'отмены'],
  row_fee: ['fees', 'միջնորդավճարներ', 'комиссии'],
  row_other: ['others', 'այլ', 'прочее'],
  row_duplicate: ['told before', 'կրկնված', 'повторно'],
  row_fees_within: ['fees within', 'ներառյալ միջնորդավճար', 'комиссии внутри'],
}

export const reconciliationTexts = chapter({
  ...outcomes,
  ...reasons,
  ...rows,
  reconciliations: ['Reconciliation', 'Համեմատում', 'Сверка'],
  no_reconciliations: ['No file was compared yet.', 'Դեռ ֆայլ չի համեմատվել։', 'Файлы ещё не сверялись.'],
  reconcile: ['Compare a settlement file', 'Համեմատել հաշվարկի ֆայլ', 'Сверить файл расчётов'],
  period: ['Period', 'Ժամանակահատված', 'Период'],
  checked_period: ['Looked for until', 'Ստուգված մինչև', 'Искали до'],
  differences: ['Differences', 'Տարբերություններ', 'Расхождения'],
  reconciliation_receiving: ['waits for files', 'սպասում է ֆայլերի', 'ждёт файлы'],
  reconciliation_running: ['running', 'ընթանում է', 'идёт'],
  reconciliation_finished: ['finished', 'ավարտված', 'завершена'],
  file: ['File', 'Ֆայլ', 'Файл'],
  file_hint: [
    'CSV as the provider gives it, at most {most} MiB here. Larger ones go to POST /v1/reconciliations, or in parts.',
    'Մատակարարի CSV ֆայլը՝ մինչև {most} ՄԲ։ Ավելի մեծերը՝ POST /v1/reconciliations-ով կամ մասերով։',
    'CSV от провайдера, здесь до {most} МиБ. Большие через POST /v1/reconciliations или по частям.',
  ],
  file_missing: ['Choose a file.', 'Ընտրեք ֆայլ։', 'Выберите файл.'],
  file_too_large: [
    'A file is at most {most} MiB here. Send it to POST /v1/reconciliations, or in parts.',
    'Ֆայլն այստեղ կարող է լինել մինչև {most} ՄԲ։ Ուղարկեք POST /v1/reconciliations-ով կամ մասերով։',
    'Файл здесь до {most} МиБ. Отправьте через POST /v1/reconciliations или по частям.',
  ],
  files: ['Files', 'Ֆայլեր', 'Файлы'],
  files_expected: ['How many files belong together', 'Քանի ֆայլ է միասին', 'Сколько файлов вместе'],
  files_hint: [
    'Nothing runs before so many are here.',
    'Չի սկսվի, քանի դեռ բոլորը չկան։',
    'Не начнётся, пока не придут все.',
  ],
  of_files: ['{n} of {all}', '{n}՝ {all}-ից', '{n} из {all}'],
  rows: ['Rows', 'Տողեր', 'Строк'],
  bytes: ['Bytes', 'Բայթ', 'Байт'],
  received: ['Received', 'Ստացվել է', 'Получен'],
  connection_hint: [
    'Whose settlement it is; a payment’s page shows the connection that it went through.',
    'Ում հաշվարկն է. վճարման էջը ցույց է տալիս իր միացումը։',
    'Чей это расчёт; страница платежа показывает его подключение.',
  ],
  grace_days: ['Days that a settlement may take', 'Հաշվարկի առավելագույն օրեր', 'Дней на расчёт'],
  layout: ['Layout', 'Ձևաչափ', 'Формат'],
  layout_usual: ['the provider’s', 'մատակարարինը', 'формат провайдера'],
  encoding: ['Encoding', 'Կոդավորում', 'Кодировка'],
  mapping: ['Mapping', 'Համապատասխանեցում', 'Соответствие'],
  mapping_hint: [
    'JSON, only where the file differs from its layout; docs/reconciliation.md says how.',
    'JSON՝ միայն եթե ֆայլը տարբերվում է ձևաչափից. տես docs/reconciliation.md։',
    'JSON, только если файл отличается от формата; см. docs/reconciliation.md.',
  ],
  upload: ['Send the file', 'Ուղարկել ֆայլը', 'Отправить файл'],
  add_file: ['Add a file', 'Ավելացնել ֆայլ', 'Добавить файл'],
  run_again: ['Compare again', 'Համեմատել կրկին', 'Сверить снова'],
  run_hint: [
    'With what is recorded by now.',
    'Այն ամենի հետ, ինչ արդեն գրանցված է։',
    'С тем, что записано к этому времени.',
  ],
  sums: ['Sums by currency', 'Գումարներն ըստ արժույթի', 'Суммы по валютам'],
  what_became: ['What became of the rows', 'Տողերի արդյունքը', 'Что стало со строками'],
  items: ['Rows and payments', 'Տողեր և վճարումներ', 'Строки и платежи'],
  no_items: ['Nothing here.', 'Ոչինչ չկա։', 'Здесь ничего.'],
  line: ['Line', 'Տող', 'Строка'],
  reference: ['Reference', 'Համար', 'Номер'],
  expected: ['Here', 'Այստեղ', 'Здесь'],
  export_csv: ['Save as CSV', 'Պահել CSV', 'Сохранить CSV'],
  further: ['Further', 'Հաջորդները', 'Далее'],
  by_person: ['Made by', 'Ստեղծել է', 'Создал'],
  run_number: ['Run', 'Համեմատում', 'Прогон'],
  exceptions_raised: ['Exceptions', 'Բացառություններ', 'Исключения'],
  done_uploaded: [
    'The file is here. The comparison runs by itself.',
    'Ֆայլն ընդունված է։ Համեմատումն ընթանում է ինքնուրույն։',
    'Файл принят. Сверка идёт сама.',
  ],
  done_rerun: ['The comparison runs again.', 'Համեմատումը կրկին ընթանում է։', 'Сверка идёт снова.'],
})
