import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UsageError } from '../errors.ts';
import { makeFolder } from '../testing/command-line.ts';
import { scenarioFiles } from '../testing/scenario-files.ts';
import { loadScenarios } from './load.ts';

/** What loading a scenario with these files throws. */
async function refusalOf(files: Record<string, string>): Promise<unknown> {
  return loadScenarios([join(makeFolder(files), '.')]).catch((error: unknown) => error);
}

const body = 'return 1;';

test.each([
  ['wallMs', 3e9, 'at most 2147483647'],
  ['cpuMs', 3e9, 'at most 2147483647'],
  ['memoryBytes', 1e15, 'at most 1073741824'],
  ['memoryBytes', 1, 'at least 8388608'],
])('a limit that cannot be enforced is refused: %s of %d', async (name, value, words) => {
  const error = await refusalOf(scenarioFiles({ body, limits: { [name]: value } }));
  expect(error).toBeInstanceOf(UsageError);
  expect((error as Error).message).toContain(`Sandbox limit ${name} is ${value}`);
  expect((error as Error).message).toContain(words);
});

test.each([
  ['a getter', "export default { get title() { throw new Error('not now'); } };"],
  ['a proxy', "export default new Proxy({}, { get() { throw new Error('not now'); } });"],
])('%s that throws is told with its file', async (_, text) => {
  const error = await refusalOf({ ...scenarioFiles({ body }), 'scenario.ts': text });
  expect(error).toBeInstanceOf(UsageError);
  expect((error as Error).message).toMatch(/scenario\.ts: .*not now/);
});
