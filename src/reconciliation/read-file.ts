/**
 * A settlement file from its bytes to its rows, as it comes, so that no file is ever whole in memory. What cannot be read
 * is refused with its line; nothing is guessed.
 */
import { type CsvError, type Options, parse } from 'csv-parse'
import { type Header, headerIn, type Layout, readRow, type WrongCell } from '../domain/settlement/layout.ts'
import type { SettlementRow } from '../domain/settlement/row.ts'

/** The file as it was sent cannot be used; says where. */
export class FileRefused extends Error {
  readonly wrong: readonly WrongCell[]
  constructor(wrong: readonly WrongCell[]) {
    super(wrong[0]?.detail ?? 'The file cannot be read.')
    this.name = 'FileRefused'
    this.wrong = wrong
  }
}

export const MOST_ROWS = 100_000
const MOST_WRONG = 20
/** Banks write a title and an account above the header. */
const HEADER_WITHIN = 20
const LONGEST_LINE = 64 * 1_024
const delimiters = [',', ';', '\t', '|'] as const

export const encodings = ['utf-8', 'windows-1251', 'windows-1252'] as const
export type Encoding = (typeof encodings)[number]

export interface Reading {
  layout: Layout
  encoding: Encoding
  /** Found by the header when it is left out. */
  delimiter?: string | undefined
}

const refused = (line: number, detail: string) => new FileRefused([{ line, field: null, detail }])

/** Rows in the order of the file. Throws `FileRefused`, with up to twenty wrong lines. */
export async function* readFile(
  bytes: AsyncIterable<Uint8Array>,
  { layout, encoding, delimiter }: Reading,
): AsyncGenerator<SettlementRow> {
  let header: Header | null = null
  let count = 0
  const wrong: WrongCell[] = []
  for await (const { line, cells } of cellsOf(textOf(bytes, encoding), layout, delimiter)) {
    if (header === null) {
      header = headerIn(cells, layout)
      if (header === null && line >= HEADER_WITHIN) break
      continue
    }
    const read = readRow(cells, line, header, layout)
    if (read.kind === 'wrong') wrong.push(read.wrong)
    if (wrong.length >= MOST_WRONG) break
    if (read.kind !== 'row') continue
    count += 1
    if (count > MOST_ROWS)
      throw refused(line, `A file has at most ${MOST_ROWS} rows; send the others as another one.`)
    if (wrong.length === 0) yield read.row
  }
  if (header === null) throw refused(1, noHeader(layout))
  if (wrong.length > 0) throw new FileRefused(wrong)
}

function noHeader({ columns, currency }: Layout): string {
  const say = (names: readonly string[] = []) =>
    names
      .slice(0, 4)
      .map((name) => `“${name}”`)
      .join(' or ')
  const found = say([...(columns.reference ?? []), ...(columns.order_id ?? [])])
  const money = currency === null ? `, and a currency (${say(columns.currency)})` : ''
  return `None of the first ${HEADER_WITHIN} lines is a header with an amount (${say(columns.amount)}), something to find a payment by (${found})${money}. Name the columns in the mapping.`
}

/**
 * Text in blocks of whole lines, so that what cannot be decoded is found by its line. In all three encodings a line feed
 * is one byte that is part of nothing else.
 */
async function* textOf(bytes: AsyncIterable<Uint8Array>, encoding: Encoding): AsyncGenerator<string> {
  const decode = (block: Uint8Array) =>
    new TextDecoder(encoding, { fatal: true, ignoreBOM: false }).decode(block)
  let rest = new Uint8Array(0)
  let line = 1
  const decoded = (block: Uint8Array): string => {
    if (block.includes(0)) throw refused(line, 'It is not text, or UTF-16. Save the file as CSV in UTF-8.')
    try {
      const text = decode(block)
      line += text.split('\n').length - 1
      return text
    } catch {
      throw refused(
        line + goodLines(block, decode),
        `It is not ${encoding}. Name the encoding that it has, or save it as UTF-8.`,
      )
    }
  }
  for await (const chunk of bytes) {
    const end = chunk.lastIndexOf(10) + 1
    const block = joined(rest, chunk.subarray(0, end))
    rest = end === 0 ? joined(rest, chunk) : chunk.slice(end)
    if (rest.length > 16 * LONGEST_LINE) throw refused(line, 'The line does not end. Is this a CSV file?')
    if (end > 0) yield decoded(block)
  }
  if (rest.length > 0) yield decoded(rest)
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(left.length + right.length)
  both.set(left)
  both.set(right, left.length)
  return both
}

/** How many lines of a block can be decoded before the first that cannot. */
function goodLines(block: Uint8Array, decode: (bytes: Uint8Array) => string): number {
  for (let start = 0, line = 0; ; line += 1) {
    const end = block.indexOf(10, start)
    try {
      decode(block.subarray(start, end < 0 ? undefined : end))
    } catch {
      return line
    }
    if (end < 0) return line
    start = end + 1
  }
}

interface Line {
  line: number
  cells: string[]
}

async function* cellsOf(
  blocks: AsyncGenerator<string>,
  layout: Layout,
  delimiter: string | undefined,
): AsyncGenerator<Line> {
  let beginning = ''
  // Not a loop over the blocks, since leaving that would end them.
  while (beginning.split('\n').length <= HEADER_WITHIN) {
    const { done, value } = await blocks.next()
    if (done) break
    beginning += value
  }
  yield* parsed(beginning, blocks, delimiter ?? delimiterOf(beginning, layout))
}

/** The one under which a header is found; a comma when none is. */
function delimiterOf(beginning: string, layout: Layout): string {
  const lines = beginning.replace(/^\ufeff/, '').split(/\r\n|\n|\r/, HEADER_WITHIN)
  const unquoted = (cell: string) => cell.trim().replace(/^"(.*)"$/, '$1')
  const finds = (one: string) =>
    lines.some((line) => headerIn(line.split(one).map(unquoted), layout) !== null)
  return delimiters.find(finds) ?? ','
}

async function* parsed(
  beginning: string,
  more: AsyncGenerator<string>,
  delimiter: string,
): AsyncGenerator<Line> {
  const options: Options = {
    ...{ delimiter, bom: true, info: true, relax_column_count: true, skip_empty_lines: true },
    // A quote that is never closed would otherwise take in the rest of the file.
    max_record_size: LONGEST_LINE,
  }
  const parser = parse(options)
  let failure: unknown = null
  let last = 0
  parser.on('error', (error) => {
    failure ??= error
  })
  const feed = function* (text: string) {
    parser.write(text)
    yield* drained()
    if (failure !== null) throw unreadable(failure, last + 1)
  }
  function* drained(): Generator<Line> {
    for (let record = parser.read(); record !== null; record = parser.read()) {
      last = record.info.lines
      yield lineOf(record)
    }
  }
  yield* feed(beginning)
  for await (const block of more) yield* feed(block)
  parser.end()
  try {
    for await (const record of parser) {
      last = record.info.lines
      yield lineOf(record)
    }
  } catch (error) {
    throw error instanceof FileRefused ? error : unreadable(error, last + 1)
  }
}

/** `lines` counts to the end of the record, so a cell with line breaks is named by its last line. */
const lineOf = ({ record, info }: { record: string[]; info: { lines: number } }): Line => ({
  line: info.lines,
  cells: record,
})

/** Named by the line after the last good one: a quote that never closes is noticed only at the end of what it took in. */
function unreadable(error: unknown, line: number): FileRefused {
  return refused(line, reasons[(error as CsvError).code ?? ''] ?? 'The line is not CSV.')
}

const reasons: Record<string, string> = {
  CSV_QUOTE_NOT_CLOSED: 'A quote is opened and never closed.',
  CSV_INVALID_CLOSING_QUOTE:
    'Something stands behind a closing quote. A quote within a cell is written twice.',
  INVALID_OPENING_QUOTE: 'A quote stands within a cell that does not begin with one.',
  CSV_MAX_RECORD_SIZE: 'The line is too long, or a quote before it is never closed.',
}
