/** The TypeScript that documents show, made into files that can be checked and run, with the client as it is here. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { snippetsOf } from './snippets.ts'

const root = path.resolve(import.meta.dirname, '../..')
const client = path.join(root, 'clients/typescript/src/index.ts')

export interface DocumentsCode {
  /** The names of the files. */
  names: string[]
  /** The module of this name. */
  load<T>(name: string): Promise<T>
  /** Checks the types of all, as strictly as the client's own. Throws with what the compiler says. */
  check(): Promise<void>
  remove(): void
}

/** Takes the named TypeScript of every document of this folder. */
export function codeOf(folder: string): DocumentsCode {
  const made = mkdtempSync(path.join(os.tmpdir(), 'tollgate-documents-'))
  const documents = readdirSync(folder).filter((name) => name.endsWith('.md'))
  const snippets = documents.flatMap((name) => Object.entries(snippetsOf(path.join(folder, name))))
  const code = snippets.filter(([name]) => name.endsWith('.ts'))
  for (const [name, text] of code)
    writeFileSync(path.join(made, name), text.replaceAll("'@tollgate/client'", `'${client}'`))
  return {
    names: code.map(([name]) => name),
    load: async (name) => await import(path.join(made, name)),
    async check() {
      const { compilerOptions } = JSON.parse(readFileSync(path.join(root, 'tsconfig.json'), 'utf8'))
      const { incremental: _, tsBuildInfoFile: __, ...strict } = compilerOptions
      const typeRoots = [path.join(root, 'node_modules/@types')]
      const own = { lib: ['ES2024', 'DOM', 'DOM.Iterable'], types: ['node'], typeRoots }
      const config = { compilerOptions: { ...strict, ...own }, include: ['*.ts'] }
      writeFileSync(path.join(made, 'tsconfig.json'), JSON.stringify(config))
      const compiler = path.join(root, 'node_modules/typescript/bin/tsc')
      await promisify(execFile)(process.execPath, [compiler, '-p', made]).catch(({ stdout }) => {
        throw new Error(`The documents' code does not compile:\n${stdout}`)
      })
    },
    remove: () => rmSync(made, { recursive: true, force: true }),
  }
}
