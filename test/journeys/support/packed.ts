/** The TypeScript client as somebody gets it: packed, and installed in a project that has nothing else. */
import { execFile } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'

const root = path.resolve(import.meta.dirname, '../../..')
const doneWithinMs = 120_000
const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error']

/** Builds and packs the client, and installs the packed file in this empty folder. Throws with what npm says. */
export async function installPacked(folder: string): Promise<void> {
  writeFileSync(path.join(folder, 'package.json'), '{ "name": "shop", "private": true, "type": "module" }')
  await npm(folder, ['pack', path.join(root, 'clients/typescript'), '--pack-destination', folder])
  const packed = readdirSync(folder).find((name) => name.endsWith('.tgz'))
  await npm(folder, ['install', '--prefix', folder, '--prefer-offline', `./${packed}`])
}

/** Runs the project's TypeScript over this folder, as strictly as somebody may who uses the client. */
export async function checkTypes(folder: string): Promise<void> {
  const options = {
    ...{ strict: true, noEmit: true, skipLibCheck: true, exactOptionalPropertyTypes: true },
    ...{
      target: 'ES2023',
      lib: ['ES2023', 'DOM', 'DOM.Iterable'],
      module: 'NodeNext',
      moduleResolution: 'NodeNext',
    },
    ...{ types: ['node'], typeRoots: [path.join(root, 'node_modules/@types')] },
  }
  const config = { compilerOptions: options, include: ['*.ts'] }
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(config))
  await run(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], folder)
}

/** npm as it started these tests, else the one on the path. */
async function npm(folder: string, args: string[]): Promise<void> {
  const { npm_execpath: cli } = process.env
  if (cli?.endsWith('.js')) await run(process.execPath, [cli, ...args, ...quiet], folder)
  else await run('npm', [...args, ...quiet], folder)
}

/** Runs a program in the folder and gives what it printed. Throws with everything that it said when it fails. */
export async function run(
  program: string,
  args: string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<string> {
  const options = { cwd, env: { ...process.env, ...env }, timeout: doneWithinMs }
  try {
    return (await promisify(execFile)(program, args, options)).stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    throw new Error(`${path.basename(program)} ${args.join(' ')} fails:\n${stdout}${stderr}`, {
      cause: error,
    })
  }
}
