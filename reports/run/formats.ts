/** A run for other programs: a table, a test report, a badge, and figures to chart. */
import { cheaperCost, wholeJob } from '../../harness/analysis/verdict/measure.ts';
import { categories, programStatuses, refusalCodes, stopCodes } from '../../harness/results/codes.ts';
import { pointKey } from '../../harness/results/point.ts';
import { type Figures, readResult } from '../../harness/results/reading.ts';
import type { Result, Summary } from '../../harness/results/summary.ts';
import { type JunitCase, toCsvText, toJunitXml } from '../text/formats.ts';
import { contextByCategory } from './tables.ts';

/**
 * One row for each result, one column for each figure; tokens by category count each token once. Where a trial did not
 * fit its window, a second row with `hypothetical` true tells what the whole job would have billed.
 */
export function toCsv(summary: Summary): string {
  const rows = summary.results.flatMap((result) => {
    const reading = readResult(result);
    const row = toRow(summary, result, { ...reading.figures, right: result.correct }, false);
    if (reading.status !== 'overflowed' || !reading.whole) return [row];
    return [row, toRow(summary, result, reading.whole, true)];
  });
  return toCsvText(rows);
}

function toRow(
  summary: Summary,
  result: Result,
  figures: Figures & { right: number | null },
  hypothetical: boolean,
) {
  const context = contextByCategory(figures.ledger);
  return {
    scenario: result.scenario,
    params: JSON.stringify(result.params),
    variant: result.variant,
    pattern: result.pattern,
    model: result.model,
    evidence: result.evidence,
    seed: summary.seed,
    trials: result.trials,
    status: result.status,
    hypothetical: String(hypothetical),
    correct: figures.right,
    round_trips: figures.roundTrips,
    tool_calls: figures.toolCalls,
    programs: result.programs,
    ...counted('programs', programStatuses, result.programEnds),
    refusals: result.refusals,
    ...counted('refused', refusalCodes, result.refusalCodes),
    ...counted('stopped', stopCodes, result.stoppedCalls),
    approvals: result.approvals?.asked ?? 0,
    approvals_refused: result.approvals?.refused ?? 0,
    approved_calls: result.approvals?.calls ?? 0,
    approvals_wait_ms: result.approvals?.waitMs ?? 0,
    tokens_context: figures.tokens.context,
    tokens_billed: figures.tokens.billed,
    tokens_input: figures.tokens.input,
    tokens_output: figures.tokens.output,
    tokens_cache_read: figures.tokens.cacheRead,
    tokens_cache_write: figures.tokens.cacheWrite,
    ...Object.fromEntries(categories.map((category) => [`context_${category}`, context[category]])),
    cost_usd_cached: figures.costUsd?.cached ?? 'unpriced',
    cost_usd_uncached: figures.costUsd?.uncached ?? 'unpriced',
    latency_ms_modelled: figures.latencyMs.modelled,
    latency_ms_measured: figures.latencyMs.measured,
    reason: result.reason,
  };
}

/** A column for each name, whether or not anything of that name occurred: files of different runs have the same columns. */
function counted(prefix: string, names: readonly string[], counts: Partial<Record<string, number>> = {}) {
  return Object.fromEntries(names.map((name) => [`${prefix}_${name}`, counts[name] ?? 0]));
}

/** A case for each variant of each workflow: a wrong answer is a failure, what infrastructure ended an error. */
export function toRunJunit({ results, planned }: Summary): string {
  const missing = planned - results.reduce((sum, { trials }) => sum + trials, 0);
  const cases = results.map(({ scenario, variant, correct, reason, ...point }): JunitCase => {
    const kind = correct === null ? 'error' : 'failure';
    const name = [...paramsOf(point), variant].join(' ');
    return { of: scenario, name, end: correct === 1 ? undefined : { kind, message: reason } };
  });
  if (missing > 0) {
    const message = `${missing === 1 ? 'a trial has' : `${missing} trials have`} not been run`;
    cases.push({ name: 'run', end: { kind: 'skipped', message } });
  }
  return toJunitXml('run', cases);
}

function paramsOf({ params }: Pick<Result, 'params'>): string[] {
  return Object.entries(params).map(([name, value]) => `${name}=${value}`);
}

/** The verdicts of a run as an endpoint badge: JSON by which a badge service draws, schema version 1. */
export function toBadge({ verdicts, status }: Summary): string {
  const counts = (['code', 'classic', 'either', 'neither', 'insufficient'] as const).map((pattern) => ({
    name: pattern === 'insufficient' ? 'open' : pattern,
    count: verdicts.filter((verdict) => verdict.pattern === pattern).length,
  }));
  const occurring = counts.filter(({ count }) => count > 0);
  const message = occurring.map(({ name, count }) => `${name} ${count}`).join(' · ') || 'no verdict';
  const isWhole =
    status === 'complete' && verdicts.length > 0 && occurring.every(({ name }) => name !== 'open');
  return `${JSON.stringify({
    schemaVersion: 1,
    label: 'tool calls or code',
    message: status === 'partial' ? `${message} (partial)` : message,
    color: isWhole ? 'blue' : 'lightgrey',
  })}\n`;
}

/**
 * What each variant cost and was billed in the form `customSmallerIsBetter`, which services that chart benchmarks over commits
 * read. A variant without a right answer is left out: a smaller bill of a wrong answer is no better.
 */
export function toHistory({ results }: Summary): string {
  const scenarios = Map.groupBy(results, ({ scenario }) => scenario);
  const figures = results
    .filter(({ correct }) => correct !== null && correct > 0)
    .flatMap((result) => {
      const isAlone = new Set(scenarios.get(result.scenario)?.map(pointKey)).size === 1;
      const name = [result.scenario, ...(isAlone ? [] : paramsOf(result)), result.variant].join(' ');
      const cost = cheaperCost(wholeJob(result).costUsd);
      const { billed } = result.tokens;
      return [
        { name: `${name}: cost`, unit: 'USD', value: cost, ...rangeOf(result, 'costUsd') },
        { name: `${name}: billed`, unit: 'tokens', value: billed, ...rangeOf(result, 'billedTokens') },
      ].filter(({ value }) => value !== null);
    });
  return `${JSON.stringify(figures, null, 2)}\n`;
}

/** Half of the 95 % interval, where trials vary. */
function rangeOf({ statistics }: Result, figure: 'costUsd' | 'billedTokens'): { range?: string } {
  const found = statistics?.[figure];
  return found?.status === 'interval' ? { range: `± ${(found.high - found.low) / 2}` } : {};
}
