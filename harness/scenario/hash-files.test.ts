import { appendFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeFolder } from '../testing/command-line.ts';
import { hashFiles } from './load.ts';

const files = {
  'mine/scenario.ts': "import { truth } from './lib/truth.ts';\nexport default { truth };\n",
  'mine/program.ts': 'export default async function program(mcp) {}\n',
  'mine/lib/truth.ts': "import { rows } from '../../shared/rows.ts';\nexport const truth = () => rows;\n",
  'mine/data/rows.json': '[1, 2]',
  'mine/.mcp.json': '{ "mcpServers": {} }',
  'mine/.DS_Store': 'x',
  'mine/node_modules/dep/index.js': 'x',
  'mine/runs/1/trace.jsonl': 'x',
  'mine/other-out/run.json': '{}',
  'mine/patternbench.lock.json': '{}',
  'shared/rows.ts': "export { rows } from './deeper/rows.ts';\n",
  'shared/deeper/rows.ts': 'export const rows = [1];\n',
  'shared/unused.ts': 'export const unused = 1;\n',
};

function change(path: string): { before: string; after: string } {
  const folder = makeFolder(files);
  const before = hashFiles(join(folder, 'mine'));
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  appendFileSync(join(folder, path), '\n');
  return { before, after: hashFiles(join(folder, 'mine')) };
}

describe('the hash of a scenario', () => {
  test.each([
    'mine/scenario.ts',
    'mine/program.ts',
    'mine/lib/truth.ts',
    'mine/data/rows.json',
    'mine/data/more.json',
    'mine/.mcp.json',
    'shared/rows.ts',
    'shared/deeper/rows.ts',
  ])('changes with %s', (path) => {
    const { before, after } = change(path);
    expect(after).not.toBe(before);
  });

  test.each([
    'mine/.DS_Store',
    'mine/node_modules/dep/index.js',
    'mine/runs/1/trace.jsonl',
    'mine/other-out/summary.json',
    'mine/cassettes/1.jsonl',
    'mine/patternbench.lock.json',
    'shared/unused.ts',
    'elsewhere.txt',
  ])('does not change with %s', (path) => {
    const { before, after } = change(path);
    expect(after).toBe(before);
  });

  test('is the same wherever the folder lies', () => {
    expect(hashFiles(join(makeFolder(files), 'mine'))).toBe(hashFiles(join(makeFolder(files), 'mine')));
  });

  test('follows no link in a circle, and minds where links lead', () => {
    const [folder, other] = [makeFolder(files), makeFolder(files)];
    for (const each of [folder, other]) symlinkSync('..', join(each, 'mine', 'up'));
    expect(hashFiles(join(folder, 'mine'))).toBe(hashFiles(join(other, 'mine')));
    symlinkSync('missing', join(other, 'mine', 'broken'));
    symlinkSync('../shared', join(folder, 'mine', 'down'));
    expect(hashFiles(join(folder, 'mine'))).not.toBe(hashFiles(join(other, 'mine')));
  });

  test('takes a file that is too large to be read by its size', () => {
    const folder = makeFolder(files);
    const large = join(folder, 'mine', 'large.bin');
    writeFileSync(large, Buffer.alloc(17 * 1024 ** 2, 1));
    const one = hashFiles(join(folder, 'mine'));
    writeFileSync(large, Buffer.alloc(17 * 1024 ** 2 + 1, 1));
    expect(hashFiles(join(folder, 'mine'))).not.toBe(one);
  });

  test("leaves patternbench's own code to its version", () => {
    const own = join(import.meta.dirname, './answer.ts');
    const folder = makeFolder({ 'scenario.ts': `import '${own}';\n` });
    expect(hashFiles(folder)).toMatch(/^[0-9a-f]{64}$/);
  });
});
