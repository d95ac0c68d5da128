import { canonicalJson, isRecord } from '../json.ts';
import { categories } from '../results/codes.ts';
import type { ProviderReport } from '../results/provider.ts';
import { type Figures, isMeasured } from '../results/reading.ts';
import type { LedgerRow, Result } from '../results/summary.ts';
import { isResent } from './verdict/measure.ts';

/** What one trial came to, and which repeat it was. */
export type TrialResult = { repeat: number; result: Result };

type Tokens = Result['tokens'];

/**
 * The trials of one scenario, parameters, variant, model and evidence as one result. Of a single trial it is that trial's
 * own. Otherwise figures are means over the trials that infrastructure did not end (over all where it ended every one).
 */
export function aggregate(trials: readonly TrialResult[]): Result {
  const results = trials.map(({ result }) => result);
  const measured = results.filter(isMeasured);
  const shown = measured.length > 0 ? measured : results;
  // What is the same for all trials is that of one that was measured: what infrastructure ended early may not know it.
  const [first] = shown;
  if (!first) throw new Error('There are no trials to aggregate.');
  if (results.length === 1) return first;
  const graded = shown.filter((result) => result.correct !== null);
  const telling = shown.find((result) => result.correct !== 1) ?? first;
  const whole = shown.flatMap(({ hypothetical }) => (hypothetical ? [hypothetical] : []));
  const overflow = shown.find((result) => result.overflow)?.overflow;
  const gaps = shown.flatMap(({ cacheGapMs }) => cacheGapMs ?? []);
  const providers = results.flatMap(({ provider }) => (provider ? [provider] : []));
  return {
    ...meanFigures(shown),
    trials: results.length,
    status: mostFrequent(shown.map((result) => result.status)),
    outcomes: addCounts(results.map(({ status }) => ({ [status]: 1 }))),
    reason: telling.reason,
    ...(results.some((result) => result.scenarioFault) && { scenarioFault: true as const }),
    correct: graded.length > 0 ? meanOf(graded, (result) => result.correct ?? 0) : null,
    ...(shown.every((result) => result.costUsd) ? {} : { unpriced: true as const }),
    ...(shown.every(({ counts }) => counts) && { counts: meanOfCategories(shown) }),
    ...(gaps.length > 0 && { cacheGapMs: Math.max(...gaps) }),
    ...meanOfCounts(shown, 'refusalCodes'),
    ...meanOfCounts(shown, 'programEnds'),
    ...meanOfCounts(shown, 'stoppedCalls'),
    ...meanOfCounts(shown, 'sentAgain'),
    ...(shown.some((result) => result.remainder !== undefined) && { remainder: remainderOf(shown) }),
    ...(overflow && { overflow }),
    // Of a job that only some of the trials would have had to finish, there is no mean.
    ...(whole.length === shown.length && { hypothetical: meanFigures(whole) }),
    ...(providers.length > 0 && { provider: sumProviders(providers) }),
  };
}

/** What part of a unit amounts of a name are rounded to: a millionth of a cent, a millisecond, a tenth of one. */
const scales: Record<string, number> = {
  ...{ costUsd: 1e8, cached: 1e8, uncached: 1e8, modelled: 1, modelledMs: 1 },
  ...{ measured: 10, measuredModel: 10, toolsMs: 10, sandboxMs: 10, serverStartMs: 10, totalMs: 10 },
};

/** Records of a result that are averaged too; any other one is that of the first trial. */
const averaged = [
  'costUsd',
  'latencyMs',
  'otherwise',
  'client',
  'canaries',
  'faults',
  'approvals',
  'measured',
];

/**
 * What holds for all trials: a number is their mean, anything else that of the first. What one of them lacks is left out, since
 * that of the others does not hold for all. Rows of the ledger and tokens combine in their own way.
 */
function meanFigures<T extends Figures>(all: readonly T[]): T {
  const ledger = meanLedger(all.map((each) => each.ledger));
  const means = meanMembers(all, (name, value) => typeof value === 'number' || averaged.includes(name));
  return { ...means, ledger, tokens: meanTokens(all, ledger) };
}

function meanMembers<T extends object>(
  all: readonly T[],
  isAveraged: (name: string, value: unknown) => boolean = () => true,
): T {
  const entries = Object.entries(all[0] ?? {}).flatMap(([name, value]) => {
    const own = all.map((each) => each[name as keyof T]);
    if (own.includes(undefined as T[keyof T])) return [];
    return [[name, isAveraged(name, value) ? meanValue(own, name) : value]];
  });
  return Object.fromEntries(entries) as T;
}

/** The mean of values of one shape, at any depth; null where one of them is. Of lists, as far as all of them go. */
function meanValue(all: readonly unknown[], name: string): unknown {
  const [first] = all;
  if (all.includes(null)) return null;
  if (all.every((each) => typeof each === 'number')) {
    const mean = meanOf(all, (each) => each);
    const scale = scales[name];
    return scale === undefined ? mean : Math.round(mean * scale) / scale;
  }
  if (all.every(Array.isArray)) {
    const length = Math.min(...all.map((each) => each.length));
    return Array.from({ length }, (_, at) =>
      meanValue(
        all.map((each) => each[at]),
        name,
      ),
    );
  }
  if (!all.every(isRecord)) return first;
  // Not every kind of fault is met in every trial.
  return name === 'met' ? meanCounts(all as readonly Counts[]) : meanMembers(all);
}

/** The means of counts that not every trial has; nothing where none has any. */
function meanOfCounts<Name extends 'refusalCodes' | 'programEnds' | 'stoppedCalls' | 'sentAgain'>(
  results: readonly Result[],
  name: Name,
): Pick<Result, Name> | undefined {
  if (results.every((result) => result[name] === undefined)) return undefined;
  return { [name]: meanCounts(results.map((result): Counts => result[name] ?? {})) } as Pick<Result, Name>;
}

/** The means of what was counted by category; a trial that has nothing of one counts as 0. */
function meanOfCategories(all: readonly Result[]): NonNullable<Result['counts']> {
  const known = all.map(({ counts = [] }) => new Map(counts.map((each) => [each.category, each])));
  return categories.flatMap((category) => {
    if (!known.some((counts) => counts.has(category))) return [];
    const mean = (name: 'tokens' | 'low' | 'high' | 'estimated' | 'counted' | 'variance') =>
      dyadic(meanOf(known, (counts) => counts.get(category)?.[name] ?? 0));
    const kinds = new Set(known.flatMap((counts) => Object.keys(counts.get(category)?.drift ?? {})));
    const drift = [...kinds].map((kind) => [
      kind,
      dyadic(meanOf(known, (counts) => counts.get(category)?.drift[kind] ?? 0)),
    ]);
    return [
      {
        category,
        tokens: mean('tokens'),
        low: mean('low'),
        high: mean('high'),
        estimated: mean('estimated'),
        counted: mean('counted'),
        drift: Object.fromEntries(drift),
        // Trials of one workflow hold much the same texts, whose errors do not even out over them.
        variance: mean('variance'),
      },
    ];
  });
}

/** Means of rows that not every trial has: where one lacks a row, it has no such tokens. */
function meanLedger(ledgers: readonly LedgerRow[][]): LedgerRow[] {
  const isPriced = ledgers.every((rows) => rows.every(({ costUsd }) => costUsd));
  const share = (sum: number) => Math.round((sum / ledgers.length) * 1e10) / 1e10;
  // Rows of a trial that is read from a journal have their keys in another order.
  const byPlace = Map.groupBy(ledgers.flat(), ({ tokens: _tokens, costUsd: _cost, ...place }) =>
    canonicalJson(place),
  );
  return [...byPlace.values()].map((rows) => {
    const { costUsd: _, ...row } = rows[0] as LedgerRow;
    const sum = (pick: (row: LedgerRow) => number) => rows.reduce((total, each) => total + pick(each), 0);
    const usd = (kind: 'cached' | 'uncached') => share(sum(({ costUsd }) => costUsd?.[kind] ?? 0));
    return {
      ...row,
      tokens: dyadic(sum(({ tokens }) => tokens) / ledgers.length),
      ...(isPriced && { costUsd: { cached: usd('cached'), uncached: usd('uncached') } }),
    };
  });
}

/** Taken from the rows where they are the bill, so that rows and bill agree to the last digit. */
function meanTokens(all: readonly Figures[], ledger: LedgerRow[]): Tokens {
  const mean = (name: keyof Tokens) => dyadic(meanOf(all, ({ tokens }) => tokens[name]));
  const sum = (has: (row: LedgerRow) => boolean) =>
    ledger.reduce((total, row) => total + (has(row) ? row.tokens : 0), 0);
  const cached = (state: string) => (row: LedgerRow) => row.direction === 'input' && row.cache === state;
  const exact = all.every((each) => !('remainder' in each) || each.remainder === undefined);
  const input = exact ? sum((row) => row.direction === 'input') : mean('input');
  const output = exact ? sum((row) => row.direction === 'output') : mean('output');
  return {
    context: exact ? sum((row) => !isResent(row)) : mean('context'),
    billed: input + output,
    input,
    output,
    cacheRead: exact ? sum(cached('cache_read')) : mean('cacheRead'),
    cacheWrite: exact ? sum(cached('cache_write')) : mean('cacheWrite'),
  };
}

function remainderOf(all: readonly Figures[]): number {
  const ledger = meanLedger(all.map((each) => each.ledger));
  return meanTokens(all, ledger).billed - ledger.reduce((total, row) => total + row.tokens, 0);
}

function sumProviders(providers: readonly ProviderReport[]): ProviderReport {
  const sum = (pick: (report: ProviderReport) => number) =>
    providers.reduce((total, report) => total + pick(report), 0);
  const seen = providers.flatMap(({ caching }) => caching.observed ?? []);
  const recordings = providers.flatMap((report) => report.recordings ?? []);
  return {
    usage: { counted: sum(({ usage }) => usage.counted), missing: sum(({ usage }) => usage.missing) },
    caching: {
      asked: providers.some(({ caching }) => caching.asked),
      observed: seen.length > 0 ? seen.some(Boolean) : null,
      start: providers.some(({ caching }) => caching.start === 'warm') ? 'warm' : 'cold',
      foundWarm: sum(({ caching }) => caching.foundWarm),
    },
    retries: {
      attempts: sum(({ retries }) => retries.attempts),
      possiblyBilled: sum(({ retries }) => retries.possiblyBilled),
      kinds: addCounts(providers.map(({ retries }) => retries.kinds)),
    },
    causes: addCounts(providers.map(({ causes }) => causes)),
    respondingModels: [...new Set(providers.flatMap((report) => report.respondingModels))].sort(),
    origins: [...new Set(providers.flatMap((report) => report.origins))].sort(),
    ...(recordings.length > 0 && {
      recordings: {
        replayed: sum(({ recordings: own }) => own?.replayed ?? 0),
        live: sum(({ recordings: own }) => own?.live ?? 0),
        unused: sum(({ recordings: own }) => own?.unused ?? 0),
        diverged: recordings.flatMap(({ diverged }) => diverged),
      },
    }),
  };
}

/** Of those that are equally frequent, the one that came first. */
function mostFrequent<T>(values: readonly T[]): T {
  const groups = [...Map.groupBy(values, (value) => value).values()];
  const [most] = groups.reduce((best, group) => (group.length > best.length ? group : best));
  return most as T;
}

function meanOf<T>(values: readonly T[], pick: (value: T) => number): number {
  return values.reduce((total, value) => total + pick(value), 0) / values.length;
}

/**
 * To the nearest 1024th of a token. Such numbers add up without rounding, in any order, so that the rows of a mean
 * ledger sum to the mean bill exactly, as those of one trial do.
 */
function dyadic(tokens: number): number {
  return Math.round(tokens * 1024) / 1024;
}

/** How often something occurred, by its name; what did not occur is absent. */
type Counts = Partial<Record<string, number>>;

/** The sums of counts by name, names sorted, so that they are written alike wherever they were counted. */
export function addCounts(all: readonly Counts[]): Record<string, number> {
  return combine(all, 1);
}

/** The means of counts by name; where one lacks a name, there were none of it. */
function meanCounts(all: readonly Counts[]): Record<string, number> {
  return combine(all, all.length);
}

export function sumOfCounts(counts: Counts): number {
  return Object.values(counts).reduce<number>((sum, count) => sum + (count ?? 0), 0);
}

function combine(all: readonly Counts[], divisor: number): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const counts of all) {
    for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + (count ?? 0);
  }
  const sorted = Object.entries(sums).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, sum]) => [name, sum / divisor]));
}
