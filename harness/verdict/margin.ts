import type { Result } from '../run/summary.ts';
import type { VerdictInput } from './verdict.ts';
import type { Measure, Verdict } from './verdict-schema.ts';

/**
 * How far the ratio of code to classic is known. A perfect scripted model does not vary, so what is uncertain is the local
 * token count: ratio/(1 + u) to ratio·(1 + u). Anything else varies from trial to trial, and the interval is that of its
 * pairs; where they give none, there is no margin.
 */
export function findMargin(
  classic: Result,
  code: Result,
  ratio: number,
  input: Pick<VerdictInput, 'compare' | 'uncertainty'> & { by: Measure },
): Pick<Verdict, 'margin'> {
  const isComputed = classic.evidence === 'scripted' && !classic.imperfections;
  if (isComputed) {
    const spread = 1 + input.uncertainty;
    return {
      margin: {
        ratio: round(ratio),
        low: round(ratio / spread),
        high: round(ratio * spread),
        basis: 'declared',
      },
    };
  }
  const comparison = input.compare?.(classic.variant, code.variant);
  const figure = { cost: comparison?.costUsd, tokens: comparison?.billedTokens, latency: undefined }[
    input.by
  ];
  const estimate = figure?.ratio;
  if (estimate?.status !== 'interval') return {};
  const { value, low, high } = estimate;
  return { margin: { ratio: round(value), low: round(low), high: round(high), basis: 'sampled' } };
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
