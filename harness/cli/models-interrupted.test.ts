import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readRecord, readSummary } from '../results/run.ts';
import { makeFolder, patternbench } from '../testing/command-line.ts';
import { pingScenario } from '../testing/scenario-files.ts';

const [first, second] = ['claude-sonnet-5', 'claude-haiku-4-5'];
const job = ['run', './ping', '--model', `${first},${second}`, '--trials', '2', '--out', 'out'];
const oneByOne = ['--set', 'limits.concurrency=1'];

/** Interrupts a run as both models once its first trial is told. */
function interrupt(cwd: string, ...more: string[]) {
  return patternbench([...job, ...oneByOne, ...more], { cwd, interruptAt: /classic/ });
}

test('an interrupted run as several models says where it is and how each is resumed', async () => {
  const cwd = makeFolder(pingScenario());
  const { code, stdout, stderr } = await interrupt(cwd);
  expect([code, stdout]).toEqual([130, '']);
  expect(stderr).toContain(`Run directory: ${join(cwd, 'out')}\n`);
  expect(stderr).toMatch(/Interrupted: [1-7] of 8 trials are on disk\./);
  for (const model of [first, second]) {
    expect(stderr).toContain(`Resume it: patternbench run --resume ${join(cwd, 'out', model)}\n`);
  }
  const resumed = await patternbench(['run', '--resume', join('out', second)], { cwd });
  expect(resumed.code).toBe(0);
  const run = join(cwd, 'out', second);
  expect(readSummary(run).status).toBe('complete');
  expect(readRecord(run).playedAs).toBe(first);
  const verified = await patternbench(['audit', 'verify', run]);
  expect(verified.stdout).toContain(`Trials that were played as ${first} have their calls`);
});

test('a log that another model’s run holds is named, and nothing is claimed of its calls', async () => {
  const lookup = ['crm-contact-lookup', '--param', 'contacts=60', '--variants', 'classic'];
  const cwd = makeFolder({});
  await patternbench(['run', ...lookup, '--model', `${first},${second}`, '--out', 'out'], { cwd });
  const verify = (model: string) => patternbench(['audit', 'verify', join('out', model)], { cwd });
  const [played, billed] = [await verify(first), await verify(second)];
  const elsewhere = `Trials that were played as ${first} have their calls in the log of that model's run`;
  const counted = /own counts are the same|counted its calls itself/;
  expect([played.stdout.includes(elsewhere), counted.test(played.stdout)]).toEqual([false, true]);
  expect([billed.stdout.includes(elsewhere), counted.test(billed.stdout)]).toEqual([true, false]);
  expect([played.code, billed.code, billed.stdout]).toEqual([0, 0, expect.stringContaining(' 0 calls.')]);
});

test('a model whose turn had not come is named', async () => {
  const cwd = makeFolder(pingScenario());
  const { code, stderr } = await interrupt(cwd, '--set', 'limits.tokens=1000000');
  expect(code).toBe(130);
  expect(stderr).toContain(`--resume ${join(cwd, 'out', first)}\n`);
  expect(stderr).toContain(`Not begun: ${second}.`);
  expect(stderr).not.toContain(join('out', second));
});
