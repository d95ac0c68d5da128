import { deriveSeed } from '../seed.ts';
import { bootstrapDifference } from '../stats/bootstrap.ts';
import { costPerCorrect } from '../stats/cost-per-correct.ts';
import { enough } from '../stats/enough.ts';
import { passAtK, passHatK } from '../stats/pass.ts';
import { estimateShare } from '../stats/share.ts';
import { measuredOf, type TrialResult } from './aggregate.ts';
import type { Statistics } from './statistics-schema.ts';

/** Half the width to which a share of correct trials should be known. */
const shareHalfWidth = 0.1;

/** Numbers of attempts that pass@k and pass^k are told for, as far as there are trials. */
const attempts = [1, 2, 3, 5, 10, 20, 50, 100];

/** What several trials say beyond their means. `seed` is the run's: the same trials give the same intervals. */
export function summariseTrials(trials: readonly TrialResult[], seed: number): Statistics {
  const results = measuredOf(trials.map(({ result }) => result));
  const n = results.length;
  const right = results.filter((result) => result.correct === 1).length;
  const sampling = (figure: string) => ({ seed: deriveSeed(seed, 'bootstrap', figure) });
  const mean = (figure: string, values: number[]) =>
    // A mean is a mean difference from nothing.
    bootstrapDifference(
      values,
      values.map(() => 0),
      sampling(figure),
    );
  const costs = results.flatMap(({ costUsd, correct }) =>
    costUsd ? [{ costUsd: costUsd.cached, correct: correct === 1 }] : [],
  );
  const share = enough({ correct: right, trials: n, halfWidth: shareHalfWidth });
  return {
    n,
    correct: estimateShare(right, n),
    enough: {
      halfWidth: shareHalfWidth,
      status: share.status,
      needed: share.status === 'enough' ? null : share.needed,
    },
    pass: attempts
      .filter((k) => k <= n)
      .map((k) => ({ k, atLeastOne: passAtK(right, n, k) ?? 0, all: passHatK(right, n, k) ?? 0 })),
    billedTokens: mean(
      'billed',
      results.map(({ tokens }) => tokens.billed),
    ),
    roundTrips: mean(
      'round trips',
      results.map(({ roundTrips }) => roundTrips),
    ),
    toolCalls: mean(
      'tool calls',
      results.map(({ toolCalls }) => toolCalls),
    ),
    ...(costs.length === n && {
      costUsd: mean(
        'cost',
        costs.map(({ costUsd }) => costUsd),
      ),
      costPerCorrectUsd: costPerCorrect(costs, sampling('cost per correct')),
    }),
  };
}
