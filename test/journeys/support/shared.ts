/** One system, one browser and one PHP for every journey that does no harm to it; those that kill things start their own. */
import type { TestProject } from 'vitest/node'
import { findPrograms, type Programs } from './programs.ts'
import { type Dev, removeFolder, startSystemWith, stateFolder } from './system.ts'

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
  // The more careful of the two ways to correct; the simpler one is the worker tests'.
  const system = await startSystemWith({ CORRECTION_APPROVALS: '2' }, state).catch((error) => {
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
