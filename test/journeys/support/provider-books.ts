/**
 * The sandbox's own books, read from the disk and not through the gateway: every checkout that was ever made at the
 * provider is there, also one that the gateway has forgotten or never learnt of.
 */
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { deserialize } from 'node:v8'

/** One checkout as the provider has it. */
export interface ProviderCheckout {
  reference: string
  sessionId: string
  orderId: string
  amount: number
  happened: { type: string; amount: number }[]
}

/** Reads the books below one state folder; a file is read again only when it has changed. */
export class ProviderBooks {
  readonly #folder: string
  readonly #known = new Map<string, { mark: string; checkout: ProviderCheckout | null }>()

  constructor(state: string) {
    this.#folder = path.join(state, 'runtime', 'do', 'tollgate-SandboxBook')
  }

  /** Every checkout, by its order. Throws where a file is being written just then; ask again. */
  byOrder(): Map<string, ProviderCheckout[]> {
    const files = existsSync(this.#folder) ? readdirSync(this.#folder) : []
    const orders = new Map<string, ProviderCheckout[]>()
    for (const file of files.filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name))) {
      const checkout = this.#read(path.join(this.#folder, file))
      if (checkout) orders.set(checkout.orderId, [...(orders.get(checkout.orderId) ?? []), checkout])
    }
    return orders
  }

  #read(file: string): ProviderCheckout | null {
    const mark = [file, `${file}-wal`].map(markOf).join(' ')
    const known = this.#known.get(file)
    if (known?.mark === mark) return known.checkout
    const checkout = readCopy(file)
    this.#known.set(file, { mark, checkout })
    return checkout
  }
}

function markOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false })
  return found ? `${found.size}/${found.mtimeMs}` : '-'
}

/** A copy is opened, so that no lock of ours ever stands in the runtime's way. */
function readCopy(file: string): ProviderCheckout | null {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tollgate-books-'))
  try {
    const copy = path.join(folder, 'book.sqlite')
    copyFileSync(file, copy)
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`)
    const database = new DatabaseSync(copy)
    try {
      if (!database.prepare("SELECT 1 FROM sqlite_master WHERE name = '_cf_KV'").get()) return null
      const row = database.prepare("SELECT value FROM _cf_KV WHERE key = 'book'").get()
      return row ? (deserialize(row.value as Uint8Array) as { checkout: ProviderCheckout }).checkout : null
    } finally {
      database.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
