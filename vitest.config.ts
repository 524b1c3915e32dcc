import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['packages/*/{src,test}/**/*.test.ts', 'proof/**/*.test.ts', 'examples/**/*.test.ts', 'scripts/*.test.ts'],
    silent: 'passed-only',
    setupFiles: 'scripts/test-samples.ts',
    globalSetup: [
      'scripts/test-environment.ts',
      'scripts/described-requests.ts',
      'scripts/bundled-packages.ts',
      'scripts/postgres-server.ts',
    ],
    tags: [
      {
        name: 'slow',
        description:
          'shows on more ground or with more processes what a faster test has a sample of; `npm test` leaves it out',
      },
    ],
    // Two cores are what there is; files share their workers, since importing anew for each costs a quarter of the time.
    maxWorkers: 2,
    isolate: false,
    // Only what hangs runs into it, on a busy machine too.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 60_000 } },
  },
})
