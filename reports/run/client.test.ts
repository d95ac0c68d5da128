import { expect, test } from 'vitest';
import { describeClient, findClient } from '../../harness/meter/clients.ts';
import type { Summary } from '../../harness/results/summary.ts';
import type { Verdict } from '../../harness/results/verdict.ts';
import { trialResult } from '../../harness/run/testing/trial-result.ts';
import { verdictOf } from '../../harness/run/testing/verdict.ts';
import { reportClient } from './client.ts';

/** What is reported where direct calls and code cost so much in the client, with so many results in files. */
function report(
  classic: { costUsd: number | null; toFile?: number },
  code: { costUsd: number | null; toFile?: number },
  pattern: Verdict['pattern'] = 'code',
) {
  const result = (variant: string, side: 'classic' | 'code', { costUsd, toFile = 0 }: typeof classic) =>
    trialResult(1, {
      variant,
      pattern: side,
      client: {
        ...{ roundTrips: 3, billed: 60_000, costUsd, modelledMs: 7_500, largestRequest: 25_000 },
        spilled: { results: toFile, tokens: 30_000 * toFile },
      },
    }).result;
  const results = [
    trialResult(1, { variant: 'classic' }).result,
    result('classic-search', 'classic', classic),
    result('code', 'code', code),
  ];
  const summary = { results, verdicts: [verdictOf(pattern)] } as unknown as Summary;
  return reportClient(summary, describeClient(findClient('claude-code')), (text) => text);
}

test('has a row for each variant that was billed so, and a source and date for each fact', () => {
  const { heading, figures, facts } = report({ costUsd: 0.3 }, { costUsd: 0.1 });
  expect(heading).toContain('claude-code');
  expect(figures.rows.map(([, variant]) => variant)).toEqual(['classic-search', 'code']);
  expect(facts.length).toBeGreaterThan(0);
  for (const fact of facts) expect(fact).toMatch(/ \(\S+\/.*, \d{4}-\d\d-\d\d\)\.$/);
});

test.each([
  [
    'the cheaper side',
    [{ costUsd: 0.3 }, { costUsd: 0.1 }],
    'scene: code costs less; classic-search costs 3.0 times as much.',
  ],
  ['the verdict where it is another', [{ costUsd: 0.1 }, { costUsd: 0.3 }], 'The verdict above is code'],
  ['what is too close to call', [{ costUsd: 0.105 }, { costUsd: 0.1 }], 'scene: too close to call;'],
  ['that there is no price', [{ costUsd: null }, { costUsd: 0.1 }], 'both patterns are needed, with prices'],
  [
    'a lower bound where results of the dearer side go to a file',
    [{ costUsd: 0.3, toFile: 1 }, { costUsd: 0.1 }],
    'costs at least 3.0 times as much. The work needs what classic-search has in a file (1 result); how it is read back is not known.',
  ],
  [
    'nothing about a side that is cheaper only without what went to a file',
    [{ costUsd: 0.1, toFile: 2 }, { costUsd: 0.3 }],
    'scene: not known which costs less. The work needs what classic-search has in a file (2 results)',
  ],
] as const)('says %s', (_, [classic, code], words) => {
  expect(report(classic, code).rulings[0]).toContain(words);
});

test('marks the figures of a side whose results go to a file as lower bounds', () => {
  const [classic, code] = report({ costUsd: 0.3, toFile: 1 }, { costUsd: 0.1 }).figures.rows;
  expect(classic?.slice(3)).toEqual(['≥ 60,000', '≥ $0.300', '≥ 7.5 s', '1 result']);
  expect(code?.slice(3)).toEqual(['60,000', '$0.100', '7.5 s', '0']);
});
