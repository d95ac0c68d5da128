import type { LatencyProfile } from '../meter/latency.ts';
import type { ModelEntry } from '../model/catalogue.ts';
import type { VariantComparison } from '../run/statistics-schema.ts';
import type { Result } from '../run/summary.ts';
import type { Point } from '../scenario/point.ts';
import { measureCriteria } from './criteria.ts';
import { fillsOfWindow } from './fills-of-window.ts';
import { findFlips, recommend, type Side } from './flips.ts';
import { climb } from './ladder.ts';
import { findMargin } from './margin.ts';
import { totalOf, weightsOf, wholeJob } from './measure.ts';
import { explainDifference } from './mechanism.ts';
import { withSummary } from './sentence.ts';
import { chooseSides } from './sides.ts';
import type { Measure, Verdict } from './verdict-schema.ts';
import { amount, bothRight, failure, percent, times, verbs, right as wasRight } from './wording.ts';

/** The results of a scenario at one set of parameters that a verdict is made from, and by what they are weighed. */
export type VerdictInput = Point & {
  results: Result[];
  /** Declared relative uncertainty of a ratio between two patterns. */
  uncertainty: number;
  /** The same of the count of one request; 0 where a provider counts. */
  requestUncertainty?: number;
  model: ModelEntry;
  profile: LatencyProfile;
  by?: Measure;
  /** Stands for its pattern, whatever others of it were run. */
  reference?: string;
  /** Compares pairs of trials of two variants, where there are several; the interval comes from them. */
  compare?: (reference: string, variant: string) => VariantComparison | undefined;
  /** How often the model must look at results before it can go on. */
  looks?: number;
  predicted?: 'classic' | 'code' | 'either';
};

/**
 * Recommends a pattern for one scenario at one set of parameters: the one that takes less, `either` where they differ by no more than is known, never
 * one that is less often right. A pattern is represented by the reference variant if that was named and is one of its own,
 * else by that of its variants which takes least among those most often right.
 */
export function decide(input: VerdictInput): Verdict {
  const { scenario, params, results, predicted, by = 'cost' } = input;
  const sides = chooseSides(results, by, input.reference);
  const rungs = results.length > 1 ? climb(results, by, input.reference) : undefined;
  const base = {
    scenario,
    params,
    ...(predicted && { predicted }),
    ...(rungs && { by, ladder: rungs }),
  };
  if ('missing' in sides) {
    return {
      ...base,
      pattern: 'insufficient',
      reason: `No variant of the ${sides.missing} pattern was run.`,
    };
  }
  const { classic, code } = sides;
  const named = { ...base, variants: { classic: classic.variant, code: code.variant } };
  const broken = [classic, code].find((result) => result.correct === null);
  if (broken) {
    return {
      ...named,
      pattern: 'insufficient',
      reason: broken.scenarioFault
        ? `The scenario's own code failed in the ${broken.variant} trial, so there is nothing to compare.`
        : `The ${broken.variant} trial failed for reasons of infrastructure, so there is nothing to compare.`,
    };
  }
  const analysis = analyse(classic, code, { ...input, by });
  if (classic.correct === 0 && code.correct === 0) {
    return {
      ...named,
      pattern: 'neither',
      reason: `Neither was right: ${failure(classic)}, ${failure(code)}.`,
      ...analysis?.details,
    };
  }
  const judged = judge(classic, code, analysis, { ...input, by });
  const verdict: Verdict = {
    ...named,
    ...judged,
    reason: `${judged.reason}${doubt(judged.pattern, analysis)}`,
    ...analysis?.details,
  };
  return withSummary(verdict, results);
}

/** That a recommendation is only as good as the local token counts, where the other tokenizer makes another of it. */
function doubt(pattern: Verdict['pattern'], analysis: Analysis | undefined): string {
  const other = analysis?.details.flips?.otherTokenizer;
  const close = analysis?.details.flips?.window?.find(({ hangs }) => hangs);
  if (close) {
    return ` This hangs on how tokens are counted: the largest request of ${close.variant} takes ${percent(close.filled)} of the context window, and its count may be off by ${percent(close.uncertainty)}.`;
  }
  if (!other || other.pattern === pattern) return '';
  return ` This hangs on how tokens are counted: with the ${other.method} it would be ${other.pattern}.`;
}

type Analysis = {
  classic: Side;
  code: Side;
  ratio: number;
  details: Pick<Verdict, 'margin' | 'mechanism' | 'extra' | 'flips' | 'criteria'>;
};

/** Everything that can be computed from two results; undefined where one of them has no value by this measure. */
function analyse(classic: Result, code: Result, input: VerdictInput & { by: Measure }): Analysis | undefined {
  const [left, right] = [toSide(classic, input), toSide(code, input)];
  if (!left || !right || left.value === 0) return undefined;
  const ratio = right.value / left.value;
  const values = { classic: left.value, code: right.value };
  const weights = { classic: left.weights, code: right.weights };
  const outputOf = (side: Side) => side.figures.tokens.output;
  const looked = (side: Side) => side.figures.ledger.filter(({ category }) => category === 'discovery');
  const discovered = (side: Side) =>
    looked(side).reduce(
      (sum, row) => sum + (row.direction === 'output' || row.history === 'new' ? row.tokens : 0),
      0,
    );
  return {
    classic: left,
    code: right,
    ratio,
    details: {
      ...findMargin(classic, code, ratio, input),
      mechanism: explainDifference(left.figures, right.figures, values, weights),
      extra: {
        latencySeconds: (right.figures.latencyMs.modelled - left.figures.latencyMs.modelled) / 1000,
        outputTokens: outputOf(right) - outputOf(left),
        discoveryTokens: discovered(right) - discovered(left),
        programs: code.programs,
        measured: { sandboxMs: code.measured.sandboxMs },
      },
      ...whatFlips(left, right, ratio, input),
      criteria: measureCriteria(classic, code, input.looks ?? 0),
    },
  };
}

function whatFlips(
  classic: Side,
  code: Side,
  ratio: number,
  input: VerdictInput & { by: Measure },
): Pick<Verdict, 'flips'> {
  const [classicRight, codeRight] = [classic.result.correct, code.result.correct];
  // Where none was right, there is nothing to turn.
  if (classicRight === 0 && codeRight === 0) return {};
  const { uncertainty, requestUncertainty = 0, model } = input;
  const both = { classic: classic.result, code: code.result };
  const window = fillsOfWindow({ ...both, ratio, uncertainty, requestUncertainty, model });
  const flips = {
    // Where only one was right, no price turns the verdict.
    ...(classicRight === codeRight && findFlips({ ...input, classic, code, measure: input.by })),
    ...(window.length > 0 && { window }),
  };
  return Object.keys(flips).length > 0 ? { flips } : {};
}

function toSide(result: Result, { by, model, profile }: VerdictInput & { by: Measure }): Side | undefined {
  const figures = wholeJob(result);
  const value = totalOf(figures, by);
  const weights = weightsOf(by, model, profile, figures.tokens.context);
  return value === null || !weights ? undefined : { result, figures, value, weights };
}

function judge(
  classic: Result,
  code: Result,
  analysis: Analysis | undefined,
  input: VerdictInput & { by: Measure },
): Pick<Verdict, 'pattern' | 'reason' | 'costRatio'> {
  const { by } = input;
  const [classicRight, codeRight] = [classic.correct ?? 0, code.correct ?? 0];
  if (classicRight !== codeRight) {
    const [right, wrong] = classicRight > codeRight ? [classic, code] : [code, classic];
    const whole = wrong.hypothetical && totalOf(wrong.hypothetical, by);
    const own = totalOf(right, by);
    const bill =
      whole && own
        ? `; without a window it would have come to ${amount(whole, by)} against ${amount(own, by)}`
        : '';
    return {
      pattern: right.pattern as 'classic' | 'code',
      reason: `Use ${right.variant}: it ${wasRight(right)}, while ${failure(wrong)}${bill}.`,
    };
  }
  if (!analysis) return { pattern: 'insufficient', reason: `${classic.model} has no known price.` };
  const [cheap, dear] =
    analysis.ratio >= 1 ? [analysis.classic, analysis.code] : [analysis.code, analysis.classic];
  const ratio = dear.value / cheap.value;
  const figures = `${amount(cheap.value, by)} against ${amount(dear.value, by)} ${verbs[by].noun}, ${show(cheap.figures.roundTrips)} against ${show(dear.figures.roundTrips)} round trips`;
  const costRatio = Math.round(ratio * 1000) / 1000;
  const pattern = recommend(analysis.ratio, input.uncertainty);
  if (pattern === 'either') {
    return {
      pattern,
      reason: `Either: ${cheap.result.variant} and ${dear.result.variant} differ by less than the estimate's uncertainty (${figures}).`,
      costRatio,
    };
  }
  return {
    pattern,
    reason: `Use ${cheap.result.variant}: ${dear.result.variant} ${verbs[by].takes} ${times(ratio)} as much (${figures}); ${bothRight(classic, code)}.`,
    costRatio,
  };
}

function show(count: number): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: 1 });
}
