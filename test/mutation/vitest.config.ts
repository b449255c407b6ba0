// The tests that mutants of a rule are held against; scripts/mutate.ts says which.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    environment: 'node',
    include: (process.env.MUTATION_TESTS ?? 'test/pure/domain/**/*.test.ts').split(','),
    setupFiles: ['test/mutation/few-runs.ts'],
    testTimeout: 60_000,
  },
})
