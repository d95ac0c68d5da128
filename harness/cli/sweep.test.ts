import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sweepSchema } from '../sweep/sweep-schema.ts';
import { makeFolder, patternbench } from '../testing/command-line.ts';

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
  expect(found).toMatchObject({ axis: 'calls', caching: true, above: 'code' });
  expect(found?.at).toBeGreaterThan(2);
  expect(stderr).toContain('[3/3] calls=10');
  const read = (file: string) => readFileSync(join(folder, 'out', file), 'utf8');
  expect(read('sweep.md')).toContain('Break-even with caching near calls');
  expect(read('tokens.svg')).toContain('context tokens');
  expect(read('cost.svg')).toContain('equal at');
  expect(read('sweep.html')).toContain('<svg');
  expect(read('sweep.html')).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  expect(existsSync(join(folder, 'out/points/calls=50/summary.json'))).toBe(true);
}, 30_000);

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
}, 30_000);

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
}, 30_000);
