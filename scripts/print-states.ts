// Prints the state charts of docs/states.md from the tables that the product runs on, and writes them there.
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import {
  allowed,
  disputeTable,
  fiscalTable,
  fulfillmentTable,
  refundTable,
  sessionTable,
} from '../src/domain/tracks.ts'

type Table = Readonly<Record<string, Readonly<Record<string, string>>>>

interface Track {
  name: string
  about: string
  table: Table
  start: string
  /** Moves that no fact makes but we do. */
  own?: [from: string, to: string, why: string][]
}

const tracks: Track[] = [
  {
    name: 'Session',
    about:
      'One attempt at a provider’s checkout. `authorized` and `captured` are shown outside as `completed`. What is ' +
      'heard are facts: from a report, a status check, a command’s outcome or a clock.',
    table: sessionTable,
    start: 'opening',
    own: [
      ['opening', 'open', 'the provider answered'],
      ...allowed.end
        .filter((state) => state !== 'ending')
        .map((state): [string, string, string] => [state, 'ending', 'told to end']),
    ],
  },
  {
    name: 'Refund',
    about:
      'What the refunded total of the settling session amounts to. It shrinks only when a refund that had succeeded fails ' +
      'after all.',
    table: refundTable,
    start: 'none',
  },
  {
    name: 'Dispute',
    about:
      'A won dispute is opened again only by a report of something that happened after it was won; an older one that ' +
      'arrives late changes nothing.',
    table: disputeTable,
    start: 'none',
  },
  {
    name: 'Fiscal receipt',
    about: '`required` is the payment being paid or refunded: a receipt is due.',
    table: fiscalTable,
    start: 'not_required',
  },
  {
    name: 'Fulfilment',
    about: '`required` is the payment being paid; everything else is what the fulfilment system reports.',
    table: fulfillmentTable,
    start: 'not_required',
  },
]

/** The whole document. */
export function statesDocument(): string {
  const commands = Object.entries(allowed).map(([command, states]) => `| ${command} | ${names(states)} |`)
  return [
    '# States',
    'Printed by `npm run docs:states` from the tables in `src/domain/tracks.ts`; change those, not this page. A row is ' +
      'where something stands, a column is what is heard, a cell is where that leads: `·` means that it is heard and ' +
      'nothing changes, an empty cell that it cannot be true there and goes to a human as a `contradiction`.',
    'A payment’s own status is in no table, because it is derived from its sessions: `paid` if any is captured, else ' +
      '`authorized` if any is, else `pending` if any can be paid or is in doubt, else the end of the newest one, and ' +
      '`created` while there is none. Only `paid` is final.',
    ...tracks.flatMap(section),
    '## Commands',
    'A command can be refused; a fact can only be recorded. These are the sessions that a command is for:',
    ['| command | where |', '|---|---|', ...commands].join('\n'),
  ]
    .join('\n\n')
    .concat('\n')
}

function section({ name, about, table, start, own = [] }: Track): string[] {
  return [`## ${name}`, about, chart(table, start, own), cells(table)]
}

function chart(table: Table, start: string, own: [string, string, string][]): string {
  const moves = Object.entries(table).flatMap(([from, row]) =>
    [...new Set(Object.values(row))]
      .filter((to) => to !== from)
      .map((to): [string, string, string] => [from, to, heardFor(row, to)]),
  )
  const lines = [...own, ...moves].map(([from, to, why]) => `  ${from} --> ${to}: ${why}`)
  return ['```mermaid', 'stateDiagram-v2', `  [*] --> ${start}`, ...lines, '```'].join('\n')
}

/** Everything that leads there, in the order of the columns. */
const heardFor = (row: Readonly<Record<string, string>>, to: string): string =>
  Object.entries(row)
    .filter(([, next]) => next === to)
    .map(([heard]) => heard)
    .join(', ')

function cells(table: Table): string {
  const heard = [...new Set(Object.values(table).flatMap((row) => Object.keys(row)))]
  const rows = Object.entries(table).map(([from, row]) =>
    line([`**${from}**`, ...heard.map((fact) => (row[fact] === from ? '·' : (row[fact] ?? '')))]),
  )
  return [line(['', ...heard]), line(['', ...heard].map(() => '---')), ...rows].join('\n')
}

const line = (parts: string[]) => `| ${parts.join(' | ')} |`
const names = (states: readonly string[]) => states.map((state) => `\`${state}\``).join(', ')

/** Where the document stands in the project. */
export const statesFile = path.resolve(import.meta.dirname, '../docs/states.md')

if (import.meta.main) writeFileSync(statesFile, statesDocument())
