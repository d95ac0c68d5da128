import { expect, test } from 'vitest';
import type { Decision } from '../harness/gate/decision.ts';
import { toDecisionMarkdown } from './decision.ts';
import { toGithub } from './github.ts';
import { toJunit } from './junit.ts';

const finding = {
  check: 'billedTokens',
  scenario: 'lookup',
  params: 'q=<a>&"b"',
  variant: 'classic',
  before: 10,
  after: 20,
} as const;

/** A failed decision whose texts try to leave the place they are printed at. */
const decision: Decision = {
  outcome: 'fail',
  title: 'Gate failed',
  message: '3 of 3 results were compared.',
  findings: [
    { ...finding, status: 'pass', level: 'error', title: 'fine', message: 'fine' },
    { ...finding, status: 'undecided', level: 'warn', title: 'unsure', message: 'too few' },
    {
      ...finding,
      status: 'breach',
      level: 'error',
      title: 'lookup: tokens, rose',
      message: '100 %\n::error::injected ]]> <b>|x|</b> \u0007',
    },
  ],
};

test('GitHub annotations come worst first, and text cannot begin a command of its own', () => {
  expect(toGithub(decision).split('\n')).toEqual([
    '::notice title=Gate failed::3 of 3 results were compared.',
    '::error title=lookup%3A tokens%2C rose::100 %25%0A::error::injected ]]> <b>|x|</b> \\u{7}',
    '::warning title=unsure::too few',
    '',
  ]);
});

test('JUnit has a failure for an error, a skipped case for a warning, and is XML whatever texts hold', () => {
  const xml = toJunit(decision);
  expect(xml).toContain('<testsuites tests="3" failures="1" errors="0" skipped="1">');
  expect(xml).toContain('<failure type="breach" message="lookup: tokens, rose">');
  expect(xml).toContain('::error::injected ]]&gt; &lt;b&gt;|x|&lt;/b&gt; \ufffd');
  expect(xml).toContain('name="q=&lt;a&gt;&amp;&quot;b&quot; · classic · billedTokens"/>');
});

test('JUnit reports an incomplete run as an error, not as a failure', () => {
  const xml = toJunit({ ...decision, outcome: 'incomplete', findings: [] });
  expect(xml).toContain('tests="1" failures="0" errors="1"');
  expect(xml).toContain('<error message="Gate failed">');
});

test('Markdown keeps texts on their line and without markup', () => {
  const text = toDecisionMarkdown(decision);
  expect(text).toContain(
    '- **Error: lookup: tokens, rose.** 100 % ::error::injected \\]\\]\\> \\<b\\>\\|x\\|\\</b\\>',
  );
  expect(text.indexOf('Error: lookup')).toBeLessThan(text.indexOf('Warning: unsure'));
});
