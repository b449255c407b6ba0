/** What `npm start` runs, built from the sources as they are: the Worker exactly as for a deployment, and the demo store. */
import { spawnSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import path from 'node:path'
import { buildStore } from '../storefront/build.ts'
import { keptBuild } from './kept-build.ts'

/** The folder that holds the Worker's bundle, and the files beside it in `public`. Throws with wrangler's words if it does not build. */
export const bundleOf = (checkout: string): Promise<string> =>
  keptBuild(checkout, {
    name: 'worker',
    ingredients: [
      'src',
      'scripts/make-public.ts',
      'scripts/api',
      'wrangler.toml',
      'package-lock.json',
      'tsconfig.json',
    ],
    make(draft) {
      runWrangler(checkout, draft)
      // As that build has made them.
      cpSync(path.join(checkout, 'public'), path.join(draft, 'public'), { recursive: true })
    },
  })

/** The folder that holds the demo store's pages. */
export const storePagesOf = (checkout: string): Promise<string> =>
  keptBuild(checkout, {
    name: 'store',
    ingredients: [
      'examples/react-storefront',
      'clients/storefront/src',
      'scripts/storefront/build.ts',
      'package-lock.json',
    ],
    make: (draft) => buildStore(checkout, draft),
  })

function runWrangler(checkout: string, outdir: string): void {
  const wrangler = path.join(checkout, 'node_modules', 'wrangler', 'bin', 'wrangler.js')
  const args = [wrangler, 'deploy', '--dry-run', '--outdir', outdir]
  const done = spawnSync(process.execPath, args, {
    cwd: checkout,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (done.status !== 0)
    throw new Error(`The Worker does not build:\n${done.stdout ?? ''}${done.stderr ?? done.error}`)
}
