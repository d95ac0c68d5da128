import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder, patternbench } from '../testing/command-line.ts';
import { testKey } from '../testing/live-run.ts';
import { agent } from '../testing/messages-api/agent.ts';
import { startMessagesApi } from '../testing/messages-api/server.ts';
import { pingScenario } from '../testing/scenario-files.ts';

test('what a live run leaves in doubt is decided by fresh trials, which the gate runs or is given', async () => {
  /** Whether the next trials answer rightly, in the order in which they end. */
  const right: boolean[] = [];
  const next = (...shares: [right: number, of: number][]) =>
    right.push(...shares.flatMap(([rights, of]) => Array.from({ length: of }, (_, at) => at < rights)));
  await using api = await startMessagesApi(
    agent({
      tool: 'server__ping',
      path: '/server/ping',
      program: () => '',
      answer: () => (right.shift() ? '"pong"' : '"ping"'),
    }),
  );
  const folder = makeFolder(pingScenario());
  const env = { ANTHROPIC_API_KEY: testKey, CI: 'true' };
  const inFolder = (...args: string[]) => patternbench(args, { cwd: folder, env });
  const asking = ['--set', `provider.baseUrl=${api.url}`, '--max-cost', '5'];
  const run = (trials: number, out: string) =>
    inFolder(
      ...['run', './ping', '--model', 'anthropic:claude-sonnet-5', '--variants', 'classic', ...asking],
      ...['--cassettes', 'off', '--trials', String(trials), '--out', out],
    );
  const save = () => inFolder('gate', '--update', '--run', 'first', '--baseline', 'b.json');

  next([2, 2]);
  await run(2, 'few');
  const refused = await inFolder('gate', '--update', '--run', 'few', '--baseline', 'b.json');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain(
    'ping / classic: 2 of 2 right. To stop a fall to none, it takes 3 trials.',
  );
  expect(existsSync(join(folder, 'b.json'))).toBe(false);

  next([5, 5]);
  expect((await run(5, 'first')).code).toBe(0);
  expect((await save()).code).toBe(0);

  next([2, 5], [0, 5]);
  const stopped = await inFolder('gate', '--baseline', 'b.json', '--out', 'worse', ...asking);
  expect(stopped.stderr).toContain('In doubt: ping. A fresh sample decides.');
  expect(stopped.stdout).toContain('correctness 5/5 → 2/5');
  expect(stopped.stdout).toContain('fresh sample: 5/5 → 0/5');
  expect(stopped.code).toBe(1);
  // Repeats of their own, so that no seed of the first sample comes back.
  const repeats = readdirSync(join(folder, 'worse-fresh/trials/ping/classic')).filter((name) =>
    /^\d+\.jsonl$/.test(name),
  );
  expect(repeats.sort()).toEqual(['10.jsonl', '6.jsonl', '7.jsonl', '8.jsonl', '9.jsonl']);

  // The same run and its fresh trials as directories; then other fresh trials.
  const given = ['gate', '--run', 'worse', '--baseline', 'b.json'];
  const undecided = await inFolder(...given);
  expect(undecided.code).toBe(0);
  expect(undecided.stdout).toContain('Warning: ping: correctness may be worse in classic');
  expect(undecided.stdout).toContain(
    '  patternbench run ./ping --model anthropic:claude-sonnet-5 --trials 5 --out fresh\n  patternbench gate --run worse --fresh fresh --baseline b.json\n',
  );
  expect((await inFolder(...given, '--fresh', 'worse-fresh')).code).toBe(1);
  expect((await inFolder(...given, '--fresh', 'first')).code).toBe(0);
  expect((await inFolder(...given, '--fresh', 'worse')).code).toBe(2);
});
