import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeFolder, patternbench } from '../testing/command-line.ts';
import { shopFiles } from '../testing/shop-files.ts';

const folder = makeFolder(
  Object.fromEntries(
    Object.entries(shopFiles('none')).flatMap(([path, text]) =>
      path.startsWith('shop-total')
        ? ['one', 'two', 'three'].map((name) => [path.replace('shop-total', name), text])
        : [[path, text]],
    ),
  ),
);

function run(out: string, ...extra: string[]) {
  const args = ['run', './one', './two', './three', '--trials', '2', '--out', out, ...extra];
  return patternbench(args, { cwd: folder });
}

const merge = (...args: string[]) => patternbench(['merge', ...args], { cwd: folder });
const read = (path: string) => JSON.parse(readFileSync(join(folder, path), 'utf8'));

/** The text of a file of JSON without what was measured, keys in the order in which they stand. */
function textOf(path: string): string {
  return JSON.stringify(read(path), (key, value) => (key === 'measured' ? undefined : value), 2);
}

beforeAll(async () => {
  const runs = [run('whole'), run('first', '--shard', '1/2'), run('second', '--shard', '2/2')];
  expect((await Promise.all(runs)).map(({ code }) => code)).toEqual([0, 0, 0]);
}, 30_000);

describe('merge', () => {
  test('gives what one machine gives, byte for byte but for what was measured, in whatever order parts come', async () => {
    const { code } = await merge('second', 'first', '--out', 'joined');
    expect(code).toBe(0);
    expect(textOf('joined/summary.json')).toBe(textOf('whole/summary.json'));
    expect(textOf('joined/run.json')).toBe(textOf('whole/run.json'));
    expect(existsSync(join(folder, 'joined/trials/two/code/2.jsonl'))).toBe(true);
    expect(existsSync(join(folder, 'joined/parts/2/audit.jsonl'))).toBe(true);
  });

  test('joins into a run that gate and compare take for the whole', async () => {
    await merge('first', 'second', '--out', 'joined-again');
    await patternbench(['baseline', 'save', '--run', 'whole', '--file', 'b.json'], { cwd: folder });
    const args = ['gate', '--run', 'joined-again', '--baseline', 'b.json'];
    expect((await patternbench(args, { cwd: folder })).code).toBe(0);
  });

  test('names a shard that is missing with its scenarios, and exits with 3', async () => {
    const { code, stderr } = await merge('first', '--out', 'half');
    expect(code).toBe(3);
    expect(stderr).toContain('Shard 2/2 is missing, with two.');
    expect(read('half/summary.json')).toMatchObject({ status: 'partial', planned: 12 });
  });

  test('refuses what is there twice, by name', async () => {
    const { code, stderr } = await merge('first', 'whole', '--out', 'doubled');
    expect(code).toBe(2);
    expect(stderr).toContain('Scenario one is in first and in whole.');
    expect(existsSync(join(folder, 'doubled'))).toBe(false);
  });

  test('refuses runs of other conditions, and names each difference', async () => {
    const args = ['run', './two', '--seed', '7', '--model', 'claude-haiku-4-5', '--out', 'other'];
    await patternbench(args, { cwd: folder });
    const { code, stderr } = await merge('first', 'other', '--out', 'mixed');
    expect(code).toBe(2);
    expect(stderr).toContain('seed is 1 in first and 7 in other.');
    expect(stderr).toContain('model.id is claude-sonnet-5 in first and claude-haiku-4-5 in other.');
  });

  test('refuses a run of another version', async () => {
    const file = join(folder, 'second/run.json');
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, before.replace(/"patternbench": "[^"]+"/, '"patternbench": "9.9.9"'));
    const { code, stderr } = await merge('first', 'second', '--out', 'versions');
    writeFileSync(file, before);
    expect(code).toBe(2);
    expect(stderr).toMatch(/versions\.patternbench is \S+ in first and 9\.9\.9 in second\./);
  });
});

test.each([
  ['3/2', 'i/n'],
  ['x', 'i/n'],
  ['5/9', 'Shard 5/9 is empty: there are 3 scenarios'],
])('run --shard %s is wrong usage', async (shard, words) => {
  const { code, stderr } = await run('none', '--shard', shard);
  expect(code).toBe(2);
  expect(stderr).toContain(words);
});
