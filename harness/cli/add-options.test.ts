import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addOptions, askedOf, flagOf, lastingOptions, presetsOf, withBegun } from './add-options.ts';
import type { Verb } from './options.ts';

const silent = { write: () => true };
const io = { cwd: '/here', env: {}, stdout: silent, stderr: silent };
const verbs: Verb[] = ['run', 'sweep', 'gate', 'check', 'pin', 'tools', 'count'];

function parse(verb: Verb, ...args: string[]): Command {
  const command = addOptions(
    new Command(verb).exitOverride().configureOutput({ writeErr: () => {} }),
    verb,
    io,
  );
  return command.action(() => {}).parse(args, { from: 'user' });
}

test.each(verbs)('what is not given to %s has the same value on the command line and without one', (verb) => {
  const needed = verb === 'gate' ? ['--baseline', 'file'] : [];
  const { baseline: _, ...defaults } = parse(verb, ...needed).opts();
  expect(presetsOf(verb, io)).toEqual(defaults);
});

test('values are read as the table says: paths from here, numbers within bounds, one of the choices', () => {
  const { options } = askedOf<'run'>(parse('run', '--out', 'x', '--trials', '3', '--by', 'tokens'));
  const { out, trials, by } = options;
  expect({ out, trials, by }).toEqual({ out: '/here/x', trials: 3, by: 'tokens' });
  expect(() => parse('run', '--trials', '0')).toThrow('whole number from 1');
  expect(() => parse('run', '--by', 'price')).toThrow('Allowed choices');
});

test('a flag with a value may have one that switches it off', () => {
  expect(askedOf<'run'>(parse('run', '--cache', 'warm')).options.cache).toBe('warm');
  expect(askedOf<'run'>(parse('run', '--no-cache')).options.cache).toBe(false);
  expect(askedOf<'run'>(parse('run')).options.cache).toBeUndefined();
});

test('a verb takes its own options alone, and refuses those that do not go together', () => {
  expect(() => parse('check', '--trials', '3')).toThrow('unknown option');
  expect(() => parse('gate')).toThrow('--baseline');
  expect(() => parse('gate', '--baseline', 'f', '--run', 'd', '--out', 'd')).toThrow('cannot be used with');
});

test('of what was begun, the options stay but for those given now', () => {
  const asked = askedOf<'run'>(parse('run', '--seed', '9'));
  const merged = withBegun(asked, { seed: 7, margin: 0.2 });
  expect({ seed: merged.seed, margin: merged.margin, by: merged.by }).toEqual({
    seed: 9,
    margin: 0.2,
    by: 'cost',
  });
});

test('a record keeps what makes a run what it is', () => {
  expect(lastingOptions({ seed: 7, json: true, out: '/x', force: undefined })).toEqual({ seed: 7 });
});

test('an option is named by its flag', () => {
  expect(flagOf('maxRetries')).toBe('--max-retries');
  expect(flagOf('breakEven')).toBe('--no-break-even');
});
