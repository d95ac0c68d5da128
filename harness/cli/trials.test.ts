import { expect, test } from 'vitest';
import { makeFolder, patternbench } from '../testing/command-line.ts';
import { runIn, runNew } from '../testing/live-run.ts';

const lookup = ['crm-contact-lookup', '--param', 'contacts=10'];

test('a perfect model does not vary: several trials cost what one does, and the comparison is computed', async () => {
  const folder = makeFolder({});
  const [one, three] = await Promise.all([
    runIn(folder, lookup, { out: 'one' }),
    runIn(folder, [...lookup, '--trials', '3', '--set', 'limits.concurrency=2'], { out: 'three' }),
  ]);
  expect(three.code).toBe(0);
  for (const [index, result] of (three.summary?.results ?? []).entries()) {
    const single = one.summary?.results[index];
    expect(result).toMatchObject({ trials: 3, tokens: single?.tokens, costUsd: single?.costUsd });
    expect(result.ledger).toEqual(single?.ledger);
    // What was computed is no sample, and has no interval of a share.
    expect(result).not.toHaveProperty('statistics');
  }
  expect(three.summary?.verdicts[0]?.pattern).toBe('classic');
  expect(three.summary?.comparisons?.[0]).toMatchObject({
    basis: 'computed',
    costUsd: { decision: 'higher', margin: 0.1 },
  });
  // A single trial has nothing to say beyond its figures.
  expect(Object.keys(one.summary ?? {})).not.toContain('comparisons');
  for (const result of one.summary?.results ?? []) {
    for (const name of ['statistics', 'outcomes', 'provider', 'remainder']) {
      expect(result).not.toHaveProperty(name);
    }
  }
  const { stdout } = await patternbench(['report', 'three', '--md', '-'], { cwd: folder });
  expect(stdout).not.toContain('cost per correct trial');
  expect(stdout).toContain('code against classic: cost higher by more than 10 %');
});

test('--aa compares each variant with itself and tells the false alarms', async () => {
  const args = [
    ...lookup,
    '--trials',
    '2',
    '--set',
    'verdict.aa=true',
    '--set',
    'limits.concurrency=2',
    '--out',
    'out',
  ];
  const { code, stdout } = await patternbench(['run', ...args], { cwd: makeFolder({}) });
  expect(code).toBe(0);
  expect(stdout).toContain('Each variant against itself');
  expect(stdout.replace(/\s+/g, ' ')).toContain('Differences claimed where there are none: 0 of 2');
});

test('a trial that reaches a limit is a result, scripted or not', async () => {
  const { code, summary } = await runNew([...lookup, '--set', 'limits.roundTrips=1']);
  expect(code).toBe(0);
  expect(summary?.results.map(({ status, correct }) => [status, correct])).toEqual([
    ['limit_reached', 0],
    ['limit_reached', 0],
  ]);
});

test('time that is up before any server has started gives every planned trial an outcome, and exit code 3', async () => {
  const scenarios = ['crm-contact-lookup', 'crm-segment-report'];
  const { code, summary, stderr } = await runNew([...scenarios, '--timeout', '0.02s']);
  expect(code).toBe(3);
  expect(summary?.results.map(({ scenario, status }) => [scenario, status])).toEqual(
    scenarios.flatMap((name) => [
      [name, 'infrastructure_error'],
      [name, 'infrastructure_error'],
    ]),
  );
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stderr.trim().split('\n').at(-1)).toBe(
    'Every pattern failed. No trial gave a right answer in: classic (2 not measured); code (2 not measured).',
  );
});
