import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    // isolated-vm crashes in worker threads; child processes are what it is made for.
    pool: 'forks',
    // Scenarios that tests write are loaded by Node itself, as those of users are.
    server: { deps: { external: [/\/patternbench-test-/] } },
    // Looking for the default of a CommonJS module would read what a hostile scenario exports.
    deps: { interopDefault: false },
    // By default vitest leaves one core idle, which on two cores means one file at a time.
    maxWorkers: '100%',
    // Against hanging only: a busy machine must not decide a test.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
