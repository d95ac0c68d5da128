import { type Category, categories, type LedgerRow } from '../meter/ledger.ts';
import type { RunRecord } from '../run/run-directory.ts';
import type { Result, Summary } from '../run/summary.ts';
import type { ToolRecord } from '../run/tool-record.ts';
import { pointKey } from '../scenario/point.ts';
import {
  type Baseline,
  type BaselineScenario,
  type BaselineVariant,
  baselineFormat,
  type Figures,
  type Samples,
} from './baseline.ts';
import { readSamples, type TrialFigures } from './samples.ts';
import { readSettings } from './settings.ts';

/** Everything that a run directory says. */
export type RunContents = { summary: Summary; run: RunRecord; tools: ToolRecord[]; trials: TrialFigures[] };

/**
 * Reduces a run to what comparisons are made of. Leaves out whatever was measured, and results without an outcome of
 * their own (infrastructure): whoever compares must ask `findIncomplete` first.
 */
export function collect(contents: RunContents): Baseline {
  const { summary, run, tools } = contents;
  const definitions: Baseline['definitions'] = {};
  for (const { definitions: listed } of tools) {
    for (const { hash, ...sizes } of listed) definitions[`${sizes.server}.${sizes.tool}#${hash}`] = sizes;
  }
  const groups = Map.groupBy(summary.results.filter(isMeasured), (result) => pointKey(result));
  const { tokens, documented } = summary.tokenCounts.toolUseSystemTokens;
  return {
    format: baselineFormat,
    seed: summary.seed,
    model: run.model as Baseline['model'],
    tokenizer: `${summary.tokenCounts.method}, ${documented ? '' : 'assumed '}${tokens} tokens for tool use`,
    imperfections: summary.imperfections ?? null,
    settings: readSettings(run),
    scenarios: [...groups]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, results]) => toScenario(key, results, contents)),
    definitions,
  };
}

/** What keeps a run from being compared, in words; empty where every planned trial has an outcome. */
export function findIncomplete({ summary }: Pick<RunContents, 'summary'>): string[] {
  const broken = summary.results.flatMap(({ scenario, variant, reason, trials, ...result }) => {
    if (!isMeasured(result)) return [`${scenario} / ${variant} was not measured: ${reason}`];
    const lost = result.outcomes?.infrastructure_error ?? 0;
    const by = result.scenarioFault ? "the scenario's own code" : 'infrastructure';
    return lost > 0 ? [`${scenario} / ${variant}: ${by} ended ${lost} of ${trials} trials.`] : [];
  });
  return summary.status === 'partial'
    ? ['It is partial: a planned trial, or a search for what flips a verdict, has not ended.', ...broken]
    : broken;
}

function isMeasured(result: Pick<Result, 'status' | 'correct'>): boolean {
  return result.status !== 'infrastructure_error' && result.correct !== null;
}

function toScenario(
  key: string,
  results: Result[],
  { summary, run, tools, trials }: RunContents,
): BaselineScenario {
  const [first] = results as [Result];
  const { scenario, params } = first;
  const records = tools.filter((record) => pointKey(record) === key);
  const [record] = records;
  const hash = run.scenarios.find((each) => each.name === scenario)?.hash ?? '';
  return {
    scenario,
    params,
    hash,
    verdict: summary.verdicts.find((verdict) => pointKey(verdict) === key)?.pattern ?? null,
    surface: record
      ? {
          instructions: record.instructions,
          tools: record.definitions.map((each) => `${each.server}.${each.tool}#${each.hash}`).sort(),
        }
      : null,
    variants: results
      .map((result) =>
        toVariant(
          result,
          records.find((each) => each.variant === result.variant),
          readSamples(result, trials),
        ),
      )
      .sort((a, b) => (`${a.variant}\n${a.evidence}` < `${b.variant}\n${b.evidence}` ? -1 : 1)),
  };
}

function toVariant(
  result: Result,
  record: ToolRecord | undefined,
  samples: Samples | undefined,
): BaselineVariant {
  const { hypothetical } = result;
  return {
    variant: result.variant,
    evidence: result.evidence,
    pattern: result.pattern,
    status: result.status,
    trials: result.trials,
    figures: toFigures(result),
    ...(hypothetical ? { hypothetical: toFigures(hypothetical) } : {}),
    ...(samples ? { samples } : {}),
    results: Object.fromEntries(
      (record?.results ?? []).map(({ server, tool, ...sizes }) => [`${server}.${tool}`, sizes]),
    ),
  };
}

function toFigures(
  of: Pick<Result, 'tokens' | 'roundTrips' | 'toolCalls' | 'costUsd' | 'correct' | 'ledger'>,
): Figures {
  return {
    billedTokens: of.tokens.billed,
    contextTokens: of.tokens.context,
    roundTrips: of.roundTrips,
    toolCalls: of.toolCalls,
    costCached: of.costUsd?.cached ?? null,
    costUncached: of.costUsd?.uncached ?? null,
    correct: of.correct,
    ledger: sumLedger(of.ledger),
  };
}

function sumLedger(rows: readonly LedgerRow[]): Figures['ledger'] {
  const sum = (own: LedgerRow[]) => own.reduce((total, row) => total + row.tokens, 0);
  const entries = categories.flatMap((category): [Category, { context: number; billed: number }][] => {
    const own = rows.filter((row) => row.category === category);
    const once = own.filter((row) => row.direction === 'output' || row.history === 'new');
    return own.length === 0 ? [] : [[category, { context: sum(once), billed: sum(own) }]];
  });
  return Object.fromEntries(entries);
}
