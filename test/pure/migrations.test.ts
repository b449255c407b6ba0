// The hand's part of the migrations, which drizzle-kit would forget.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

const folder = path.resolve(import.meta.dirname, '../../migrations')
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.sql'))
  .map((name) => [name, readFileSync(path.join(folder, name), 'utf8')] as const)

describe('every migration', () => {
  it.each(files)('%s opens with a comment that says why', (_name, text) => {
    expect(text).toMatch(/^-- \S/)
  })

  it.each(files)('%s makes only tables whose key is their only copy', (_name, text) => {
    const tables = text.match(/CREATE TABLE[\s\S]*?;/g) ?? []
    expect(tables.filter((table) => !table.endsWith(') WITHOUT ROWID;'))).toEqual([])
  })
})
