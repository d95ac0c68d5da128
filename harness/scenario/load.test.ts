import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { UsageError } from '../errors.ts';
import { makeFolder } from '../testing/command-line.ts';
import { scenarioFiles } from '../testing/scenario-files.ts';
import { loadScenarios } from './load.ts';

const files = scenarioFiles({ body: 'return mcp.server.ping({});' });

/** Loads the scenario with this in place of one of its lines, or of a whole file. */
function load(change: { fields?: string; files?: Record<string, string> }) {
  const text = (files['scenario.ts'] ?? '').replace(
    'export default {',
    `export default {\n${change.fields ?? ''}`,
  );
  const folder = makeFolder({ ...files, 'scenario.ts': text, ...change.files });
  return loadScenarios([`${folder}/`]);
}

const param = (spec: string) => `params: { n: { description: 'd', ${spec} } },`;

describe('loading a scenario', () => {
  test.each<[string, Parameters<typeof load>[0], RegExp]>([
    [
      'a default below min',
      { fields: param("type: 'integer', default: 0, min: 1") },
      /outside of min and max/,
    ],
    [
      'a default above max',
      { fields: param("type: 'number', default: 2.5, max: 2") },
      /outside of min and max/,
    ],
    [
      'a default that is none of its values',
      { fields: param("type: 'string', default: 'c', values: ['a', 'b']") },
      /not one of values/,
    ],
    [
      'a getter that throws',
      { fields: "get limits() { throw new TypeError('not yet'); }," },
      /scenario\.ts: reading what it exports threw TypeError: not yet/,
    ],
    [
      'a proxy that throws',
      {
        files: {
          'scenario.ts':
            "export default new Proxy({}, { get() { throw new Error('no'); }, ownKeys() { throw new Error('no keys'); } });",
        },
      },
      /scenario\.ts: reading what it exports threw Error: no/,
    ],
    [
      'steps whose getter throws',
      {
        files: {
          'program.ts': "export const steps = [{ get program() { throw new Error('lost'); } }];",
        },
      },
      /program\.ts: reading what it exports threw Error: lost/,
    ],
    [
      'a program nested by the ten thousands',
      {
        files: {
          'program.ts': `export default async function p(mcp) { return ${'['.repeat(30_000)}${']'.repeat(30_000)}; }`,
        },
      },
      /program\.ts is nested more than 1000 brackets deep/,
    ],
    ['a volatile that names nothing', { fields: 'volatile: { server: { ping: [] } },' }, /volatile/],
  ])('refuses %s with its file, as wrong usage', async (_, change, message) => {
    const loading = load(change);
    await expect(loading).rejects.toThrow(UsageError);
    await expect(loading).rejects.toThrow(message);
  });
});

test.each([
  ['"type": "commonjs", as npm init writes it', '{ "type": "commonjs" }'],
  ['"type": "module"', '{ "type": "module" }'],
  ['nothing of modules', '{}'],
])('a scenario loads where the nearest package.json says %s', async (_, manifest) => {
  const files = scenarioFiles({ body: 'return await mcp.server.ping({});' });
  const folder = makeFolder({
    'package.json': manifest,
    'shared.ts': "import { join } from 'node:path';\nexport const title: string = join('a', 'b');",
    'old.cts': 'exports.description = "by require";',
    'mine/scenario.ts': (files['scenario.ts'] ?? '')
      .replace('export', "import { title } from '../shared.ts';\nimport old from '../old.cts';\nexport")
      .replace("title: 'A scenario of a test'", 'title')
      .replace("description: 'Made by a test.'", 'description: old.description'),
    'mine/program.ts': files['program.ts'] ?? '',
  });
  // Node has advice on a package.json without a type, of which the command line spares its users.
  const advice = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  onTestFinished(() => advice.mockRestore());
  const [loaded] = await loadScenarios(['./mine/'], folder);
  expect([loaded?.title, loaded?.description]).toEqual(['a/b', 'by require']);
});

test.each([
  ['wallMs', 3e9, 'at most 2147483647'],
  ['cpuMs', 3e9, 'at most 2147483647'],
  ['memoryBytes', 1e15, 'at most 1073741824'],
  ['memoryBytes', 1, 'at least 8388608'],
  ['argumentBytes', 2 * 1024 * 1024, 'at most 1048576'],
  ['argumentDepth', 65, 'at most 64'],
])('a limit that cannot be enforced is refused: %s of %d', async (name, value, words) => {
  const error = await load({ files: scenarioFiles({ body: 'return 1;', limits: { [name]: value } }) }).catch(
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(UsageError);
  expect((error as Error).message).toContain(`Sandbox limit ${name} is ${value}`);
  expect((error as Error).message).toContain(words);
  expect((error as Error).message).not.toContain('threw');
});
