// The kit is taken from this repository's sources; a store of its own installs the package under the same name.
import path from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const kit = path.resolve(import.meta.dirname, '../../clients/storefront/src')

export default defineConfig({
  plugins: [react()],
  resolve: {
    alias: [
      { find: /^@tollgate\/storefront$/, replacement: `${kit}/index.ts` },
      { find: /^@tollgate\/storefront\/react$/, replacement: `${kit}/react.ts` },
    ],
  },
})
