import type { AuditHead } from '../audit/audit-log.ts';
import { isControl } from '../control/variants.ts';
import type { LatencyProfile } from '../meter/latency.ts';
import type { Tokenizer } from '../meter/tokenizer.ts';
import { type ModelEntry, toolUseSystemTokens } from '../model/catalogue.ts';
import type { Evidence } from '../model/model.ts';
import type { Trial } from '../plan/plan.ts';
import { pointKey } from '../scenario/point.ts';
import { withSummary } from '../verdict/sentence.ts';
import { decide } from '../verdict/verdict.ts';
import type { Measure } from '../verdict/verdict-schema.ts';
import { aggregate, type TrialResult } from './aggregate.ts';
import { compareVariants, compareWithItself } from './compare-variants.ts';
import type { ItemSearches } from './item-search.ts';
import { journalKeyOf } from './journal.ts';
import { withholdWeak } from './sampled-verdict.ts';
import { summariseTrials } from './statistics.ts';
import { type Result, type Summary, summaryFormat, type Verdict } from './summary.ts';

/** What a summary is made of besides the trials that have ended. */
export type SummaryInput = {
  trials: readonly Trial[];
  model: ModelEntry;
  profile: LatencyProfile;
  tokenizer: Tokenizer;
  seed: number;
  plannedEvidence: Evidence;
  imperfections: Record<string, number> | undefined;
  /** What verdicts weigh by, and the variant that the others are compared with. */
  by?: Measure;
  reference?: string;
  /** Ratios of means from 1/(1 + margin) to 1 + margin are no difference that matters. */
  margin: number;
  /** Whether each variant is compared with itself. */
  aa: boolean;
  forced: string[];
};

/** The trials of one scenario, parameters, variant, model and evidence. */
type Group = { trials: TrialResult[]; planned: number; result: Result };

/** Sums a run up, as often as a trial has ended. What several trials say beyond their means is worked out once for each group. */
export function createSummariser(input: SummaryInput) {
  const { trials, seed, margin } = input;
  const settings = { margin, seed };
  const known = new Map<string, Group>();

  function groupsOf(ended: ReadonlyMap<string, TrialResult>): Group[] {
    const groups = new Map<string, { trials: TrialResult[]; planned: number }>();
    // Repeat by repeat, the order of variants alternates; the first repeat of a scenario has them as they were given.
    for (const trial of trials) {
      const found = ended.get(journalKeyOf(trial));
      const same = (evidence: string) =>
        JSON.stringify([trial.scenario.name, trial.params, trial.variant.name, trial.model.id, evidence]);
      if (!found) continue;
      const key = same(found.result.evidence);
      const group = groups.get(key) ?? { trials: [], planned: plannedOf(trial) };
      group.trials.push(found);
      groups.set(key, group);
    }
    return [...groups].map(([key, group]) => {
      const before = known.get(key);
      if (before && before.trials.length === group.trials.length) return before;
      const made = { ...group, result: aggregate(group.trials) };
      // Until all have ended, intervals would only be worked out to be thrown away.
      if (group.trials.length > 1 && group.trials.length === group.planned) {
        made.result = withStatistics(made.result, summariseTrials(group.trials, seed));
      }
      known.set(key, made);
      return made;
    });
  }

  const plannedCounts = new Map<string, number>();
  for (const trial of trials) {
    const key = variantKey(trial);
    plannedCounts.set(key, (plannedCounts.get(key) ?? 0) + 1);
  }
  const plannedOf = (trial: Trial) => plannedCounts.get(variantKey(trial)) ?? 0;

  return (ended: ReadonlyMap<string, TrialResult>, audit: AuditHead, searches: ItemSearches): Summary => {
    const groups = groupsOf(ended);
    const isComplete = ended.size === trials.length;
    const hasRepeats = trials.some(({ repeat }) => repeat > 1);
    const evidence = new Set(groups.map(({ result }) => result.evidence));
    return {
      format: summaryFormat,
      status: isComplete && searches.isOver ? 'complete' : 'partial',
      // With one replayed result among them, a run's figures as a whole are not live.
      evidence: evidence.has('replayed') ? 'replayed' : ([...evidence][0] ?? input.plannedEvidence),
      model: input.model.id,
      latencyProfile: input.profile.name,
      seed,
      tokenCounts: {
        method: input.tokenizer.method,
        uncertainty: input.tokenizer.uncertainty,
        toolUseSystemTokens: toolUseSystemTokens(input.model),
      },
      prices: { asOf: input.model.asOf, currency: 'USD' },
      planned: trials.length,
      results: groups.map(({ result }) => result),
      verdicts: decideAll(input, groups, settings).map((verdict) => withItems(verdict, searches)),
      ...(input.imperfections && { imperfections: input.imperfections }),
      ...(hasRepeats && isComplete && { comparisons: compareAll(groups, settings, input.reference) }),
      ...(input.aa &&
        isComplete && {
          aa: compareWithItself(
            groups.map((group) => group.trials),
            settings,
          ),
        }),
      ...(input.forced.length > 0 && { forced: input.forced }),
      measured: { audit },
    };
  };
}

function variantKey({ scenario, params, variant, model }: Trial): string {
  return JSON.stringify([scenario.name, params, variant.name, model.id]);
}

/** Statistics stand before what was measured, which ends every result. */
function withStatistics(result: Result, statistics: NonNullable<Result['statistics']>): Result {
  const { tools, measured, ...rest } = result;
  return { ...rest, statistics, tools, measured };
}

/** A verdict for every scenario, at each set of parameters, whose trials have all ended. */
function decideAll(
  { trials, tokenizer, model, profile, by, reference }: SummaryInput,
  groups: readonly Group[],
  settings: { margin: number; seed: number },
): Verdict[] {
  const pointOf = ({ scenario, params }: Trial) => pointKey({ scenario: scenario.name, params });
  return [...Map.groupBy(trials, pointOf)].flatMap(([key, planned]) => {
    const [{ scenario, params }] = planned as [Trial];
    const own = groups.filter(({ result }) => pointKey(result) === key);
    const ended = own.reduce((sum, group) => sum + group.trials.length, 0);
    if (ended < planned.length) return [];
    const predicted = scenario.prediction?.pattern;
    const results = own.map(({ result }) => result).filter((result) => !isControl(result.variant));
    const byVariant = new Map<string, TrialResult[]>();
    for (const { result, trials: of } of own) {
      byVariant.set(result.variant, [...(byVariant.get(result.variant) ?? []), ...of]);
    }
    const trialsOf = (variant: string) => byVariant.get(variant) ?? [];
    const verdict = decide({
      scenario: scenario.name,
      params,
      results,
      uncertainty: tokenizer.uncertainty.ratio,
      requestUncertainty: tokenizer.uncertainty.request,
      model,
      profile,
      compare: (first, second) => compareVariants(trialsOf(first), trialsOf(second), settings),
      looks: scenario.steps.length - 1,
      ...(by && { by }),
      ...(reference && { reference }),
      ...(predicted ? { predicted } : {}),
    });
    return [withSummary(withholdWeak(verdict, byVariant, settings), results)];
  });
}

/** The verdict with the number of items at which it flips, where that was looked for between its variants. */
function withItems(verdict: Verdict, { found }: ItemSearches): Verdict {
  const search = found.get(verdict.scenario);
  if (!search?.items || JSON.stringify(search.variants) !== JSON.stringify(verdict.variants)) return verdict;
  return { ...verdict, flips: { ...verdict.flips, items: search.items } };
}

/** Every variant against the reference variant of its scenario: the one named, else the first. */
function compareAll(groups: readonly Group[], settings: { margin: number; seed: number }, named = 'classic') {
  const place = ({ result }: Group) =>
    JSON.stringify([result.scenario, result.params, result.model, result.evidence]);
  return [...Map.groupBy(groups, place).values()].flatMap((own) => {
    const reference = own.find(({ result }) => result.variant === named) ?? own[0];
    return own.flatMap((group) =>
      !reference || group === reference
        ? []
        : (compareVariants(reference.trials, group.trials, settings) ?? []),
    );
  });
}
