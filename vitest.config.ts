import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * One replaces a module, one imports a package that names its TypeScript for development: Vite loads what these import, and
 * each has a process to itself.
 */
const alone = ['harness/write-whole.test.ts', 'scripts/package.test.ts'];
/** These look at all child processes of their own process, which is to have no others. */
const withChildren = ['harness/sandbox/!(drive-program|limits|plain).test.ts'];
/**
 * Their files follow one another in a process, which saves a third of their time: loading what a file imports costs more than most
 * files' tests. Node imports them itself, as it does for users, and keeps what it compiled for the next run.
 */
const following = (name: string, include: string[], exclude: string[]) => ({
  extends: true as const,
  test: {
    ...{ name, include, exclude, isolate: false },
    setupFiles: 'harness/testing/compile-cache.ts',
    experimental: { viteModuleRunner: false, nodeLoader: false },
  },
});

/** Files that take longest, in this order: one that began last would run alone. */
const longest = [
  'package',
  'docs',
  'chromium',
  'servers',
  'scenario-faults',
  'expose',
  'conformance',
  'bad-input',
  'audit',
];

/** Within a project begins with the longest files, also where none was timed before. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = longest.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return at < 0 ? longest.length : at;
    };
    const sorted = await super.sort(files);
    const projects = [...new Set(sorted.map(({ project }) => project))];
    return projects.flatMap((own) =>
      sorted.filter(({ project }) => project === own).toSorted((one, other) => rank(one) - rank(other)),
    );
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // isolated-vm crashes in worker threads; child processes are what it is made for.
    pool: 'forks',
    globalSetup: 'harness/testing/temporary-folder.ts',
    // One more than there are cores: files wait for processes and timers a quarter of their time.
    maxWorkers: availableParallelism() + 1,
    // Its advice is for those who serve it in earnest.
    onConsoleLog: (text) => !text.startsWith('oidc-provider '),
    // Against hanging only: a busy machine must not decide a test.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      { extends: true, test: { name: 'alone', include: alone } },
      following('children', withChildren, []),
      following('together', ['**/*.test.ts'], [...alone, ...withChildren, '**/node_modules/**']),
    ],
  },
});
