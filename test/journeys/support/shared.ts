/** One system for every journey that does no harm to it; those that kill things start their own. */
import type { TestProject } from 'vitest/node'
import { type Dev, removeFolder, startSystem, stateFolder } from './system.ts'

declare module 'vitest' {
  interface ProvidedContext {
    dev: Dev
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const state = stateFolder()
  const system = await startSystem(state).catch((error) => {
    removeFolder(state)
    throw error
  })
  project.provide('dev', system.dev)
  return async () => {
    await system.stop()
    removeFolder(state)
  }
}
