import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'examples/**/*.test.ts', 'scripts/*.test.ts'],
    silent: 'passed-only',
    // Only what hangs runs into it, on a busy machine too.
    testTimeout: 30_000,
  },
})
