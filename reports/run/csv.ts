import { categories, programStatuses, refusalCodes, stopCodes } from '../../harness/results/codes.ts';
import { type Figures, readResult } from '../../harness/results/reading.ts';
import type { Result, Summary } from '../../harness/results/summary.ts';
import { toCsvText } from '../text/csv.ts';
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
