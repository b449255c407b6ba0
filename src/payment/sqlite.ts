/** A Durable Object's storage as the steps see it. */
import type { ObjectStorage, SqlValue } from './storage.ts'

export function storageOf(storage: DurableObjectStorage): ObjectStorage {
  return {
    exec: (query, ...bindings) => storage.sql.exec<Record<string, SqlValue>>(query, ...bindings).toArray(),
    transactionSync: (step) => storage.transactionSync(step),
    setAlarm: (at) => {
      // Not awaited: the write belongs to the transaction that is running, and the output gate waits for it.
      void (at === null ? storage.deleteAlarm() : storage.setAlarm(at))
    },
  }
}
