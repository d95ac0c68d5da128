import { expect, test } from 'vitest';
import { makeFolder, patternbench } from '../testing/command-line.ts';

test('a run is also billed as a client would send it: with its own prompt, names, caps and calls a message', async () => {
  const cwd = makeFolder({});
  const { code, stdout } = await patternbench(
    [
      ...['run', 'crm-top-customers', '--param', 'contacts=200', '--variants', 'classic,classic-search,code'],
      ...['--set', 'client=claude-code', '--set', 'verdict.sizes=false', '--out', 'run', '--json'],
    ],
    { cwd },
  );
  expect(code).toBe(0);
  const { client, results } = JSON.parse(stdout);
  expect(client).toMatchObject({ name: 'claude-code', classicVariant: 'classic-search' });
  const [classic, search, program] = results;
  // All definitions up front are not what this client does.
  expect(classic.client).toBeUndefined();
  // Two calls a message on average, not ten; and one list of 200 contacts is longer than 50,000 characters.
  expect(search.client.roundTrips).toBeGreaterThan(3 * search.roundTrips);
  expect(search.client.spilled.results).toBe(1);
  expect(program.client.spilled.results).toBe(0);
  expect(program.client.largestRequest).toBeGreaterThan(19_500 + program.tokens.input / program.roundTrips);
  const { stdout: text } = await patternbench(['report', 'run', '--md', '-'], { cwd });
  expect(text).toContain('## As claude-code would send it');
  const { stdout: page } = await patternbench(['report', 'run', '--html', '-'], { cwd });
  expect(page).toContain('As claude-code would send it');
});
