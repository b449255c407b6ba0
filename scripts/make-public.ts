/**
 * Makes `public/`, what the Worker serves as it is: the API's description, made from the routes, the script of the page that
 * shows it, and the console's style and script. Wrangler runs this before it builds; tests and starts side by side may run it at the same time.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { buildApp } from '../src/http/app.ts'
import { apiDocument } from './api/document.ts'
import { referenceScript } from './api/reference-script.ts'

const folder = path.resolve(import.meta.dirname, '../public')
/** The console's style and script, which browsers take as they are. */
const source = path.resolve(import.meta.dirname, '../src/console/browser')

/** Writes the file where it differs. Whoever reads it meanwhile finds the one before or this one, never half of it. */
function put(name: string, text: string): void {
  const file = path.join(folder, name)
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return
  mkdirSync(path.dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, text)
  renameSync(draft, file)
}

put('openapi.json', JSON.stringify(apiDocument(buildApp())))
put('docs/reference.js', await referenceScript())
for (const name of ['desk.css', 'desk.js'])
  put(`console/${name}`, readFileSync(path.join(source, name), 'utf8'))
