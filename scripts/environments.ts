// `npm run environments`: writes wrangler.toml's environments anew from what stands above them.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { withEnvironments } from './deploy/environments.ts'

const file = path.resolve(import.meta.dirname, '../wrangler.toml')
writeFileSync(file, withEnvironments(readFileSync(file, 'utf8')))
