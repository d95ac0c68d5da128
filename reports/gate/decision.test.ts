import { expect, test } from 'vitest';
import type { Decision } from '../../harness/analysis/gate/gate.ts';
import { toDecisionMarkdown, toDecisionText, toGithub, toJunit, toVerboseText } from './decision.ts';

const finding = {
  check: 'billedTokens',
  scenario: 'lookup',
  params: 'q=<a>&"b"',
  variant: 'classic',
  before: 10,
  after: 20,
  trials: null,
  level: 'error',
} as const;

/** A failed decision whose texts try to leave the place they are printed at. */
const failed: Decision = {
  outcome: 'fail',
  title: 'Gate failed',
  message: '3 of 3 results compared.',
  problems: [
    {
      level: 'error',
      title: 'lookup: tokens, rose',
      message: '100 %\n::error::injected ]]> <b>|x|</b> \u0007',
    },
    { level: 'warn', title: 'unsure', message: 'too few' },
  ],
  findings: [
    { ...finding, status: 'pass', message: 'billed tokens 10 → 10' },
    { ...finding, status: 'breach', message: 'billed tokens 10 → 20' },
  ],
  next: 'Accept it:\n  patternbench gate --update',
};

const passed: Decision = { ...failed, outcome: 'pass', title: 'Gate passed', problems: [], next: null };

test('a pass is one line at a terminal', () => {
  expect(toDecisionText(passed)).toBe('Gate passed: 3 of 3 results compared.\n');
});

test('at a terminal, problems come with their message, and what to do comes last', () => {
  const text = toDecisionText(failed);
  expect(text).toContain('\n\nWarning: unsure\n  too few\n\nAccept it:\n  patternbench gate --update\n');
  expect(text).toContain('\\u{7}');
  expect(text).not.toContain('10 → 20');
  expect(toVerboseText(failed)).toContain(
    '  breach (error)  lookup (q=<a>&"b") / classic: billed tokens 10 → 20\n',
  );
});

test('GitHub annotations come worst first, and text cannot begin a command of its own', () => {
  expect(toGithub(failed).split('\n')).toEqual([
    '::notice title=Gate failed::3 of 3 results compared.%0AAccept it:%0A  patternbench gate --update',
    '::error title=lookup%3A tokens%2C rose::100 %25%0A::error::injected ]]> <b>|x|</b> \\u{7}',
    '::warning title=unsure::too few',
    '',
  ]);
});

test('JUnit has a failure for an error, a skipped case for a warning, and is XML with any text', () => {
  const xml = toJunit(failed);
  expect(xml).toContain('<testsuites tests="3" failures="1" errors="0" skipped="1">');
  expect(xml).toContain('<failure message="lookup: tokens, rose">');
  expect(xml).toContain('::error::injected ]]&gt; &lt;b&gt;|x|&lt;/b&gt; \ufffd');
  expect(xml).toContain('name="q=&lt;a&gt;&amp;&quot;b&quot; · classic · billedTokens"/>');
});

test('JUnit reports an incomplete run as an error, not as a failure', () => {
  const xml = toJunit({ ...failed, outcome: 'incomplete', problems: [], findings: [] });
  expect(xml).toContain('tests="1" failures="0" errors="1"');
  expect(xml).toContain('<error message="Gate failed">');
});

test('Markdown keeps texts on their line and without markup', () => {
  const text = toDecisionMarkdown(failed);
  expect(text).toContain(
    '- **Error: lookup: tokens, rose.** 100 % ::error::injected \\]\\]\\> \\<b\\>\\|x\\|\\</b\\>',
  );
  expect(text.indexOf('Error: lookup')).toBeLessThan(text.indexOf('Warning: unsure'));
});
