/** The command line of `npm start`. */
import { parseArgs } from 'node:util'

export interface StartOptions {
  /** The public port; 0 asks for any free one. */
  port: number
  /** The folder for the state, as given; null for the checkout's own. */
  state: string | null
  /** Whether what an earlier start wrote there is removed first. */
  fresh: boolean
  help: boolean
}

export const usage = `Usage: npm start -- [--port 8787] [--state DIR] [--fresh]

  --port N      the port of the gateway (default 8787; 0 takes any free one)
  --state DIR   where the state lives (default .local/state); DIR/dev.json then tells the addresses and keys
  --fresh       begin empty: removes what Tollgate wrote in the state folder, and nothing else
  --help        print this`

/** A mistake of the person at the keyboard: shown as a sentence, without a stack. */
export class StartRefused extends Error {
  readonly exitCode: number
  constructor(message: string, exitCode = 1) {
    super(message)
    this.name = 'StartRefused'
    this.exitCode = exitCode
  }
}

/** Reads the arguments after `npm start --`. Throws `StartRefused` with the usage when one makes no sense. */
export function readOptions(args: string[]): StartOptions {
  const { port, state, fresh, help } = parsed(args)
  if (state === '') throw misused('--state needs the name of a folder.')
  return { port: portOf(port), state: state ?? null, fresh, help }
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      strict: true,
      allowPositionals: false,
      options: {
        port: { type: 'string', default: '8787' },
        state: { type: 'string' },
        fresh: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    throw misused((error as Error).message.split('. ')[0] ?? 'Unusable arguments')
  }
}

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw misused(`--port ${text} is not a port number (0 to 65535).`)
  return port
}

function misused(why: string): StartRefused {
  return new StartRefused(`${why.replace(/\.?$/, '.')}\n\n${usage}`, 2)
}
