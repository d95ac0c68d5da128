import type { ModelEntry } from '../../meter/catalogue.ts';
import type { LatencyProfile } from '../../meter/latency.ts';
import type { Category, Measure } from '../../results/codes.ts';
import type { Point } from '../../results/point.ts';
import type { Result } from '../../results/summary.ts';
import type { Decision, UnequalCall, Verdict } from '../../results/verdict.ts';
import { compareResults, defaultPolicy, type Group, type WeighResult } from './comparison.ts';
import { decide } from './decide.ts';
import { findFlips } from './flips.ts';
import { explainDifference, isResent, roundFigures, totalOf, type WholeJob, wholeJob } from './measure.ts';

/** The variants of a scenario at one set of parameters that a verdict is made from, and by what they are weighed. */
type VerdictInput = Point & {
  /** Each variant with its trials. A variant with trials of two kinds of evidence is in it twice. */
  groups: readonly Group[];
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
  const { scenario, params, groups, predicted, by = 'cost', unequalWork } = input;
  const results = groups.map(({ result }) => result);
  const policy = { ...defaultPolicy, ...(input.margin !== undefined && { margin: input.margin }) };
  const settings = { by, ...(unequalWork && { unequalWork }) };
  const comparison = compareResults(groups, settings);
  const decision = decide(comparison, policy);
  const judge = (weigh: WeighResult, without?: ReadonlySet<string>) => {
    const judged = groups.filter(({ result }) => !without?.has(result.variant));
    return decide(compareResults(judged, { ...settings, weigh }), policy);
  };
  const rungs = results.length > 1 ? climb(results, by, input.reference) : undefined;
  const { margin, floor, gap } = policy;
  return {
    scenario,
    params,
    ...(predicted && { predicted }),
    by,
    basis: comparison.evidence === 'computed' ? 'computed' : 'sampled',
    policy: { margin, floor, gap },
    ...roundFigures(decision),
    ...(rungs && { ladder: rungs }),
    ...analyse(decision, results, { ...input, by }),
    ...findFlips({ decision, judge, results, ...input, by }),
  };
}

type AnalysisInput = Omit<VerdictInput, 'groups'> & { by: Measure };
type Analysis = Pick<Verdict, 'mechanism' | 'extra' | 'criteria'>;

/** What can be computed from the results of the two sides; nothing where one of them is missing, or has no value by this measure. */
function analyse({ sides }: Decision, results: readonly Result[], input: AnalysisInput): Analysis {
  const [classic, code] = [sides.classic, sides.code].map((side) =>
    results.find(({ variant }) => variant === side?.name),
  );
  if (!classic || !code) return {};
  const [direct, programmed] = [wholeJob(classic), wholeJob(code)];
  const values = { classic: totalOf(direct, input.by), code: totalOf(programmed, input.by) };
  if (values.classic === null || values.code === null || values.classic === 0) return {};
  const both = (pick: (figures: WholeJob) => number) => ({ classic: pick(direct), code: pick(programmed) });
  const more = (pick: (figures: WholeJob) => number) => pick(programmed) - pick(direct);
  const { toolCalls } = direct;
  const bytes = toolCalls === 0 ? undefined : classic.resultBytes;
  return {
    mechanism: explainDifference(direct, programmed, { classic: values.classic, code: values.code }, input),
    extra: {
      latencySeconds: more(({ latencyMs }) => latencyMs.modelled) / 1000,
      outputTokens: more(({ tokens }) => tokens.output),
      discoveryTokens: more((figures) => once(figures, 'discovery')),
      programs: code.programs,
      measured: { sandboxMs: code.measured.sandboxMs },
    },
    criteria: {
      tools: {
        listed: classic.tools,
        definitionTokens: both((figures) => once(figures, 'tool_definitions', 'discovery')),
      },
      steps: { toolCalls, roundTrips: both(({ roundTrips }) => roundTrips), looks: input.looks ?? 0 },
      resultSize: {
        bytesPerResult: bytes === undefined ? null : Math.round(bytes / toolCalls),
        tokensShown: both((figures) => once(figures, 'tool_results', 'program_output')),
      },
      determinism: { modelDecisions: { classic: toolCalls, code: code.programs } },
      traceability: { callsInConversation: { classic: toolCalls, code: 0 } },
    },
  };
}

/** Tokens of these categories, each counted once. */
function once({ ledger }: WholeJob, ...categories: Category[]): number {
  return ledger
    .filter((row) => categories.includes(row.category) && !isResent(row))
    .reduce((sum, { tokens }) => sum + tokens, 0);
}

/** The reference variant unless another is named. */
const defaultReference = 'classic';

/** Every variant's value and its ratio to the reference variant's, in the order of the results. */
function climb(
  results: readonly Result[],
  by: Measure,
  named: string | undefined,
): NonNullable<Verdict['ladder']> | undefined {
  const reference = results.find(({ variant }) => variant === (named ?? defaultReference)) ?? results[0];
  const least = best(results, by);
  if (!reference || !least) return undefined;
  const whole = totalOf(wholeJob(reference), by);
  const rows = results.flatMap((result) => {
    const value = totalOf(wholeJob(result), by);
    if (value === null) return [];
    const ratio = whole ? Number((value / whole).toPrecision(3)) : null;
    return [{ variant: result.variant, correct: result.correct, value, ratio }];
  });
  return { reference: reference.variant, best: least.variant, rows };
}

/** The result that takes least among those most often right; the first of equals. What was not measured comes last. */
function best(results: readonly Result[], by: Measure): Result | undefined {
  const value = (result: Result) => totalOf(wholeJob(result), by) ?? Number.POSITIVE_INFINITY;
  return results.reduce<Result | undefined>((leader, result) => {
    if (!leader) return result;
    const [right, leading] = [result.correct ?? -1, leader.correct ?? -1];
    if (right !== leading) return right > leading ? result : leader;
    return value(result) < value(leader) ? result : leader;
  }, undefined);
}
