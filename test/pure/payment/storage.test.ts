import { describe } from 'vitest'
import { NodeStorage } from '../../support/sqlite.ts'
import { keepsTheStorageContract } from '../../support/storage-contract.ts'

describe('a storage on node:sqlite', () => {
  keepsTheStorageContract(() => {
    const storage = new NodeStorage()
    return { run: async (use) => use(storage), alarm: async () => storage.alarm }
  })
})
