import { aggregate, type TrialResult } from '../analysis/aggregate.ts';
import {
  type ComparisonSettings,
  compareVariants,
  compareWithItself,
  summariseTrials,
} from '../analysis/statistics.ts';
import { totalOf, wholeJob } from '../analysis/verdict/measure.ts';
import { makeVerdict } from '../analysis/verdict/verdict.ts';
import { toolUseSystemTokens } from '../meter/catalogue.ts';
import { describeClient } from '../meter/clients.ts';
import { assumedOf } from '../meter/prompt-parts.ts';
import { labelOf, type TokenCounter } from '../meter/token-counter.ts';
import { type Evidence, isControl } from '../results/codes.ts';
import { type Point, pointKey, variantKey } from '../results/point.ts';
import type { FoundItems } from '../results/run.ts';
import { type Result, type Summary, summaryFormat, type Verdict } from '../results/summary.ts';
import type { UnequalCall } from '../results/verdict.ts';
import type { AuditHead } from '../tools/audit/chain.ts';
import type { RunInput } from './open-run.ts';
import { keyOf, type Trial } from './plan.ts';

/** What executing a run takes, and its summary does not. */
type NotSummed = 'out' | 'places' | 'timeouts' | 'auditFsync' | 'lock' | 'trust' | 'signal' | 'onEvent';

/** What a summary is made of besides the trials that have ended. */
type SummaryInput = Omit<RunInput, NotSummed> & {
  counter: TokenCounter;
  plannedEvidence: Evidence;
  forced: string[];
  /** Calls that gave different results in trials of one scenario; asked once for each, when all of them have ended. */
  findUnequal: (trials: readonly EndedTrial[]) => UnequalCall[];
};

/** What earlier searches and this run's have found, by scenario, and whether all that had to be have been made. */
export type ItemSearches = {
  found: Map<string, FoundItems>;
  isOver: boolean;
};

/** A planned trial and what it came to. */
export type EndedTrial = { trial: Trial; result: Result };

/** Ratios of means from 1/1.1 to 1.1 are no difference that matters, unless a run says otherwise. */
const defaultMargin = 0.1;

/** The trials of one scenario, parameters, variant, model and evidence. */
type Group = { point: string; trials: TrialResult[]; planned: number; result: Result };

/**
 * Sums a run up, as often as is asked. A group of trials is summed up again only where it has grown, and a verdict is made once:
 * when the last trial of its scenario has ended.
 */
export function createSummariser(given: SummaryInput) {
  const input = { ...given, margin: given.margin ?? defaultMargin };
  const { seed, margin, counter } = input;
  const settings = { margin };
  const trials = input.trials.map((trial) => ({
    trial,
    key: keyOf(trial),
    variant: variantKey({ ...pointOf(trial), variant: trial.variant.name, model: trial.model.id }),
    point: pointKey(pointOf(trial)),
  }));
  const points = Map.groupBy(trials, ({ point }) => point);
  const plannedOf = Map.groupBy(trials, ({ variant }) => variant);
  const known = new Map<string, Group>();
  const decided = new Map<string, Verdict>();

  function groupsOf(ended: ReadonlyMap<string, TrialResult>): Group[] {
    const groups = new Map<string, Omit<Group, 'result'>>();
    // Repeat by repeat, the order of variants alternates; the first repeat of a scenario has them as they were given.
    for (const { key, variant, point } of trials) {
      const found = ended.get(key);
      if (!found) continue;
      const name = `${variant} ${found.result.evidence}`;
      const group = groups.get(name) ?? { point, trials: [], planned: plannedOf.get(variant)?.length ?? 0 };
      group.trials.push(found);
      groups.set(name, group);
    }
    return [...groups].map(([name, group]) => {
      const before = known.get(name);
      if (before && before.trials.length === group.trials.length) return before;
      const made = { ...group, result: aggregate(group.trials) };
      // Until all have ended, intervals would only be worked out to be thrown away; what was computed has none.
      const isWhole = group.trials.length > 1 && group.trials.length === group.planned;
      if (isWhole && made.result.evidence !== 'scripted') {
        made.result = { ...made.result, statistics: summariseTrials(group.trials, seed) };
      }
      known.set(name, made);
      return made;
    });
  }

  /** A verdict for every scenario, at each set of parameters, whose trials have all ended. */
  function decideAll(groups: readonly Group[], ended: ReadonlyMap<string, TrialResult>): Verdict[] {
    const own = Map.groupBy(groups, ({ point }) => point);
    return [...points].flatMap(([point, planned]) => {
      const before = decided.get(point);
      if (before) return [before];
      const [first] = planned;
      const measured = own.get(point) ?? [];
      const count = measured.reduce((sum, group) => sum + group.trials.length, 0);
      if (!first || count < planned.length) return [];
      const done = planned.flatMap(({ trial, key }) => {
        const result = ended.get(key)?.result;
        return result && !isControl(trial.variant.name) ? [{ trial, result }] : [];
      });
      const verdict = verdictOn(first.trial, measured, input.findUnequal(done), input);
      decided.set(point, verdict);
      return [verdict];
    });
  }

  return (ended: ReadonlyMap<string, TrialResult>, audit: AuditHead, searches: ItemSearches): Summary => {
    const groups = groupsOf(ended);
    const results = groups.map(({ result }) => result);
    const isComplete = ended.size === trials.length;
    const trialsOf = groups.map((group) => group.trials);
    const hasRepeats = trials.some(({ trial }) => trial.repeat > 1);
    const evidence = new Set(results.map((result) => result.evidence));
    return {
      format: summaryFormat,
      status: isComplete && searches.isOver ? 'complete' : 'partial',
      // With one replayed result among them, a run's figures as a whole are not live.
      evidence: evidence.has('replayed') ? 'replayed' : ([...evidence][0] ?? input.plannedEvidence),
      model: input.model.id,
      latencyProfile: input.profile.name,
      seed,
      tokenCounts: {
        method: counter.method,
        label: labelOf(sumOfCounts(results)),
        assumed: [...assumedOf(input.model.tokenizer)],
        toolUseSystemTokens: toolUseSystemTokens(input.model),
      },
      prices: { asOf: input.model.asOf, currency: 'USD' },
      ...(input.client && { client: describeClient(input.client) }),
      ...(input.conditions && { conditions: input.conditions }),
      planned: trials.length,
      results,
      verdicts: decideAll(groups, ended).map((verdict) => withItems(verdict, results, searches)),
      ...(hasRepeats && isComplete && { comparisons: compareAll(groups, settings, input.reference) }),
      ...(input.aa && isComplete && { aa: compareWithItself(trialsOf, settings) }),
      ...(input.forced.length > 0 && { forced: input.forced }),
      measured: {
        audit,
        concurrency: input.concurrency ?? 1,
        ...(input.mocksInProcess && { mocksInProcess: true }),
      },
    };
  };
}

/** How much of everything that was counted was estimated; all of it where nothing was counted yet. */
export function sumOfCounts(results: readonly Result[]): { estimated: number; counted: number } {
  const all = results.flatMap(({ counts = [] }) => counts);
  if (all.length === 0) return { estimated: 1, counted: 0 };
  const sum = (name: 'estimated' | 'counted') => all.reduce((total, count) => total + count[name], 0);
  return { estimated: sum('estimated'), counted: sum('counted') };
}

function pointOf({ scenario, params }: Trial): Point {
  return { scenario: scenario.name, params };
}

/** The verdict on one scenario, all of whose trials have ended. Controls never have a part in it. */
function verdictOn(
  { scenario, params }: Trial,
  measured: readonly Group[],
  unequalWork: readonly UnequalCall[],
  input: SummaryInput & { margin: number },
): Verdict {
  const { model, profile, by, reference, margin, sayVerdict } = input;
  const groups = measured.filter(({ result }) => !isControl(result.variant));
  const { workload, prediction } = scenario;
  const verdict = makeVerdict({
    scenario: scenario.name,
    params,
    groups,
    margin,
    model,
    profile,
    looks: scenario.steps.length - 1,
    unequalWork,
    ...(by && { by }),
    ...(reference && { reference }),
    ...(prediction && { predicted: prediction.pattern }),
  });
  const results = groups.map(({ result }) => result);
  return { ...verdict, ...(workload && { workload }), reason: sayVerdict(verdict, results) };
}

/** The verdict with the number of items at which it flips, where that was looked for between its variants. */
function withItems(verdict: Verdict, results: readonly Result[], { found }: ItemSearches): Verdict {
  const search = found.get(verdict.scenario);
  if (!search?.items || JSON.stringify(search.variants) !== JSON.stringify(contenders(results, verdict))) {
    return verdict;
  }
  return { ...verdict, flips: { assumptions: [], ...verdict.flips, items: search.items } };
}

/** Every variant against the reference variant of its scenario: the one named, else the first. */
function compareAll(groups: readonly Group[], settings: ComparisonSettings, named = 'classic') {
  const place = ({ point, result }: Group) => `${point} ${result.evidence}`;
  return [...Map.groupBy(groups, place).values()].flatMap((own) => {
    const reference = own.find(({ result }) => result.variant === named) ?? own[0];
    const others = own.filter((group) => group !== reference);
    return others.flatMap(({ trials }) => compareVariants(reference?.trials ?? [], trials, settings) ?? []);
  });
}

/** At another size, another variant may represent its pattern; but hardly one that takes so many times as much. */
const hopeless = 2;

/** Variants that may represent their patterns at other sizes, in the order of the run. */
export function contenders(results: readonly Result[], verdict: Verdict): string[] {
  const { classic, code } = verdict.sides;
  return results.flatMap((result) => {
    const { variant, pattern } = result;
    const best = { classic, code, hybrid: undefined }[pattern];
    if (result.scenario !== verdict.scenario || !best || isControl(variant)) return [];
    const value = totalOf(wholeJob(result), verdict.by);
    const isClose = value !== null && best.value !== null && value <= hopeless * best.value;
    return variant === best.name || isClose ? [variant] : [];
  });
}
