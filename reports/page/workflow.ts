import { defaultPolicy } from '../../harness/analysis/verdict/comparison.ts';
import { cheaperCost, largestRequestOf, totalOf, wholeJob } from '../../harness/analysis/verdict/measure.ts';
import type { LatencyProfile } from '../../harness/meter/latency.ts';
import { number } from '../../harness/numbers.ts';
import type { Measure } from '../../harness/results/codes.ts';
import { isMeasured, readResult } from '../../harness/results/reading.ts';
import type { Result } from '../../harness/results/summary.ts';
import type { Sweep } from '../../harness/results/sweep.ts';
import { type ItemFlip, inverse, type Verdict } from '../../harness/results/verdict.ts';
import { mistakeWords } from '../run/flips.ts';
import { billTable } from '../run/tables.ts';
import type { Section } from '../run/view.ts';
import { type Content, html, htmlList, htmlTable, type Markup, type Table } from '../text/markup.ts';
import { splitByCause } from './causes.ts';
import type { Side, Sizes, Workflow } from './data.ts';

/** What the page says of a workflow, without its traces. `sweep` is what was run at other sizes. */
export function toWorkflow(
  section: Section,
  { id, by, profile, sweep }: { id: string; by: Measure; profile: LatencyProfile; sweep: Sweep | undefined },
): Omit<Workflow, 'traces' | 'task'> {
  const { verdict, results } = section;
  const { classic, code } = chooseSides(section);
  const isCompared =
    classic && code && isMeasured(classic) && isMeasured(code) && classic.evidence === code.evidence;
  const causes = isCompared ? splitByCause({ classic, code }, by, profile) : undefined;
  const [first, rest] = splitSentence(section.ruling ?? 'Outstanding: not every trial has ended.');
  const { flips, ratio = null } = verdict ?? {};
  const sizes = sweep && flips?.items && toSizes(flips.items, sweep, by, results);
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
      ...(classic && { classic: toSide(classic, verdict, by) }),
      ...(code && { code: toSide(code, verdict, by) }),
    },
    ...(causes && { causes }),
    turns: (flips?.assumptions ?? []).map(({ assume, pattern, ratio }) => ({
      words: turnNames[assume],
      advice: pattern,
      ratio,
    })),
    ...(section.month !== undefined && { month: section.month }),
    changes: section.flips?.would ?? [],
    holds: section.flips?.wouldNot ?? [],
    slack: (flips?.slack ?? []).map(({ side, mistake, variant, each, most, isLeast }) => ({
      side,
      words: mistakeWords[mistake][1],
      each,
      ...(most !== undefined && { most }),
      ...(isLeast && { isLeast }),
      ...(variant !== undefined && { variant }),
    })),
    ...(sizes && { sizes }),
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

/** The two results that the verdict compares; where there is none, the first of each pattern. */
function chooseSides({ results, verdict }: Section): {
  classic: Result | undefined;
  code: Result | undefined;
} {
  const side = (pattern: 'classic' | 'code') =>
    results.find(({ variant }) => variant === verdict?.sides[pattern]?.name) ??
    results.find((result) => result.pattern === pattern);
  return { classic: side('classic'), code: side('code') };
}

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
    ...(interval?.status === 'interval' && { low: interval.low, high: interval.high }),
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
    ...((!measured || correct !== 1) && { fault: faultOf(result) }),
    ...(result.overflow && { faultAt: result.overflow.roundTrip }),
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
