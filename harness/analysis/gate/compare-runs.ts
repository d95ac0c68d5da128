import { canonicalJson } from '../../json.ts';
import {
  type Baseline,
  type BaselineScenario,
  type BaselineVariant,
  isSampled,
} from '../../results/baseline.ts';
import { describeParams, type Point, pointKey } from '../../results/point.ts';
import { attribute, type Cause, compareSurfaces } from './causes.ts';
import { type Change, computedChanges, findChanges } from './change.ts';

/** What identifies one side of a pair for people. */
type Subject = Point & { variant: string };

/** The same scenario, parameters, variant and model in both runs. */
export type ComparedPair = Subject & {
  status: { before: string; after: string };
  changes: Change[];
  /** How the whole job's figures changed, where in either run it did not fit the window and is hypothetical. */
  hypothetical: Change[];
  /** Set where another share of the tokens was counted exactly than before. */
  counting: CountedOtherwise | null;
  /** Where the change came from: definitions, results, then ledger categories. */
  causes: Cause[];
};

/** The share of the tokens that was counted exactly, and by what share figures may differ for that alone, at 90 %. */
export type CountedOtherwise = { exact: { before: number; after: number }; room: number };

/**
 * What is in one run alone: `missing` in the later one, `new` in it, or measured under other `conditions`. `because` tells
 * how its counterpart in the other run differs, where there is one.
 */
export type Unpaired = Subject & {
  side: 'before' | 'after';
  kind: 'missing' | 'new' | 'conditions';
  because: string | null;
};

/** What the two runs made of one scenario as a whole. */
export type ComparedScenario = Point & {
  verdict: { before: string | null; after: string | null };
  because: { before: string | null; after: string | null };
  /** Whether it rests on a sample, and how many trials a side could settle it where the later run left it open. */
  sampled: boolean;
  trialsNeeded: number | null;
  /** Changes of what its servers put before a model; null where a run did not record it. */
  surface: Cause[] | null;
  /** Whether the scenario's own files changed: its task, program or grader. */
  filesChanged: boolean;
};

/** Two runs side by side. Nothing is left out: what cannot be compared is named. */
export type Comparison = {
  /** How the runs as a whole differ, in words; without any of these, equal subjects pair. */
  differences: string[];
  /** Set where the price tables differ, so that cost cannot be compared. */
  pricesDiffer: string | null;
  /** Set where the runs weighed differently, so that their verdicts cannot be compared. */
  weighingDiffers: string | null;
  pairs: ComparedPair[];
  scenarios: ComparedScenario[];
  unpaired: Unpaired[];
};

/**
 * Pairs two runs by scenario, parameters, variant and model, without running anything. Other evidence, seed, model or
 * tokenizer means that nothing pairs: such figures are never put in one row.
 */
export function compare(before: Baseline, after: Baseline): Comparison {
  const differences = findDifferences(before, after);
  const [olds, news] = [before, after].map((run) => toMap(run)) as [Subjects, Subjects];
  const pairs: ComparedPair[] = [];
  const unpaired: Unpaired[] = [];
  for (const [key, old] of olds) {
    const now = news.get(key);
    if (now && differences.length === 0) pairs.push(comparePair(old, now));
    else unpaired.push(unpair(old, 'before', news, differences));
  }
  for (const [key, now] of news) {
    if (!olds.has(key)) unpaired.push(unpair(now, 'after', olds, differences));
  }
  return {
    differences,
    pricesDiffer: comparePrices(before, after),
    weighingDiffers: compareWeighing(before, after),
    pairs,
    scenarios: compareScenarios(before, after).filter((scenario) =>
      pairs.some((pair) => pointKey(pair) === pointKey(scenario)),
    ),
    unpaired,
  };
}

type Located = { scenario: BaselineScenario; variant: BaselineVariant };
type Subjects = Map<string, Located>;

function toMap(run: Baseline): Subjects {
  const all = run.scenarios.flatMap((scenario) =>
    scenario.variants.map((variant): [string, Located] => {
      const key = `${pointKey(scenario)}\n${variant.variant}\n${variant.evidence}`;
      return [key, { scenario, variant }];
    }),
  );
  return new Map(all);
}

function subject({ scenario, variant }: Located): Subject {
  return { scenario: scenario.scenario, params: scenario.params, variant: variant.variant };
}

function comparePair(old: Located, now: Located): ComparedPair {
  const changes = findChanges(old.variant, now.variant);
  const subjects = {
    ...subject(now),
    status: { before: old.variant.status, after: now.variant.status },
    counting: compareCounting(old.variant, now.variant),
    causes: attribute(old, now),
  };
  // Of trials that a model decided, each may end its own way; their means stand for them all.
  if (isSampled(old.variant)) return { ...subjects, changes, hypothetical: [] };
  const [was, is] = [old.variant.hypothetical, now.variant.hypothetical];
  const endedAlike = Boolean(was) === Boolean(is);
  return {
    ...subjects,
    // A job that was cut off took less than the same job done to its end; only whole jobs are held against each other.
    changes: endedAlike ? changes : changes.filter(({ metric }) => metric === 'correct'),
    hypothetical: was || is ? computedChanges(was ?? old.variant.figures, is ?? now.variant.figures) : [],
  };
}

/** Null where both were counted alike, or it is not known how. Exact counts have no error, the estimates of two runs their own. */
function compareCounting(
  { counting: was }: BaselineVariant,
  { counting: is }: BaselineVariant,
): CountedOtherwise | null {
  if (!was || !is || was.exact === is.exact) return null;
  return { exact: { before: was.exact, after: is.exact }, room: Math.hypot(was.off, is.off) };
}

function compareScenarios(before: Baseline, after: Baseline): ComparedScenario[] {
  const news = new Map(after.scenarios.map((scenario) => [pointKey(scenario), scenario]));
  return before.scenarios.flatMap((old) => {
    const now = news.get(pointKey(old));
    if (!now) return [];
    return [
      {
        scenario: now.scenario,
        params: now.params,
        verdict: { before: old.verdict, after: now.verdict },
        because: { before: old.because, after: now.because },
        sampled: now.variants.some(isSampled),
        trialsNeeded: now.trialsNeeded ?? null,
        surface: compareSurfaces(before, old.surface, after, now.surface),
        filesChanged: old.hash !== now.hash,
      },
    ];
  });
}

/** Why a result has no counterpart: the nearest to it in the other run. */
function unpair(own: Located, side: Unpaired['side'], others: Subjects, differences: string[]): Unpaired {
  const plain = side === 'before' ? 'missing' : 'new';
  const as = (kind: Unpaired['kind'], because: string | null) => ({ ...subject(own), side, kind, because });
  if (differences.length > 0) return as('conditions', differences.join('; '));
  const elsewhere = [...others.values()].filter((each) => each.scenario.scenario === own.scenario.scenario);
  if (elsewhere.length === 0) return as(plain, null);
  const samePoint = elsewhere.filter((each) => pointKey(each.scenario) === pointKey(own.scenario));
  if (samePoint.length === 0) {
    const params = [...new Set(elsewhere.map((each) => describeParams(each.scenario.params)))];
    return as(plain, `the other run has it with ${params.join(' and ')}`);
  }
  const { variant, evidence } = own.variant;
  const same = samePoint.find((each) => each.variant.variant === variant);
  if (same) {
    const because = `it is ${evidence} evidence here and ${same.variant.evidence} in the other run`;
    return as('conditions', because);
  }
  const names = samePoint.map((each) => each.variant.variant);
  return as(plain, `the other run has ${names.join(', ')} of that scenario`);
}

/** What decides all token counts of a run. The date at which a model's documentation was read does not. */
function findDifferences(before: Baseline, after: Baseline): string[] {
  const { prices: _, asOf: _asOf, ...oldModel } = before.model;
  const { prices: __, asOf: __asOf, ...newModel } = after.model;
  const [was, is] = [before.settings, after.settings];
  const otherModel = differ('model', before.model.id, after.model.id);
  const isKnownOtherwise = otherModel.length === 0 && !isSame(oldModel, newModel);
  return [
    ...otherModel,
    ...(isKnownOtherwise ? [`the window or overheads known of ${after.model.id} changed`] : []),
    ...differ('seed', before.seed, after.seed),
    ...differ('tokenizer', before.tokenizer, after.tokenizer),
    ...differ('prompt cache', was.caching, is.caching),
    ...differ('thinking asked for', was.thinking, is.thinking),
    ...differ('limit of round trips', was.maxRoundTrips, is.maxRoundTrips),
    ...differ('limit of tokens', was.maxTokens, is.maxTokens),
    ...differ('number of distractors', was.conditions?.distractors, is.conditions?.distractors),
    ...differ('dial of faults', told(was.conditions?.faults), told(is.conditions?.faults)),
  ];
}

/** What decides verdicts and no figure: how the two runs weighed, where they did so differently; null where alike. */
function compareWeighing({ settings: was }: Baseline, { settings: is }: Baseline): string | null {
  const byLatency = was.by === 'latency' || is.by === 'latency';
  const differences = [
    ...differ('measure that verdicts weigh by', was.by, is.by),
    ...(byLatency ? differ('latency profile', was.latencyProfile, is.latencyProfile) : []),
    ...differ('margin', was.margin, is.margin),
  ];
  return differences.length > 0 ? differences.join('; ') : null;
}

const told = (value: object | undefined) => value && canonicalJson(value);

function differ(what: string, old: unknown, now: unknown): string[] {
  return old === now ? [] : [`the ${what} was ${old ?? 'none'} and is ${now ?? 'none'}`];
}

/** How the price tables of two runs differ, in words; null where they are the same. */
function comparePrices({ model: was }: Baseline, { model: is }: Baseline): string | null {
  if (was.id === is.id && isSame(was.prices, is.prices)) return null;
  return `the price table was that of ${was.id} of ${was.asOf} and is that of ${is.id} of ${is.asOf}`;
}

/** Whether two values are the same but for the order of their keys. */
function isSame(a: unknown, b: unknown): boolean {
  return canonicalJson(a ?? null) === canonicalJson(b ?? null);
}
