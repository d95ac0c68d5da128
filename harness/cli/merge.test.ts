import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { inflatedTexts } from '../../reports/testing/markup.ts';
import { readRecord, readSummary } from '../results/run.ts';
import { merge as mergeRuns } from '../run/merge.ts';
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

type Part = Parameters<typeof mergeRuns>[0][number];

const merge = (...args: string[]) => patternbench(['merge', ...args], { cwd: folder });
const read = (path: string) => JSON.parse(readFileSync(join(folder, path), 'utf8'));

/** The text of a file of JSON without what was measured, keys in the order in which they stand. */
function textOf(path: string): string {
  return JSON.stringify(read(path), (key, value) => (key === 'measured' ? undefined : value), 2);
}

beforeAll(async () => {
  const runs = [run('whole'), run('first', '--shard', '1/2'), run('second', '--shard', '2/2')];
  expect((await Promise.all(runs)).map(({ code }) => code)).toEqual([0, 0, 0]);
});

describe('the audit logs of a merged run', () => {
  const audit = (...args: string[]) => patternbench(['audit', ...args], { cwd: folder });
  beforeAll(async () => {
    expect((await merge('first', 'second', '--out', 'logged')).code).toBe(0);
  });

  test('verify part by part, each against its own summary', async () => {
    const { code, stdout, stderr } = await audit('verify', 'logged');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('each of the 2 logs of its parts verifies');
    for (const part of ['first', 'second']) {
      expect(stdout).toContain(read(`${part}/summary.json`).measured.audit.head);
    }
    const json = JSON.parse((await audit('verify', 'logged', '--json')).stdout);
    expect(json).toMatchObject({ verified: true, parts: [{ folder: 'parts/1' }, { folder: 'parts/2' }] });
  });

  test('are shown one after another', async () => {
    const { code, stdout } = await audit('show', 'logged');
    expect(code).toBe(0);
    for (const name of ['one', 'two', 'three']) expect(stdout).toContain(`${name}/code/1`);
  });

  test('verify too where what was merged is merged again', async () => {
    const args = ['run', './two', '--trials', '2', '--out', 'only-two'];
    await patternbench(args, { cwd: folder });
    await patternbench(args.with(1, './one').with(5, 'only-one'), { cwd: folder });
    await patternbench(args.with(1, './three').with(5, 'only-three'), { cwd: folder });
    expect((await merge('only-one', 'only-two', '--out', 'pair')).code).toBe(0);
    expect((await merge('pair', 'only-three', '--out', 'nested')).code).toBe(0);
    const { code, stdout } = await audit('verify', 'nested');
    expect(code).toBe(0);
    for (const part of ['parts/1/parts/1', 'parts/1/parts/2', 'parts/2']) {
      expect(stdout).toContain(`${part} verifies`);
    }
  });

  test.each<[string, (part: string) => void, string]>([
    [
      'changed',
      (part) => {
        const file = join(part, 'audit.jsonl');
        writeFileSync(file, readFileSync(file, 'utf8').replace('"allowed"', '"refused"'));
      },
      'parts/2: line',
    ],
    ['removed', (part) => rmSync(join(part, 'audit.jsonl')), 'parts/2: audit.jsonl is missing'],
    [
      'removed with all of its part',
      (part) => rmSync(part, { recursive: true }),
      'parts/2: audit.jsonl is missing',
    ],
  ])('do not verify where one was %s', async (how, tamper, says) => {
    const out = `tampered ${how}`;
    await merge('first', 'second', '--out', out);
    tamper(join(folder, out, 'parts/2'));
    const { code, stderr } = await audit('verify', out);
    expect(stderr).toContain(says);
    expect(stderr).not.toContain('parts/1');
    expect(code).toBe(1);
  });

  test('have no head in common: one that was kept is of a part', async () => {
    const { head } = read('first/summary.json').measured.audit;
    const { code, stderr } = await audit('verify', 'logged', '--head', head);
    expect(code).toBe(2);
    expect(stderr).toMatch(/logged\/parts\/1, \S*logged\/parts\/2/);
    expect((await audit('verify', 'logged/parts/1', '--head', head)).code).toBe(0);
  });
});

describe('merge', () => {
  test('gives what one machine gives, byte for byte but for what was measured, with parts in any order', async () => {
    const { code } = await merge('second', 'first', '--out', 'joined');
    expect(code).toBe(0);
    expect(textOf('joined/summary.json')).toBe(textOf('whole/summary.json'));
    expect(textOf('joined/run.json')).toBe(textOf('whole/run.json'));
    expect(existsSync(join(folder, 'joined/trials/two/code/2.jsonl'))).toBe(true);
    expect(existsSync(join(folder, 'joined/parts/2/audit.jsonl'))).toBe(true);
  });

  test('joins into a run that gate and compare take for the whole', async () => {
    await merge('first', 'second', '--out', 'joined-again');
    await patternbench(['gate', '--update', '--run', 'whole', '--baseline', 'b.json'], { cwd: folder });
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
    expect(stderr).toContain('Scenario one (no parameters) is in first and in whole.');
    expect(existsSync(join(folder, 'doubled'))).toBe(false);
  });

  test('refuses runs of other conditions, and names each difference', async () => {
    const args = ['run', './two', '--set', 'seed=7', '--model', 'claude-haiku-4-5', '--out', 'other'];
    await patternbench(args, { cwd: folder });
    const { code, stderr } = await merge('first', 'other', '--out', 'mixed');
    expect(code).toBe(2);
    expect(stderr).toContain('seed is 1 in first and 7 in other.');
    expect(stderr).toContain('model.id is claude-sonnet-5 in first and claude-haiku-4-5 in other.');
  });

  test('joins a shard whose tokens were all counted with one whose were estimated, and says so', () => {
    const [estimated, counted] = ['first', 'second'].map((name) => {
      const path = join(folder, name);
      return { name, run: readRecord(path), summary: readSummary(path) };
    }) as [Part, Part];
    counted.summary.tokenCounts.label = 'counted';
    for (const count of counted.summary.results.flatMap(({ counts = [] }) => counts)) {
      Object.assign(count, { counted: count.tokens, estimated: 0 });
    }
    for (const parts of [
      [estimated, counted],
      [counted, estimated],
    ]) {
      expect(mergeRuns(parts)).toMatchObject({
        status: 'merged',
        summary: { tokenCounts: { label: 'partly counted' } },
      });
    }
  });

  test('names a condition that only one has, whatever it is called', () => {
    const [first, second] = ['first', 'second'].map((name) => {
      const path = join(folder, name);
      return { name, run: readRecord(path), summary: readSummary(path) };
    }) as [Part, Part];
    Object.assign(second.run.config?.options ?? {}, { constructor: 1 });
    expect(mergeRuns([first, second])).toEqual({
      status: 'refused',
      reasons: ['options.constructor is absent in first and 1 in second.'],
    });
  });

  test('writes nothing beside its folder for a part whose scenario is called like a path', async () => {
    const part = makeFolder({});
    cpSync(join(folder, 'second'), part, { recursive: true });
    mkdirSync(join(part, 'evil'));
    const record = JSON.parse(readFileSync(join(part, 'run.json'), 'utf8'));
    record.scenarios[0].name = '../../evil';
    writeFileSync(join(part, 'run.json'), JSON.stringify(record));
    const { code, stderr } = await merge('first', part, '--out', 'sideways/below');
    expect([code, existsSync(join(folder, 'sideways'))]).toEqual([2, false]);
    expect(stderr).toContain('scenarios[0].name');
    expect(stderr).toContain('It names a folder');
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

describe('a workflow at several sizes', () => {
  const trace = (run: string, ...path: string[]) =>
    join(folder, run, 'trials/crm-contact-lookup', ...path, '1.jsonl');
  const text = (file: string) => readFileSync(file, 'utf8');

  test('is one run with a verdict for each size, and each keeps its own traces, merged again too', async () => {
    for (const size of [20, 40, 60]) {
      const args = ['--param', `contacts=${size}`, '--set', 'verdict.sizes=false', '--out', `of-${size}`];
      expect((await patternbench(['run', 'crm-contact-lookup', ...args], { cwd: folder })).code).toBe(0);
    }
    expect((await merge('of-20', 'of-40', '--out', 'two-sizes')).code).toBe(0);
    expect((await merge('of-60', 'two-sizes', '--out', 'three-sizes')).code).toBe(0);
    const { verdicts, status } = read('three-sizes/summary.json');
    expect(status).toBe('complete');
    expect(verdicts.map(({ params }: { params: { contacts: number } }) => params.contacts)).toEqual([
      60, 20, 40,
    ]);
    expect(text(trace('three-sizes', 'code'))).toBe(text(trace('of-60', 'code')));
    expect(text(trace('three-sizes', 'size-2', 'code'))).toBe(text(trace('of-20', 'code')));
    expect(text(trace('three-sizes', 'size-3', 'code'))).toBe(text(trace('of-40', 'code')));
    expect(existsSync(trace('three-sizes', 'size-2', 'size-2', 'code'))).toBe(false);
  });

  test('is reported size by size, with the requests of each', async () => {
    const args = ['report', 'two-sizes', '--html', 'sizes.html', '--atif', 'atif'];
    expect((await patternbench(args, { cwd: folder })).code).toBe(0);
    expect(readdirSync(join(folder, 'atif')).filter((name) => name.includes('.code.'))).toEqual([
      'crm-contact-lookup.code.1.trajectory.json',
      'crm-contact-lookup.size-2.code.1.trajectory.json',
    ]);
    const data = JSON.parse(inflatedTexts(text(join(folder, 'sizes.html'))).get('data') ?? '{}');
    const traces = data.workflows.map(({ traces: own }: { traces: { variant: string }[] }) =>
      own.map(({ variant }) => variant),
    );
    expect(traces).toEqual([
      ['classic', 'code'],
      ['classic', 'code'],
    ]);
  });

  test('is refused where its files changed in between, and is not resumed as one run', async () => {
    const file = join(folder, 'of-40/run.json');
    const before = text(file);
    writeFileSync(file, before.replace(/"hash": "...../, '"hash": "00000'));
    const changed = await merge('of-20', 'of-40', '--out', 'changed');
    writeFileSync(file, before);
    expect(changed).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        'The files of scenario crm-contact-lookup are others in of-20 than in of-40.',
      ),
    });
    const resumed = await patternbench(['run', '--resume', 'two-sizes'], { cwd: folder });
    expect(resumed).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('resume the runs that it was merged from'),
    });
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
