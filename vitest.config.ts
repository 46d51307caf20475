import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{contract,statistics,simulate,domain,evaluators,sandbox,sdk,server,web,e2e}/src/**/*.test.ts'],
    globalSetup: ['server/src/test/global-setup.ts'],
    // Each file may hold embedded engines of its own.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
