// D1's migrations are made from the schema by `npm run db:generate`, read by a person, and applied by wrangler.
import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'sqlite',
  schema: ['./src/store/schema.ts', './src/store/schema-upkeep.ts', './src/store/settlement-schema.ts'],
  out: './migrations',
})
