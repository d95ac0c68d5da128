import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sweepSchema } from '../results/sweep.ts';
import { makeFolder, patternbench, patternbenchApart, patternbenchProcess } from '../testing/command-line.ts';

const cheap = ['--param', 'bytes=400', '--param', 'tools=3'];

test('sweeps a parameter, closes in on the break-even, and leaves a table, charts, a page and a run for each point', async () => {
  const folder = makeFolder({});
  const { code, stdout, stderr } = await patternbench(
    [
      'run',
      'parametric',
      '--param',
      'calls=2..50',
      ...cheap,
      '--set',
      'sweep.points=2',
      '--set',
      'sweep.refine=1',
      '--out',
      'out',
      '--json',
    ],
    { cwd: folder },
  );
  expect(code).toBe(0);
  const sweep = sweepSchema.parse(JSON.parse(stdout));
  expect(sweep.points.map(({ params }) => params.calls)).toEqual([2, 50, 10]);
  expect(sweep.points.every(({ results }) => results.every(({ correct }) => correct === 1))).toBe(true);
  const [found] = sweep.breakEvens;
  expect(found).toMatchObject({ axis: 'calls', caching: true, below: 'classic' });
  expect(found?.at).toBeGreaterThan(2);
  expect(stderr).toContain('[3/3] calls=10');
  const read = (file: string) => readFileSync(join(folder, 'out', file), 'utf8');
  expect(read('sweep.md')).toContain('With caching, calls 2: classic costs less');
  expect(read('tokens.svg')).toContain('context tokens');
  expect(read('cost.svg')).toMatch(/cached, calls from about [\d.]+ to 50: code costs less/);
  expect(read('sweep.html')).toContain('<svg');
  expect(read('sweep.html')).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  expect(existsSync(join(folder, 'out/points/calls=50/summary.json'))).toBe(true);
  expect(read('sweep.md')).toContain('](cost.svg)');

  const again = await patternbench(['report', 'out', '--json', '--article', 'post.md'], { cwd: folder });
  expect(JSON.parse(again.stdout)).toEqual(sweep);
  expect(readFileSync(join(folder, 'post.md'), 'utf8')).toContain('](post-cost.svg)');
  expect(readFileSync(join(folder, 'post-cost.svg'), 'utf8')).toBe(read('cost.svg'));
  expect(await patternbench(['report', 'out', '--csv', '-'], { cwd: folder })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--csv is for runs'),
  });
});

test('maps calls by bytes with caching on and off, and places the scenarios of a run on it', async () => {
  const folder = makeFolder({});
  await patternbench(['run', 'crm-contact-lookup', '--param', 'contacts=10', '--out', 'run'], {
    cwd: folder,
  });
  const { code, stdout } = await patternbench(
    [
      ...['run', 'parametric', '--param', 'calls=1..40', '--param', 'bytes=200..2000', '--param', 'tools=3'],
      ...['--set', 'sweep.points=2', '--set', 'sweep.place=run', '--out', 'out'],
    ],
    { cwd: folder },
  );
  expect(code).toBe(0);
  expect(stdout).toContain('crm-contact-lookup');
  for (const name of ['map-cached', 'map-uncached']) {
    expect(readFileSync(join(folder, `out/${name}.svg`), 'utf8')).toContain('crm-contact-lookup');
  }

  const projected = await patternbench(['report', 'run', '--runs', '1000', '--tenants', '4', '--csv', '-'], {
    cwd: folder,
  });
  expect(projected.code).toBe(0);
  expect(projected.stdout.split('\n')[1]).toMatch(/^crm-contact-lookup,.*,classic,projected,1,/);
});

test('refuses a range of several workflows, of a word, of too large a value, and a dry run of it', async () => {
  const refused = async (...args: string[]) => {
    const { code, stderr } = await patternbench(['run', ...args]);
    expect(code).toBe(2);
    return stderr;
  };
  const replies = await Promise.all([
    refused('parametric', 'crm-tag-cleanup', '--param', 'calls=1..5'),
    refused('crm-segment-report', '--param', 'segment=a..b'),
    refused('parametric', '--param', 'calls=1..1000000'),
    refused('parametric', '--param', 'calls=1..5', '--dry-run'),
  ]);
  expect(replies[0]).toContain('one workflow at a time');
  expect(replies[1]).toContain('is no number');
  expect(replies[2]).toContain('up to 20000');
  expect(replies[3]).toContain('--dry-run says what one run takes');
});

describe('a sweep that was killed', () => {
  const job = [
    'parametric',
    '--param',
    'calls=2..30',
    ...cheap,
    '--set',
    'sweep.points=2',
    '--set',
    'sweep.refine=1',
  ];
  const whole = sweepIn(makeFolder({}));

  async function sweepIn(folder: string) {
    const { code, stdout } = await patternbench(['run', ...job, '--out', 'out', '--json'], { cwd: folder });
    expect(code).toBe(0);
    return { folder, text: stdout };
  }
  const resume = (folder: string, ...more: string[]) =>
    patternbench(['run', '--resume', 'out', ...more], { cwd: folder });
  const read = (folder: string, file: string) => readFileSync(join(folder, 'out', file), 'utf8');
  const journalOf = (folder: string, calls: number) =>
    join(folder, `out/points/calls=${calls}/results.jsonl`);

  /** A copy of the sweep as it was when the journal of its last point had so many lines and half of the next. */
  async function cutCopy(lines: number): Promise<string> {
    const folder = makeFolder({});
    cpSync((await whole).folder, folder, { recursive: true });
    for (const file of ['sweep.md', 'sweep.html']) rmSync(join(folder, 'out', file));
    const sweep = sweepSchema.parse(JSON.parse(read(folder, 'sweep.json')));
    const last = Number(sweep.points.at(-1)?.params.calls);
    const points = sweep.points.slice(0, -1);
    writeFileSync(join(folder, 'out/sweep.json'), JSON.stringify({ ...sweep, points, status: 'partial' }));
    const journal = readFileSync(journalOf(folder, last), 'utf8').split('\n');
    const torn = journal[lines]?.slice(0, 50) ?? '';
    writeFileSync(journalOf(folder, last), [...journal.slice(0, lines), torn].join('\n'));
    return folder;
  }

  test('by the system goes on to the same sweep.json, and has one writer at a time', async () => {
    const folder = makeFolder({});
    const killed = await patternbenchProcess(['run', ...job, '--out', 'out'], {
      cwd: folder,
      onStart: (child) => {
        child.stderr?.on('data', (text: string) => {
          if (/^\[1/m.test(text)) child.kill('SIGKILL');
        });
      },
    });
    expect(killed.signal).toBe('SIGKILL');
    const before = readFileSync(journalOf(folder, 2), 'utf8');
    const lock = join(folder, 'out/run.lock');
    const left = readFileSync(lock, 'utf8');
    writeFileSync(lock, JSON.stringify({ ...JSON.parse(left), pid: process.pid, startTicks: null }));
    const second = await resume(folder);
    expect(second.code).toBe(2);
    expect(second.stderr).toContain(`is being written by process ${process.pid}`);
    writeFileSync(lock, left);
    const { code, stderr } = await patternbenchApart(['run', '--resume', 'out'], { cwd: folder });
    expect(stderr).toContain('which died without releasing it');
    expect(code).toBe(0);
    expect(read(folder, 'sweep.json')).toBe((await whole).text);
    expect(readFileSync(journalOf(folder, 2), 'utf8')).toBe(before);
    expect(read(folder, 'sweep.html')).not.toContain('partial');
  });

  test.each([0, 1, 2, 3])(
    'while the journal of a point had %i lines goes on to the same sweep.json, and keeps the points that are complete',
    async (lines) => {
      const folder = await cutCopy(lines);
      const { code, stderr } = await resume(folder);
      expect(stderr).toContain('[3/3] calls=');
      expect(code).toBe(0);
      expect(read(folder, 'sweep.json')).toBe((await whole).text);
      for (const calls of [2, 30]) {
        const kept = readFileSync(journalOf((await whole).folder, calls), 'utf8');
        expect(readFileSync(journalOf(folder, calls), 'utf8')).toBe(kept);
      }
      expect(read(folder, 'sweep.html')).not.toContain('partial');
    },
  );

  test('is refused where something has changed, unless forced, which is recorded', async () => {
    const folder = await cutCopy(0);
    const other = await resume(folder, '--set', 'sweep.refine=2', '--set', 'seed=7');
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('configuration: refine was 1 and is 2');
    expect(other.stderr).toContain('configuration: seed was 1 and is 7');
    const journal = journalOf(folder, 2);
    writeFileSync(journal, readFileSync(journal, 'utf8').replace(/"hash":"./, '"hash":"-'));
    const changed = await resume(folder);
    expect(changed.code).toBe(2);
    expect(changed.stderr).toContain('scenario parametric: its files have changed');
    const forced = await resume(folder, '--force');
    expect(forced.code).toBe(0);
    expect(sweepSchema.parse(JSON.parse(read(folder, 'sweep.json'))).forced).toEqual([
      'scenario parametric: its files have changed',
    ]);
    expect(forced.stdout).toContain('Resumed although something had changed: scenario parametric');
  });

  test('cannot be resumed where there is none', async () => {
    const none = await patternbench(['run', '--resume', 'points'], { cwd: makeFolder({}) });
    expect(none.code).toBe(2);
    expect(none.stderr).toMatch(/Is it the directory of a run\?/);
    const unnamed = await patternbench(['run', '--param', 'contacts=1..2']);
    expect(unnamed.stderr).toContain('A range is tried for one workflow. Name it.');
  });
});
