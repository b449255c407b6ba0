/**
 * README.md, followed to the letter: its commands are run as they stand, and a test gets the name of a button or a link only
 * when README has it. What README says wrongly fails, and so does what it says and nobody does.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { inject } from 'vitest'
import { run } from './packed.ts'
import { noCurl } from './programs.ts'
import type { Dev } from './system.ts'

const text = readFileSync(path.resolve(import.meta.dirname, '../../../README.md'), 'utf8')

/** The section under this heading. */
export function sectionOf(heading: string): string {
  const [, section] = text.split(`\n## ${heading}\n`)
  if (section === undefined) throw new Error(`README has no section "${heading}".`)
  return section.split('\n## ')[0]!
}

/** The commands of a text's blocks, as somebody copies them. */
export function commandsOf(part: string): string[] {
  const blocks = part.matchAll(/^( *)```sh\n(.*?)^ *```$/gms)
  return [...blocks].map(([, indent, block]) => block!.replaceAll(new RegExp(`^${indent}`, 'gm'), ''))
}

export type Step = ReturnType<typeof stepOf>

/** One of a section's numbered steps. */
function stepOf(part: string) {
  const left = new Set([...part.matchAll(/\*\*(.+?)\*\*/g)].map(([, name]) => name!))
  return {
    commands: commandsOf(part),
    /** What the step names in bold, and nobody has asked for yet. */
    left,
    /** The name of a link, a button or a field, which the step must have in bold. */
    named(name: string): string {
      if (!part.includes(`**${name}**`)) throw new Error(`README does not name "${name}" in:\n${part}`)
      left.delete(name)
      return name
    },
  }
}

/** The steps of the section, in order. */
export const stepsOf = (heading: string): Step[] =>
  sectionOf(heading)
    .split(/^\d+\. /m)
    .slice(1)
    // What follows the list belongs to none of its steps.
    .map((part) => stepOf(part.split(/\n\n(?=\S)/)[0]!))

/** A terminal in a checkout in which `npm start` runs. Throws on a machine without curl. */
export function terminalOf(dev: Dev) {
  if (inject('programs').curl === null) throw new Error(noCurl)
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tollgate-readme-'))
  mkdirSync(path.join(folder, '.local'))
  writeFileSync(path.join(folder, '.local/dev.json'), JSON.stringify(dev))
  const [shorthand] = /^value\(\) .*$/m.exec(text) ?? []
  if (shorthand === undefined) throw new Error('README does not say what `value` does.')
  return {
    /** Runs commands one after the other, and gives what they print. Throws when one fails. */
    type: (commands: string) => run('sh', ['-euc', `${shorthand}\n${commands}`], folder),
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}
