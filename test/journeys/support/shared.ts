/** One system, one browser and one PHP for every journey that does no harm to it; those that kill things start their own. */
import type { TestProject } from 'vitest/node'
import { findPrograms, type Programs } from './programs.ts'
import { type Dev, removeFolder, startSystem, stateFolder } from './system.ts'

declare module 'vitest' {
  interface ProvidedContext {
    dev: Dev
    /** What the start printed. */
    printed: string
    programs: Programs
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  project.provide('programs', findPrograms())
  const state = stateFolder()
  const system = await startSystem(state).catch((error) => {
    removeFolder(state)
    throw error
  })
  project.provide('dev', system.dev)
  project.provide('printed', system.said)
  return async () => {
    await system.stop()
    removeFolder(state)
  }
}
