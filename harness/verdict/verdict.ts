import type { Result, Verdict } from '../run/summary.ts';

/** The scenario's results that a verdict is made from, and what its author expected beforehand. */
export type VerdictInput = {
  scenario: string;
  results: Result[];
  /** Declared relative uncertainty of a ratio between two patterns. */
  uncertainty: number;
  predicted?: 'classic' | 'code' | 'either';
};

/**
 * Recommends a pattern for one scenario by cost with caching; `either` where the two differ by no more than the declared
 * uncertainty. A cheaper pattern that is less often right is never recommended.
 */
export function decide(input: VerdictInput): Verdict {
  const { scenario, results, predicted } = input;
  const prediction = predicted === undefined ? {} : { predicted };
  const classic = results.find((result) => result.pattern === 'classic');
  const code = results.find((result) => result.pattern === 'code');
  if (!classic || !code) {
    const missing = classic ? 'code' : 'classic';
    return {
      scenario,
      pattern: 'insufficient',
      reason: `No variant of the ${missing} pattern was run.`,
      ...prediction,
    };
  }
  const variants = { variants: { classic: classic.variant, code: code.variant }, ...prediction };
  const broken = [classic, code].find((result) => result.correct === null);
  if (broken) {
    return {
      scenario,
      pattern: 'insufficient',
      reason: `The ${broken.variant} trial failed for reasons of infrastructure, so there is nothing to compare.`,
      ...variants,
    };
  }
  const [classicRight, codeRight] = [classic.correct ?? 0, code.correct ?? 0];
  if (classicRight === 0 && codeRight === 0) {
    return {
      scenario,
      pattern: 'neither',
      reason: `Neither was right: ${failure(classic)}, ${failure(code)}.`,
      ...variants,
    };
  }
  if (classicRight !== codeRight) {
    const [right, wrong] = classicRight > codeRight ? [classic, code] : [code, classic];
    const whole = wrong.hypothetical?.costUsd;
    const bill =
      whole && right.costUsd
        ? `; without a window it would have cost ${usd(whole.cached)} against ${usd(right.costUsd.cached)}`
        : '';
    return {
      scenario,
      pattern: right.pattern,
      reason: `Use ${right.variant}: it was right, while ${failure(wrong)}${bill}.`,
      ...variants,
    };
  }
  if (!classic.costUsd || !code.costUsd) {
    return { scenario, pattern: 'insufficient', reason: `${classic.model} has no known price.`, ...variants };
  }
  const [cheap, dear] = classic.costUsd.cached <= code.costUsd.cached ? [classic, code] : [code, classic];
  const ratio = (dear.costUsd?.cached ?? 0) / (cheap.costUsd?.cached ?? 1);
  const figures = `${usd(cheap.costUsd?.cached ?? 0)} against ${usd(dear.costUsd?.cached ?? 0)} with caching, ${cheap.roundTrips} against ${dear.roundTrips} round trips`;
  if (ratio <= 1 + input.uncertainty) {
    return {
      scenario,
      pattern: 'either',
      reason: `Either: ${cheap.variant} and ${dear.variant} differ by less than the estimate's uncertainty (${figures}).`,
      costRatio: round(ratio),
      ...variants,
    };
  }
  return {
    scenario,
    pattern: cheap.pattern,
    reason: `Use ${cheap.variant}: ${dear.variant} costs ${times(ratio)} as much (${figures}); both were right.`,
    costRatio: round(ratio),
    ...variants,
  };
}

function failure(result: Result): string {
  switch (result.status) {
    case 'context_overflow':
      return `${result.variant} did not fit the context window`;
    case 'completed':
      return `${result.variant} answered wrongly`;
    case 'limit_reached':
      return `${result.variant} ran into a limit`;
    default:
      return `${result.variant} did not finish`;
  }
}

function usd(amount: number): string {
  return `$${amount < 0.1 ? amount.toFixed(4) : amount.toFixed(2)}`;
}

function times(ratio: number): string {
  return ratio < 10 ? `${ratio.toFixed(1)} times` : `${Math.round(ratio)} times`;
}

function round(ratio: number): number {
  return Math.round(ratio * 1000) / 1000;
}
