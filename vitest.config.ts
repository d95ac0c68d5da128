import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    // isolated-vm crashes in worker threads; child processes are what it is made for.
    pool: 'forks',
    testTimeout: 30_000,
  },
});
