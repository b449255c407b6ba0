/** Builds the storefront kit as it is published, and the demo store. */
import { spawnSync } from 'node:child_process'
import path from 'node:path'

/** The kit's two entries, minified, in `outDir`: `index.js` and `react.js`. */
export async function buildKit(checkout: string, outDir: string): Promise<void> {
  const source = path.join(checkout, 'clients/storefront/src')
  const { build } = await import('vite')
  await build({
    ...{ configFile: false, envDir: false, logLevel: 'warn', root: path.dirname(source) },
    build: {
      ...{ outDir, emptyOutDir: true, target: 'es2022', copyPublicDir: false },
      lib: { entry: { index: `${source}/index.ts`, react: `${source}/react.ts` }, formats: ['es'] },
      // Vite leaves the spaces in libraries; nobody reads these files, and customers load them.
      rolldownOptions: { external: ['react'], output: { minify: true } },
    },
  })
}

/** The demo store's pages in `outDir`. Throws with vite's words if they do not build. */
export function buildStore(checkout: string, outDir: string): void {
  const vite = path.join(checkout, 'node_modules/vite/bin/vite.js')
  const store = path.join(checkout, 'examples/react-storefront')
  const args = [vite, 'build', store, '--outDir', outDir, '--emptyOutDir', '--logLevel', 'warn']
  // In a process of its own: under a test runner's NODE_ENV it would be React as developers have it.
  const env = { ...process.env, NODE_ENV: 'production' }
  const done = spawnSync(process.execPath, args, { cwd: checkout, env, encoding: 'utf8' })
  if (done.status !== 0)
    throw new Error(`The demo store does not build:\n${done.stdout ?? ''}${done.stderr ?? done.error}`)
}
