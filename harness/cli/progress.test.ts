import { expect, test } from 'vitest';
import { findVariant } from '../agent/variants.ts';
import { findModel } from '../meter/catalogue.ts';
import type { Trial } from '../run/plan.ts';
import { trialResult } from '../run/testing/trial-result.ts';
import { showProgress } from './progress.ts';

function stream(isTTY: boolean, env: NodeJS.ProcessEnv = {}) {
  const written: string[] = [];
  const stderr = { isTTY, columns: 200, write: (text: string) => written.push(text) };
  return { target: { stderr, env }, written };
}

const trial = (variant: string, repeat = 1): Trial => ({
  scenario: { name: 'scene' } as Trial['scenario'],
  params: {},
  variant: findVariant(variant),
  model: findModel('claude-sonnet-5'),
  repeat,
  dataSeed: 1,
  servers: {} as Trial['servers'],
  seed: 1,
});

/** What a terminal shows in the end: each rewrite clears the line before it. */
const screenAfter = (written: string[]) =>
  written
    .join('')
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf('\x1b[J') + 1).replace('[J', ''))
    .join('\n');

test('a terminal shows what is running and done, and what is left in time and money', () => {
  const { target, written } = stream(true);
  let clock = 0;
  const { show } = showProgress(target, { models: { plannedEvidence: 'live' }, maxCostUsd: 5 }, () => clock);
  show({ type: 'trial_started', number: 1, of: 4, trial: trial('classic') });
  show({ type: 'trial_started', number: 2, of: 4, trial: trial('code', 2) });
  clock = 10_000;
  show({ type: 'round_trip', number: 2, roundTrip: 3, inputTokens: 1234, spentUsd: 0.25 });
  expect(screenAfter(written)).toBe(
    '0 of 4 trials · $0.250 of $5 · scene · classic, scene · code #2 (3: 1,234 tokens)',
  );
  const { result } = trialResult(1);
  show({ type: 'trial_ended', number: 1, of: 4, trial: trial('classic'), result, spentUsd: 0.3 });
  expect(screenAfter(written)).toContain('1 of 4 trials · about 30 s left · $0.300 of $5');
});

test('a terminal that tells no size is taken to have 80 columns', () => {
  const { target, written } = stream(true);
  const { show, end } = showProgress({ ...target, stderr: { ...target.stderr, columns: 0 } });
  show({ type: 'trial_started', number: 1, of: 1, trial: trial('classic') });
  expect(screenAfter(written)).toBe('0 of 1 trials · scene · classic');
  end();
  // No line is gone up to.
  expect(
    written
      .join('')
      .split('\x1b')
      .filter((code) => code.endsWith('A\r')),
  ).toEqual([]);
});

test('a terminal keeps warnings and nothing else, and shows no money where none is spent', () => {
  const { target, written } = stream(true);
  const { show, end } = showProgress(target);
  const { result } = trialResult(1);
  show({ type: 'trial_started', number: 1, of: 1, trial: trial('classic') });
  expect(screenAfter(written)).not.toContain('$');
  show({ type: 'warning', message: 'Mind the gap.' });
  show({ type: 'trial_ended', number: 1, of: 1, trial: trial('classic'), result, spentUsd: 0 });
  end();
  expect(screenAfter(written)).toBe('Warning: Mind the gap.\n');
});

test('elsewhere each trial is a line, with the reason where infrastructure ended it', () => {
  const { target, written } = stream(false);
  const { show } = showProgress(target);
  const { result } = trialResult(1, { status: 'infrastructure_error', correct: null, reason: 'It crashed.' });
  show({ type: 'trial_started', number: 1, of: 1, trial: trial('classic') });
  show({ type: 'trial_ended', number: 1, of: 1, trial: trial('classic'), result, spentUsd: 0 });
  expect(written).toHaveLength(1);
  expect(written[0]).toContain('[1/1] scene · classic: infrastructure error (It crashed.), 2 round trips');
});

test('text of servers neither steers the terminal nor fills it', () => {
  const { target, written } = stream(false);
  const { show } = showProgress(target);
  const hostile = `\u001b]0;owned\u0007\u001b[2J\u202e${'x'.repeat(50_000)}`;
  const { result } = trialResult(1, { status: 'infrastructure_error', correct: null, reason: hostile });
  show({ type: 'warning', message: hostile });
  show({ type: 'ended_early', reason: hostile });
  show({ type: 'trial_ended', number: 1, of: 1, trial: trial('classic'), result, spentUsd: 0 });
  expect(written).toHaveLength(3);
  for (const line of written) {
    expect(line).toContain('\\u{1b}]0;owned\\u{7}\\u{1b}[2J\\u{202e}xxx');
    expect(line).toContain('characters in all');
    expect(line.length).toBeLessThan(2_200);
  }
});

test('a terminal that cannot rewrite a line gets a line for each trial', () => {
  const { target, written } = stream(true, { TERM: 'dumb' });
  const { show, end } = showProgress(target);
  const { result } = trialResult(1);
  show({ type: 'trial_started', number: 1, of: 1, trial: trial('classic') });
  show({ type: 'trial_ended', number: 1, of: 1, trial: trial('classic'), result, spentUsd: 0 });
  end();
  expect(written).toHaveLength(1);
  expect(written[0]).toMatch(/^\[1\/1\] scene · classic: correct.*\n$/);
  expect(written[0]).not.toContain('\x1b');
});

test('the line leaves room for a typed Ctrl-C, and takes all its rows with it once the terminal is narrower', () => {
  const { target, written } = stream(true);
  target.stderr.columns = 40;
  const { show, end } = showProgress(target);
  show({ type: 'trial_started', number: 1, of: 1, trial: trial('classic-as-written') });
  expect(screenAfter(written)).toHaveLength(37);
  target.stderr.columns = 15;
  end();
  expect(written.at(-1)).toBe('\x1b[2A\r\x1b[J');
});
