// Prints the table of docs/providers.md from what the adapters declare, and writes it there between its two marks.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Capabilities } from '../src/domain/provider.ts'
import { capabilitiesOf, providerNames } from '../src/providers/index.ts'

/** Where the document stands in the project. */
export const providersFile = path.resolve(import.meta.dirname, '../docs/providers.md')

const marks = ['<!-- printed by npm run docs:providers -->', '<!-- end of what is printed -->'] as const

const yes = (is: boolean) => (is ? 'yes' : '')
const duration = (seconds: number) =>
  seconds === 0 ? '' : seconds % 3_600 === 0 ? `${seconds / 3_600} h` : `${seconds / 60} min`
const ends = { at_once: 'when told', at_limit: 'at its own limit', never: 'never' }
const amounts = { minor: 'minor units', decimal: 'decimals', whole: 'whole units' }
const alphabets = { digits: 'digits', letters_digits: 'letters, digits', printable: 'printable' }

/** One row each: what is asked of a provider, and how the answer reads. */
const rows: Record<string, (capabilities: Capabilities) => string> = {
  'signed reports': ({ signed }) => yes(signed),
  'asks before money moves': ({ asksFirst }) => yes(asksFirst),
  'status check': ({ statusCheck }) => yes(statusCheck),
  '… by our own id': ({ statusCheckByOurId }) => yes(statusCheckByOurId),
  'asked on a schedule': ({ polled }) => yes(polled),
  'customer approves, we capture': ({ approves }) => yes(approves),
  // Where the customer only approves, the capture is the yes itself, and a hold of its own there is none.
  'manual capture': ({ capture, approves }) => yes(capture && !approves),
  'ended or voided from here': ({ cancel }) => yes(cancel),
  refund: ({ refund }) => yes(refund),
  'refund in parts': ({ partialRefund }) => yes(partialRefund),
  'repeats the first answer to a key for': ({ idempotencySeconds }) => duration(idempotencySeconds),
  'checkout ends': (of) => ends[of.ends],
  'checkout lasts': ({ expiresInSeconds: { min, max } }) => `${duration(min)} to ${duration(max)}`,
  'order number of digits': ({ numbered }) => yes(numbered !== false),
  'our reference there': ({ reference }) =>
    reference === null ? '' : `${reference.maxLength} ${alphabets[reference.alphabet]}`,
  'amounts travel as': (of) => amounts[of.amounts],
  currencies: ({ currencies }) => (currencies === 'any' ? 'any' : currencies.join(', ')),
}

/** The table alone. */
export function providersTable(): string {
  const all = providerNames.map(capabilitiesOf)
  const line = (parts: string[]) => `| ${parts.join(' | ')} |`
  return [
    line(['', ...providerNames]),
    line(['', ...providerNames].map(() => '---')),
    ...Object.entries(rows).map(([title, cell]) => line([title, ...all.map(cell)])),
  ].join('\n')
}

/** The document as it should be: the file with the table put between its marks. */
export function providersDocument(): string {
  const text = readFileSync(providersFile, 'utf8')
  const [before, rest] = text.split(marks[0])
  const after = rest?.split(marks[1])[1]
  if (before === undefined || after === undefined)
    throw new Error(`docs/providers.md lacks its marks: ${marks.join(' … ')}`)
  return `${before}${marks[0]}\n\n${providersTable()}\n\n${marks[1]}${after}`
}

if (import.meta.main) writeFileSync(providersFile, providersDocument())
