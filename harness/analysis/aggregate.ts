import type { LedgerRow } from '../meter/ledger.ts';
import type { Assumed, Otherwise } from '../meter/otherwise.ts';

import type { CanaryReport } from '../results/canaries.ts';
import type { ClientBill } from '../results/client.ts';
import { assumptions, categories, mistakes } from '../results/codes.ts';
import type { MetFaults } from '../results/conditions.ts';

import type { ProviderReport } from '../results/provider.ts';
import { type Figures, isMeasured } from '../results/reading.ts';
import type { Result } from '../results/summary.ts';

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
    ...combineTrials(shown, first),
    trials: results.length,
    status: mostFrequent(shown.map((result) => result.status)),
    outcomes: tally(results.map((result) => result.status)),
    reason: telling.reason,
    ...(results.some((result) => result.scenarioFault) && { scenarioFault: true as const }),
    correct: graded.length > 0 ? meanOf(graded, (result) => result.correct ?? 0) : null,
    ...meanFigures(shown),
    ...(shown.every((result) => result.costUsd) ? {} : { unpriced: true as const }),
    ...(shown.every(({ counts }) => counts) && { counts: meanOfCategories(shown) }),
    ...(gaps.length > 0 && { cacheGapMs: Math.max(...gaps) }),
    ...(shown.every((result) => result.otherwise) && {
      otherwise: meanOtherwise(shown.flatMap(({ otherwise }) => otherwise ?? [])),
    }),
    ...(shown.every((result) => result.client) && {
      client: meanClient(shown.flatMap(({ client }) => client ?? [])),
    }),
    ...(shown.every(({ canaries }) => canaries) && {
      canaries: meanCanaries(shown.flatMap(({ canaries }) => canaries ?? [])),
    }),
    ...(shown.every(({ faults }) => faults) && {
      faults: meanFaults(shown.flatMap(({ faults }) => faults ?? [])),
    }),
    ...meanApprovals(shown),
    ...meanOfCounts(shown, 'refusalCodes'),
    ...meanOfCounts(shown, 'programEnds'),
    ...meanOfCounts(shown, 'stoppedCalls'),
    ...meanOfCounts(shown, 'sentAgain'),
    ...(shown.some((result) => result.remainder !== undefined) && { remainder: remainderOf(shown) }),
    ...(overflow && { overflow }),
    // Of a job that only some of the trials would have had to finish, there is no mean.
    ...(whole.length === shown.length && {
      hypothetical: { ...meanFigures(whole), correct: meanOf(whole, ({ correct }) => correct) },
    }),
    ...(providers.length > 0 && { provider: sumProviders(providers) }),
    measured: {
      toolsMs: tenth(meanOf(shown, ({ measured: { toolsMs } }) => toolsMs)),
      sandboxMs: tenth(meanOf(shown, ({ measured: { sandboxMs } }) => sandboxMs)),
      serverStartMs: tenth(meanOf(shown, ({ measured: { serverStartMs } }) => serverStartMs)),
      totalMs: tenth(meanOf(shown, ({ measured: { totalMs } }) => totalMs)),
    },
  };
}

/**
 * What holds for all trials: a number is their mean, anything else that of the first. What one of them lacks is left out, since
 * that of the others does not hold for all. Figures that combine in another way come after it.
 */
function combineTrials(results: readonly Result[], first: Result): Result {
  const entries = Object.entries(first).flatMap(([name, value]) => {
    const own = results.map((result) => result[name as keyof Result]);
    if (own.some((each) => each === undefined)) return [];
    return [[name, own.every((each) => typeof each === 'number') ? meanOf(own, (each) => each) : value]];
  });
  return Object.fromEntries(entries) as Result;
}

function meanClient(bills: readonly ClientBill[]): ClientBill {
  const mean = (pick: (bill: ClientBill) => number) => meanOf(bills, pick);
  return {
    roundTrips: mean(({ roundTrips }) => roundTrips),
    billed: mean(({ billed }) => billed),
    costUsd: bills.some(({ costUsd }) => costUsd === null)
      ? null
      : toUsd(mean(({ costUsd }) => costUsd ?? 0)),
    modelledMs: Math.round(mean(({ modelledMs }) => modelledMs)),
    largestRequest: mean(({ largestRequest }) => largestRequest),
    spilled: {
      results: mean(({ spilled }) => spilled.results),
      tokens: mean(({ spilled }) => spilled.tokens),
    },
  };
}

function meanCanaries(all: readonly CanaryReport[]): CanaryReport {
  const mean = (name: keyof CanaryReport) => meanOf(all, (each) => each[name]);
  return { returned: mean('returned'), reached: mean('reached'), bytes: mean('bytes') };
}

function meanFaults(all: readonly MetFaults[]): MetFaults {
  const mean = (pick: (faults: MetFaults) => number) => meanOf(all, pick);
  return {
    met: meanCounts(all.map(({ met }) => met)),
    retried: mean(({ retried }) => retried),
    gaveUp: mean(({ gaveUp }) => gaveUp),
    wroteTwice: mean(({ wroteTwice }) => wroteTwice),
    silent: mean(({ silent }) => silent),
  };
}

function meanApprovals(results: readonly Result[]): Pick<Result, 'approvals'> | undefined {
  const all = results.flatMap(({ approvals }) => approvals ?? []);
  const [first] = all;
  if (!first || all.length < results.length) return undefined;
  const mean = (name: 'asked' | 'refused' | 'calls' | 'waitMs') => meanOf(all, (each) => each[name]);
  return {
    approvals: {
      ...{ per: first.per, by: first.by, asked: mean('asked'), refused: mean('refused') },
      ...{ calls: mean('calls'), waitMs: mean('waitMs') },
      measured: { waitMs: Math.round(meanOf(all, ({ measured }) => measured.waitMs)) },
    },
  };
}

/** The means of counts that not every trial has; nothing where none has any. */
function meanOfCounts<Name extends 'refusalCodes' | 'programEnds' | 'stoppedCalls' | 'sentAgain'>(
  results: readonly Result[],
  name: Name,
): Pick<Result, Name> | undefined {
  if (results.every((result) => result[name] === undefined)) return undefined;
  return { [name]: meanCounts(results.map((result): Counts => result[name] ?? {})) } as Pick<Result, Name>;
}

function meanFigures(all: readonly Figures[]): Figures {
  const ledger = meanLedger(all.map((each) => each.ledger));
  const costs = all.flatMap(({ costUsd }) => (costUsd ? [costUsd] : []));
  const live = all.flatMap(({ latencyMs }) => latencyMs.measuredModel ?? []);
  return {
    roundTrips: meanOf(all, ({ roundTrips }) => roundTrips),
    toolCalls: meanOf(all, ({ toolCalls }) => toolCalls),
    tokens: meanTokens(all, ledger),
    ledger,
    costUsd:
      costs.length < all.length
        ? null
        : {
            cached: toUsd(meanOf(costs, ({ cached }) => cached)),
            uncached: toUsd(meanOf(costs, ({ uncached }) => uncached)),
          },
    latencyMs: {
      modelled: Math.round(meanOf(all, ({ latencyMs }) => latencyMs.modelled)),
      measured: tenth(meanOf(all, ({ latencyMs }) => latencyMs.measured)),
      ...(live.length === all.length && { measuredModel: tenth(meanOf(live, (ms) => ms)) }),
    },
  };
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
  const byPlace = Map.groupBy(ledgers.flat(), ({ tokens: _tokens, costUsd: _cost, ...place }) =>
    JSON.stringify(place),
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
    context: exact ? sum((row) => row.direction === 'output' || row.history === 'new') : mean('context'),
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
        replayed: recordings.reduce((total, { replayed }) => total + replayed, 0),
        live: recordings.reduce((total, { live }) => total + live, 0),
        unused: recordings.reduce((total, { unused }) => total + unused, 0),
        diverged: recordings.flatMap(({ diverged }) => diverged),
      },
    }),
  };
}

function tally(statuses: readonly Result['status'][]): NonNullable<Result['outcomes']> {
  return addCounts(statuses.map((status) => ({ [status]: 1 })));
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

function toUsd(amount: number): number {
  return Math.round(amount * 1e8) / 1e8;
}

function tenth(ms: number): number {
  return Math.round(ms * 10) / 10;
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

export function isEmpty(counts: Counts): boolean {
  return Object.keys(counts).length === 0;
}

function combine(all: readonly Counts[], divisor: number): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const counts of all) {
    for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + (count ?? 0);
  }
  const sorted = Object.entries(sums).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, sum]) => [name, sum / divisor]));
}

/** The means of what trials would have been billed under other assumptions: of those that all trials have. */
function meanOtherwise(all: readonly Otherwise[]): Otherwise {
  const names = assumptions.filter((name) => all.every(({ assumed }) => assumed[name]));
  const factors = all[0]?.sizes.map(({ factor }) => factor) ?? [];
  const sizesAt = (factor: number) =>
    all.flatMap(({ sizes }) => sizes.filter((size) => size.factor === factor));
  return {
    assumed: Object.fromEntries(
      names.map((name) => [name, meanAssumed(all.flatMap(({ assumed }) => assumed[name] ?? []))]),
    ),
    sizes: factors
      .filter((factor) => sizesAt(factor).length === all.length)
      .map((factor) => ({
        factor,
        results: meanAssumed(sizesAt(factor).map(({ results }) => results)),
        resultsAndOutput: meanAssumed(sizesAt(factor).map(({ resultsAndOutput }) => resultsAndOutput)),
      })),
    mistakes: Object.fromEntries(
      mistakes
        .filter((name) => all.every((each) => each.mistakes[name]))
        .map((name) => [
          name,
          Array.from({ length: Math.min(...all.map((each) => each.mistakes[name]?.length ?? 0)) }, (_, at) =>
            meanAssumed(all.flatMap((each) => each.mistakes[name]?.[at] ?? [])),
          ),
        ]),
    ),
  };
}

function meanAssumed(all: readonly Assumed[]): Assumed {
  const mean = (pick: (each: Assumed) => number) =>
    all.reduce((sum, each) => sum + pick(each), 0) / all.length;
  const usd = (kind: 'cached' | 'uncached') =>
    Math.round(mean(({ costUsd }) => costUsd?.[kind] ?? 0) * 1e8) / 1e8;
  return {
    costUsd: all.every(({ costUsd }) => costUsd)
      ? { cached: usd('cached'), uncached: usd('uncached') }
      : null,
    billed: mean(({ billed }) => billed),
    modelledMs: Math.round(mean(({ modelledMs }) => modelledMs)),
    largestRequest: mean(({ largestRequest }) => largestRequest),
  };
}
