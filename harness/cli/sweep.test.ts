import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sweepSchema } from '../sweep/sweep-schema.ts';
import { makeFolder, patternbench, patternbenchProcess } from '../testing/command-line.ts';

const cheap = ['--param', 'bytes=400', '--param', 'tools=3'];

test('sweeps a parameter, closes in on the break-even, and leaves a table, charts, a page and a run for each point', async () => {
  const folder = makeFolder({});
  const { code, stdout, stderr } = await patternbench(
    [
      'sweep',
      'parametric',
      '--param',
      'calls=2..50',
      ...cheap,
      '--points',
      '2',
      '--refine',
      '1',
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
});

test('maps calls by bytes with caching on and off, and places the scenarios of a run on it', async () => {
  const folder = makeFolder({});
  await patternbench(['run', 'crm-contact-lookup', '--param', 'contacts=60', '--out', 'run'], {
    cwd: folder,
  });
  const { code, stdout } = await patternbench(
    [
      ...[
        'sweep',
        'parametric',
        '--param',
        'calls=1..40',
        '--param',
        'bytes=200..2000',
        '--param',
        'tools=3',
      ],
      ...['--points', '2', '--place', 'run', '--out', 'out'],
    ],
    { cwd: folder },
  );
  expect(code).toBe(0);
  expect(stdout).toContain('crm-contact-lookup');
  for (const name of ['map-cached', 'map-uncached']) {
    expect(readFileSync(join(folder, `out/${name}.svg`), 'utf8')).toContain('crm-contact-lookup');
  }

  const projected = await patternbench(
    ['project', 'run', '--runs', '1000', '--tenants', '4', '--format', 'csv'],
    {
      cwd: folder,
    },
  );
  expect(projected.code).toBe(0);
  expect(projected.stdout.split('\n')[1]).toMatch(/^crm-contact-lookup,.*,classic,projected,1,/);
});

test('refuses a sweep of nothing, of a word, of too large a value, and options without effect', async () => {
  const refused = async (...args: string[]) => {
    const { code, stderr } = await patternbench(['sweep', ...args]);
    expect(code).toBe(2);
    return stderr;
  };
  const replies = await Promise.all([
    refused('parametric'),
    refused('crm-segment-report', '--param', 'segment=a..b'),
    refused('parametric', '--param', 'calls=1..1000000'),
    refused('parametric', '--param', 'calls=1..5', '--place', 'none'),
    refused('parametric', '--param', 'calls=1..5', '--dry-run'),
  ]);
  expect(replies[0]).toContain('such as --param calls=10..1000');
  expect(replies[1]).toContain('is no number');
  expect(replies[2]).toContain('up to 20000');
  expect(replies[3]).toContain('--place has no effect');
  expect(replies[4]).toContain('--dry-run has no effect');
});

describe('a sweep that was killed', () => {
  const job = ['parametric', '--param', 'calls=2..30', ...cheap, '--points', '3', '--refine', '2'];
  const sweepText = (folder: string) => readFileSync(join(folder, 'out/sweep.json'), 'utf8');
  /** The journals of the points that were begun. */
  const journals = (folder: string) =>
    readdirSync(join(folder, 'out/points'))
      .map((point) => join(folder, 'out/points', point, 'results.jsonl'))
      .filter((file) => existsSync(file))
      .map((file) => readFileSync(file, 'utf8'));

  /** Sweeps in a new folder and kills the sweep a while after so many points. */
  async function killAfter(points: number, pauseMs: number): Promise<string> {
    const folder = makeFolder({});
    const killed = await patternbenchProcess(['sweep', ...job, '--out', 'out'], {
      cwd: folder,
      onStart: (child) => {
        let seen = 0;
        if (points === 0) setTimeout(() => child.kill('SIGKILL'), pauseMs);
        child.stderr?.on('data', (text: string) => {
          seen += text.match(/^\[/gm)?.length ?? 0;
          if (points > 0 && seen >= points) setTimeout(() => child.kill('SIGKILL'), pauseMs);
        });
      },
    });
    expect(killed.signal).toBe('SIGKILL');
    return folder;
  }

  const whole = patternbench(['sweep', ...job, '--out', 'out', '--json'], { cwd: makeFolder({}) });

  test.each([
    [1, 0],
    [2, 400],
    [4, 100],
  ])(
    'after %i points and %i ms goes on to the same sweep.json, and keeps the points that are complete',
    async (points, pauseMs) => {
      const folder = await killAfter(points, pauseMs);
      const before = journals(folder).filter((journal) => journal.split('\n').length === 4);
      expect(before.length).toBeGreaterThanOrEqual(points);
      const { code, stderr } = await patternbench(['sweep', '--resume', 'out'], { cwd: folder });
      expect(stderr).toContain('which died without releasing it');
      expect(code).toBe(0);
      expect(sweepText(folder)).toBe((await whole).stdout);
      expect(journals(folder)).toEqual(expect.arrayContaining(before));
      expect(readFileSync(join(folder, 'out/sweep.html'), 'utf8')).not.toContain('partial');
    },
  );

  test('is refused where something has changed, unless forced, which is recorded', async () => {
    const folder = await killAfter(1, 0);
    const resume = (...extra: string[]) =>
      patternbench(['sweep', '--resume', 'out', ...extra], { cwd: folder });
    const other = await resume('--refine', '1', '--seed', '7');
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('configuration: refine was 2 and is 1');
    expect(other.stderr).toContain('configuration: seed was 1 and is 7');
    const journal = join(folder, 'out/points/calls=2/results.jsonl');
    writeFileSync(journal, readFileSync(journal, 'utf8').replace(/"hash":"./, '"hash":"-'));
    const changed = await resume();
    expect(changed.code).toBe(2);
    expect(changed.stderr).toContain('scenario parametric: its files have changed');
    const forced = await resume('--force');
    expect(forced.code).toBe(0);
    expect(sweepSchema.parse(JSON.parse(sweepText(folder))).forced).toEqual([
      'scenario parametric: its files have changed',
    ]);
    expect(forced.stdout).toContain('Resumed although something had changed: scenario parametric');
  });

  test('cannot be resumed while another process writes it, nor where there is none', async () => {
    const folder = await killAfter(1, 0);
    const lock = join(folder, 'out/run.lock');
    const { host } = JSON.parse(readFileSync(lock, 'utf8'));
    writeFileSync(lock, JSON.stringify({ pid: process.pid, host, startTicks: null }));
    const second = await patternbench(['sweep', '--resume', 'out'], { cwd: folder });
    expect(second.code).toBe(2);
    expect(second.stderr).toContain(`is being written by process ${process.pid}`);
    const none = await patternbench(['sweep', '--resume', 'out/points'], { cwd: folder });
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('Is ');
    expect(none.stderr).toContain('the directory of a sweep?');
    const unnamed = await patternbench(['sweep'], { cwd: folder });
    expect(unnamed.stderr).toContain('Which scenario?');
  });
});
