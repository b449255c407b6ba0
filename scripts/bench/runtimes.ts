/** The bench's side of the two systems: each runs in a process of its own, so that neither disturbs the other's numbers. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Asked, Told } from './system.ts'

export type Kind = 'floor' | 'gateway'

export interface System {
  kind: Kind
  origin: URL
  /** CPU that the runtime has used until now, in milliseconds; null where the system does not tell. */
  cpuMs(): number | null
  /** Fills the records with so many payments. */
  record(asked: Omit<Extract<Asked, { do: 'record' }>, 'do'>): Promise<void>
  /** Makes what is to be delivered. */
  prepare(asked: Omit<Extract<Asked, { do: 'prepare' }>, 'do'>): Promise<void>
  /** Sends it to the queue, so many messages a second or all at once; resolves with when each event was sent. */
  send(perSecond: number | null): Promise<Map<string, number>>
  stop(): Promise<void>
}

/** Starts a system on a folder; `vars` are settings of the gateway. */
export async function startSystem(
  kind: Kind,
  folder: string,
  port: number,
  vars: Record<string, string>,
): Promise<System> {
  const child = fork(path.join(import.meta.dirname, 'system.ts'), [kind, folder, String(port)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  process.on('exit', () => child.kill('SIGTERM'))
  const { pid } = await told(child, 'ready', { do: 'start', vars })
  return {
    kind,
    origin: new URL(`http://127.0.0.1:${port}`),
    cpuMs: () => cpuOfProcess(pid),
    async record(asked) {
      await told(child, 'recorded', { do: 'record', ...asked })
    },
    async prepare(asked) {
      await told(child, 'prepared', { do: 'prepare', ...asked })
    },
    async send(perSecond) {
      const { sentAt } = await told(child, 'sent', { do: 'send', perSecond })
      return new Map(sentAt)
    },
    async stop() {
      child.send({ do: 'stop' } satisfies Asked)
      await once(child, 'exit')
    },
  }
}

/** Asks the child for something and waits for its word. Rejects when it ends instead. */
function told<K extends Told['kind']>(
  child: ChildProcess,
  kind: K,
  asked: Asked,
): Promise<Extract<Told, { kind: K }>> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('A system of the bench ended; what it said stands above.'))
    child.once('exit', ended)
    child.once('message', (word) => {
      child.off('exit', ended)
      const said = word as Told
      if (said.kind === kind) resolve(said as Extract<Told, { kind: K }>)
      else reject(new Error(`A system of the bench said "${said.kind}" and not "${kind}".`))
    })
    child.send(asked)
  })
}

/** The clock of /proc ticks a hundred times a second. */
const MS_PER_TICK = 10

function cpuOfProcess(pid: number | null): number | null {
  if (pid === null || process.platform !== 'linux') return null
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The command stands in brackets and may hold any character, so the fields are counted behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK
}
