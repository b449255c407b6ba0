/** One thing that the schedule does at each run. */
import { type Ports, reasonOf } from './ports.ts'

/** What a chore has done, by name. */
export type Done = Record<string, number>

/** Does it, and logs what it did when it did anything. Never throws: one chore's trouble is not the others'. */
export async function chore(
  name: string,
  work: () => Promise<Done>,
  ports: Pick<Ports, 'log'>,
): Promise<void> {
  try {
    const done = await work()
    if (Object.values(done).some((count) => count > 0)) ports.log({ message: 'chore', chore: name, ...done })
  } catch (error) {
    ports.log({ message: 'chore_failed', level: 'error', chore: name, error: reasonOf(error) })
  }
}
