import { defaultPolicy } from '../../harness/analysis/verdict/comparison.ts';
import {
  cheaperCost,
  largestRequestOf,
  totalOf,
  valueOfRow,
  wholeJob,
} from '../../harness/analysis/verdict/measure.ts';
import { InfrastructureError } from '../../harness/errors.ts';
import type { LatencyProfile } from '../../harness/meter/latency.ts';
import { number } from '../../harness/numbers.ts';
import type { Measure } from '../../harness/results/codes.ts';
import { pointKey } from '../../harness/results/point.ts';
import { isMeasured, readResult } from '../../harness/results/reading.ts';
import type { LedgerRow, Result, Summary } from '../../harness/results/summary.ts';
import type { Sweep } from '../../harness/results/sweep.ts';
import { type ItemFlip, inverse, type Verdict } from '../../harness/results/verdict.ts';
import { mistakeWords } from '../run/flips.ts';
import { billTable } from '../run/tables.ts';
import type { Section } from '../run/view.ts';
import { type Content, html, htmlList, htmlTable, type Markup } from '../text/markup.ts';
import type { Table } from '../text/table.ts';
import {
  type Cause,
  type Part,
  partNames,
  partOf,
  type Side,
  type Sizes,
  type Trend,
  type Workflow,
} from './data.ts';
import { capital } from './view/marks.ts';

/** What the page says of a workflow, without its traces. `sweep` is what was run at other sizes. */
export function toWorkflow(
  section: Section,
  { id, by, profile, sweep }: { id: string; by: Measure; profile: LatencyProfile; sweep: Sweep | undefined },
): Omit<Workflow, 'traces' | 'trend'> {
  const { verdict, results } = section;
  const [classic, code] = (['classic', 'code'] as const).map(
    (pattern) =>
      results.find(({ variant }) => variant === verdict?.sides[pattern]?.name) ??
      results.find((result) => result.pattern === pattern),
  );
  const isCompared =
    classic && code && isMeasured(classic) && isMeasured(code) && classic.evidence === code.evidence;
  const [first, rest] = splitSentence(section.ruling ?? 'Outstanding: not every trial has ended.');
  const { flips, ratio = null } = verdict ?? {};
  return {
    id,
    name: section.scenario,
    params: section.params,
    advice: verdict?.pattern ?? 'outstanding',
    verdict: first,
    why: rest,
    ratio,
    dearerBy: ratio && ratio.value < 1 ? inverse(ratio) : ratio,
    margin: (verdict?.policy ?? defaultPolicy).margin,
    sides: {
      classic: classic && toSide(classic, verdict, by),
      code: code && toSide(code, verdict, by),
    },
    causes: isCompared ? splitByCause({ classic, code }, by, profile) : undefined,
    turns: (flips?.assumptions ?? []).map(({ assume, pattern, ratio }) => ({
      words: turnNames[assume],
      advice: pattern,
      ratio,
    })),
    month: section.month,
    changes: section.flips?.would ?? [],
    holds: section.flips?.wouldNot ?? [],
    slack: (flips?.slack ?? []).map(({ mistake, ...each }) => ({ ...each, words: mistakeWords[mistake][1] })),
    sizes: sweep && flips?.items && toSizes(flips.items, sweep, by, results),
    details: describeDetails(section),
  };
}

type Assume = NonNullable<Verdict['flips']>['assumptions'][number]['assume'];

/** Assumptions in as few words as stand beside a chart. */
const turnNames: Record<Assume, string> = {
  uncached: 'no caching',
  warm: 'warm cache',
  cold: 'cold cache',
  minimumHigher: 'prompts longer, at cache minimum',
  minimumLower: 'prompts shorter, at cache minimum',
  padded: 'prompts padded to cache minimum',
  oneCall: 'one call a message',
  observedCalls: '1.9 calls a message, as observed',
  allCalls: 'all calls at once',
  requestsHigher: 'requests larger than counted',
  requestsLower: 'requests smaller than counted',
};

function toSide(result: Result, verdict: Verdict | undefined, by: Measure): Side {
  const { variant, pattern, trials, correct, statistics } = result;
  const whole = wholeJob(result);
  const measured = isMeasured(result);
  const interval =
    by === 'cost' ? statistics?.costUsd : by === 'tokens' ? statistics?.billedTokens : undefined;
  const floor = (verdict?.policy ?? defaultPolicy).floor;
  return {
    variant,
    pattern,
    value: measured ? totalOf(whole, by) : null,
    low: interval?.status === 'interval' ? interval.low : undefined,
    high: interval?.status === 'interval' ? interval.high : undefined,
    right: measured ? correct : null,
    trials,
    failed: measured && (correct ?? 0) < floor,
    hypothetical: whole.hypothetical,
    usd: measured ? cheaperCost(whole.costUsd) : null,
    roundTrips: whole.roundTrips,
    toolCalls: whole.toolCalls,
    billed: whole.tokens.billed,
    seconds: whole.latencyMs.modelled / 1000,
    largest: largestRequestOf(result),
    fault: measured && correct === 1 ? undefined : faultOf(result),
    faultAt: result.overflow?.roundTrip,
  };
}

function faultOf(result: Result): string {
  const reading = readResult(result);
  if (reading.status === 'overflowed' && result.overflow) {
    const { roundTrip, inputTokens, contextWindow } = result.overflow;
    return `Request ${roundTrip} needs ${number(inputTokens)} tokens; the window holds ${number(contextWindow)}.`;
  }
  return result.reason;
}

function toSizes(
  { param, now, tried }: ItemFlip,
  sweep: Sweep,
  by: Measure,
  results: readonly Result[],
): Sizes {
  const named = new Map(results.map(({ variant, pattern }) => [variant, pattern]));
  const found = sweep.points
    .flatMap((point) => point.results.map((result) => ({ ...result, at: Number(point.params[param]) })))
    .sort((a, b) => a.at - b.at);
  return {
    param,
    now,
    tried: tried.map(({ at, pattern }) => ({ at, advice: pattern })),
    lines: [...Map.groupBy(found, ({ variant }) => variant)].map(([variant, own]) => ({
      variant,
      pattern: named.get(variant) ?? own[0]?.pattern ?? 'classic',
      points: own.flatMap(({ at, correct, fits, costUsd, tokens, modelledSeconds }) => {
        const value = { cost: cheaperCost(costUsd), tokens: tokens.billed, latency: modelledSeconds }[by];
        return value === null || !(value > 0) ? [] : [{ at, value, ok: fits && correct === 1 }];
      }),
    })),
  };
}

/** The first sentence of a text, and what follows it. */
export function splitSentence(text: string): [first: string, rest: string] {
  const end = /[.!?](?=\s+\p{Lu})/u.exec(text);
  return end ? [text.slice(0, end.index + 1), text.slice(end.index + 1).trim()] : [text, ''];
}

/** Every further figure of a workflow, as markup: what Markdown says of it, too. */
function describeDetails(section: Section): string {
  const { results, statistics, trialNotes } = section;
  const isRepeated = statistics.rows.length > 0;
  return html`${[
    tableBlock('Figures', section.figures),
    results.some(({ ledger }) => ledger.length > 0) && tableBlock('Bill by category', billTable(results)),
    tableBlock('All variants', section.ladder),
    tableBlock('What no model need see', section.canaries),
    tableBlock('Faults', section.faults),
    tableBlock('Approvals', section.approvals),
    listBlock('What makes the difference', section.why),
    tableBlock('The criteria', section.criteria),
    listBlock('What went wrong', [...section.wrong, ...section.failures]),
    tableBlock('Several trials', statistics, trialNotes),
    !isRepeated && listBlock('Notes on the trials', trialNotes),
    listBlock('The provider’s part', section.providerNotes),
  ]}`.text;
}

/** A table under a heading, with notes. */
export function tableBlock(
  heading: string,
  table: Table | undefined,
  notes: readonly string[] = [],
): Content {
  return (
    table && table.rows.length > 0 && block(heading, html`${htmlTable(table, heading)}${htmlList(notes)}`)
  );
}

/** Lines under a heading; nothing where there are none. */
export function listBlock(heading: string, lines: readonly string[]): Content {
  return lines.length > 0 && block(heading, htmlList(lines));
}

function block(heading: string, content: Content): Markup {
  return html`<section class="more-block"><h3>${heading}</h3>${content}</section>\n`;
}

const sentAgain = 'History sent again';
const overhead = 'Overhead of round trips';

/** The share of a sum that rounding may take: rows of a bill are rounded. */
const tolerance = 1e-6;

/**
 * What both results spend, by cause, in a measure. A token counts for what it is when it is written or first sent. Each later time
 * it counts as history that is sent again. Undefined where one result has no value.
 *
 * Throws an `InfrastructureError` where the causes do not add up to the bill. Where a provider counted, what the estimate leaves
 * over is a cause of its own.
 */
function splitByCause(
  sides: { classic: Result; code: Result },
  by: Measure,
  profile: LatencyProfile,
): Cause[] | undefined {
  const classic = causesOf(sides.classic, by, profile);
  const code = causesOf(sides.code, by, profile);
  if (!classic || !code) return undefined;
  return [...new Set([...classic.keys(), ...code.keys()])].map((name) => ({
    name,
    classic: classic.get(name) ?? 0,
    code: code.get(name) ?? 0,
  }));
}

function causesOf(result: Result, by: Measure, profile: LatencyProfile): Map<string, number> | undefined {
  const figures = wholeJob(result);
  const bill = totalOf(figures, by);
  if (bill === null) return undefined;
  const value = valueOfRow(figures, by, profile);
  const causes = new Map<string, number>();
  const add = (name: string, amount: number) => causes.set(name, (causes.get(name) ?? 0) + amount);
  for (const row of figures.ledger) add(causeOf(row), value(row));
  if (by === 'latency') add(overhead, figures.roundTrips * profile.overheadSeconds);
  const left = bill - [...causes.values()].reduce((sum, amount) => sum + amount, 0);
  // Model time is kept in whole milliseconds.
  const rounding = Math.max(tolerance * bill, by === 'latency' ? 0.001 : 1e-8);
  if (Math.abs(left) <= rounding) return causes;
  if (!result.provider) {
    throw new InfrastructureError(
      `The causes of ${result.scenario}, ${result.variant}, sum to ${bill - left} and its bill to ${bill} (${by}). No page is made of figures that do not add up. Was summary.json changed?`,
    );
  }
  add(nameOf('rest'), left);
  return causes;
}

function causeOf(row: LedgerRow): string {
  return row.direction === 'input' && row.history === 'resent' ? sentAgain : nameOf(partOf[row.category]);
}

function nameOf(part: Part): string {
  return part === 'written' ? 'Calls, programs, answer' : capital(partNames[part]);
}

/** A run that is kept beside others, and when it was begun, as an ISO date. */
export type StoredRun = { startedAt: string; summary: Summary };

/**
 * How the two sides of a workflow went from run to run, the oldest first. Runs of another model, measure, size or kind of evidence
 * are left out and counted. Undefined where fewer than two runs are left.
 */
export function toTrend(verdict: Verdict, stored: readonly StoredRun[], now: StoredRun): Trend | undefined {
  const isComparable = ({ summary }: StoredRun) =>
    summary.model === now.summary.model && summary.evidence === now.summary.evidence;
  const all = [...stored.filter(({ startedAt }) => startedAt !== now.startedAt), now]
    .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1))
    .filter(({ summary }) => summary.verdicts.some(({ scenario }) => scenario === verdict.scenario));
  const runs = all.flatMap((run) => {
    const own = run.summary.verdicts.find((each) => pointKey(each) === pointKey(verdict));
    return own && own.by === verdict.by && isComparable(run) ? [{ ...run, own }] : [];
  });
  if (runs.length < 2) return undefined;
  return {
    param: 'run',
    now: 1 + runs.findIndex(({ startedAt }) => startedAt === now.startedAt),
    names: runs.map(({ startedAt }) => startedAt.slice(0, 16).replace('T', ' ')),
    leftOut: all.length - runs.length,
    tried: runs.map(({ own }, index) => ({ at: index + 1, advice: own.pattern })),
    lines: (['classic', 'code'] as const).map((pattern) => ({
      variant: pattern,
      pattern,
      points: runs.flatMap(({ own: { sides, policy } }, index) => {
        const side = sides[pattern];
        if (!side?.value) return [];
        return [{ at: index + 1, value: side.value, ok: side.share >= policy.floor }];
      }),
    })),
  };
}
