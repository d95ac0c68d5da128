import { beforeAll, expect, test } from 'vitest';
import { type WorkflowRun, workflow } from './vitest.ts';

const args = ['--param', 'contacts=20', '--variants', 'classic,code', '--set', 'verdict.sizes=false'];
let run: WorkflowRun;
beforeAll(async () => {
  run = await workflow('crm-contact-lookup', { args });
});

test('a workflow stays under a budget and prefers a pattern, as its run says', () => {
  const { tokens, roundTrips, costUsd } = run.result('classic');
  expect(run.verdict.pattern).toBe('classic');
  expect(run).toPrefer('classic');
  expect(run).not.toPrefer('code');
  expect(run).toStayUnder({ billed: tokens.billed, context: tokens.context, roundTrips });
  expect(run).not.toStayUnder({ billed: tokens.billed - 1 });
  expect(run).not.toStayUnder({ costUsd: (costUsd?.cached ?? 0) / 2 });
});

test('a budget is for the recommended variant, for one that is named, or for both where none is recommended', () => {
  const budget = { billed: run.result('classic').tokens.billed };
  expect(run).not.toStayUnder(budget, 'code');
  expect({ ...run, verdict: { ...run.verdict, pattern: 'either' } }).not.toStayUnder(budget);
  expect(() => expect(run).toStayUnder(budget, 'hybrid')).toThrow('Its variants are classic, code.');
});

test('a failure names variant, figure and budget, and the verdict with its reasons', () => {
  expect(() => expect(run).toStayUnder({ billed: 10 })).toThrow(
    /crm-contact-lookup \/ classic: billed is \d+, over the budget of 10/,
  );
  expect(() => expect(run).toPrefer('code')).toThrow(run.verdict.reason);
});

test('what gave no right answer stays under no budget, however little it took', () => {
  const wrong = { ...run.result('classic'), correct: 0, reason: 'the answer is wrong' };
  const result = () => wrong;
  expect(() => expect({ ...run, result }).toStayUnder({ billed: 1e9 })).toThrow(
    'no right answer: the answer is wrong',
  );
  const unpriced = { ...run.result('classic'), costUsd: null };
  expect(() => expect({ ...run, result: () => unpriced }).toStayUnder({ costUsd: 1 })).toThrow(
    'costUsd is unknown',
  );
});

test('a budget without a figure that is known is wrong usage', () => {
  expect(() => expect(run).toStayUnder({})).toThrow('It may have billed, context, costUsd');
});
