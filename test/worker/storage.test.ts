import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe } from 'vitest'
import { storageOf } from '../../src/payment/sqlite.ts'
import { keepsTheStorageContract } from '../support/storage-contract.ts'

let made = 0

describe("a Durable Object's storage", () => {
  keepsTheStorageContract(() => {
    made += 1
    const stub = env.PAYMENT.getByName(`storage-${made}`)
    return {
      run: (use) => runInDurableObject(stub, (_, state) => use(storageOf(state.storage))),
      alarm: () => runInDurableObject(stub, (_, state) => state.storage.getAlarm()),
    }
  })
})
