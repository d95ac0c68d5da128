import type { LatencyProfile } from '../meter/latency.ts';
import type { ModelEntry } from '../model/catalogue.ts';
import type { Result } from '../run/summary.ts';
import type { Point } from '../scenario/point.ts';
import { compareResults, type Group } from './compare-results.ts';
import { defaultPolicy } from './comparison.ts';
import { measureCriteria } from './criteria.ts';
import { decide } from './decide.ts';
import { fillsOfWindow } from './fills-of-window.ts';
import { findFlips, type Side } from './flips.ts';
import { climb } from './ladder.ts';
import { totalOf, weightsOf, wholeJob } from './measure.ts';
import { explainDifference } from './mechanism.ts';
import type { Decision, Measure, Ratio, UnequalCall, Verdict } from './verdict-schema.ts';

/** The variants of a scenario at one set of parameters that a verdict is made from, and by what they are weighed. */
export type VerdictInput = Point & {
  /** Each variant with its trials. A variant with trials of two kinds of evidence is in it twice. */
  groups: readonly Group[];
  /** Declared relative uncertainty of a ratio between two patterns. */
  uncertainty: number;
  /** The same of the count of one request; 0 where a provider counts. */
  requestUncertainty?: number;
  /** Ratios from 1/(1 + margin) to 1 + margin are no difference that matters. */
  margin?: number;
  model: ModelEntry;
  profile: LatencyProfile;
  by?: Measure;
  /** What the ladder is compared with; it never changes what is recommended. */
  reference?: string;
  /** Calls that gave different results in trials of this scenario, so that these did not do the same work. */
  unequalWork?: readonly UnequalCall[];
  /** How often the model must look at results before it can go on. */
  looks?: number;
  predicted?: 'classic' | 'code' | 'either';
};

/** A verdict that is still without words. */
export type WordlessVerdict = Omit<Verdict, 'reason'>;

/** Puts a verdict into words; `results` are those that it was made from. */
export type SayVerdict = (verdict: WordlessVerdict, results: readonly Result[]) => string;

/**
 * The verdict on one scenario at one set of parameters: the decision between its variants, with what explains it and what would
 * change it. Its words are the caller's.
 */
export function makeVerdict(input: VerdictInput): WordlessVerdict {
  const { scenario, params, groups, predicted, by = 'cost', uncertainty, unequalWork } = input;
  const results = groups.map(({ result }) => result);
  const policy = { ...defaultPolicy, ...(input.margin !== undefined && { margin: input.margin }) };
  const comparison = compareResults(groups, { by, uncertainty, ...(unequalWork && { unequalWork }) });
  const decision = decide(comparison, policy);
  const rungs = results.length > 1 ? climb(results, by, input.reference) : undefined;
  const { margin, floor, gap } = policy;
  return {
    scenario,
    params,
    ...(predicted && { predicted }),
    by,
    basis: comparison.evidence === 'computed' ? 'computed' : 'sampled',
    policy: { margin, floor, gap },
    ...rounded(decision),
    ...(rungs && { ladder: rungs }),
    ...detailsOf(decision, results, { ...input, by, margin }),
  };
}

/** Figures with as many digits as mean something, so that they are written alike on every machine. */
function rounded(decision: Decision): Decision {
  const round = (value: number) => Number(value.toPrecision(6));
  const orNull = (value: number | null) => (value === null ? null : round(value));
  const ratioOf = ({ value, low, high }: Ratio) => ({
    value: round(value),
    low: round(low),
    high: round(high),
  });
  const side = (figures: Decision['sides']['code']) =>
    figures && {
      ...figures,
      value: orNull(figures.value),
      share: round(figures.share),
      perRight: orNull(figures.perRight),
    };
  const likely = <T extends { probability: number }>(doubt: T): T => ({
    ...doubt,
    probability: round(doubt.probability),
  });
  const { classic, code } = decision.sides;
  return {
    ...decision,
    because: 'probability' in decision.because ? likely(decision.because) : decision.because,
    sides: { ...(classic && { classic: side(classic) }), ...(code && { code: side(code) }) },
    ratio: decision.ratio && ratioOf(decision.ratio),
    caveats: decision.caveats.map(likely),
  };
}

function detailsOf(decision: Decision, results: readonly Result[], input: AnalysisInput): Analysis {
  const [classic, code] = [decision.sides.classic, decision.sides.code].map((side) =>
    results.find(({ variant }) => variant === side?.name),
  );
  return classic && code ? analyse(classic, code, input) : {};
}

type AnalysisInput = Omit<VerdictInput, 'groups'> & { by: Measure; margin: number };
type Analysis = Pick<Verdict, 'mechanism' | 'extra' | 'flips' | 'criteria'>;

/** Everything that can be computed from two results; nothing where one of them has no value by this measure. */
function analyse(classic: Result, code: Result, input: AnalysisInput): Analysis {
  const [left, right] = [toSide(classic, input), toSide(code, input)];
  if (!left || !right || left.value === 0) return {};
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
  };
}

function whatFlips(classic: Side, code: Side, ratio: number, input: AnalysisInput): Pick<Verdict, 'flips'> {
  const [classicRight, codeRight] = [classic.result.correct, code.result.correct];
  // Where none was right, there is nothing to turn.
  if (classicRight === 0 && codeRight === 0) return {};
  const { uncertainty, margin, requestUncertainty = 0, model } = input;
  const both = { classic: classic.result, code: code.result };
  const window = fillsOfWindow({ ...both, ratio, uncertainty, margin, requestUncertainty, model });
  const flips = {
    // Where only one was right, no price turns the verdict.
    ...(classicRight === codeRight && findFlips({ ...input, classic, code, measure: input.by })),
    ...(window.length > 0 && { window }),
  };
  return Object.keys(flips).length > 0 ? { flips } : {};
}

function toSide(result: Result, { by, model, profile }: AnalysisInput): Side | undefined {
  const figures = wholeJob(result);
  const value = totalOf(figures, by);
  const weights = weightsOf(by, model, profile, figures.tokens.context);
  return value === null || !weights ? undefined : { result, figures, value, weights };
}
