import { basename, isAbsolute } from 'node:path';
import { canonicalJson } from '../../json.ts';
import {
  type AmountName,
  amounts,
  type Baseline,
  type BaselineScenario,
  type BaselineVariant,
  baselineFormat,
  type Figures,
  isSampled,
  readSettings,
  type ToolResults,
} from '../../results/baseline.ts';
import { categories } from '../../results/codes.ts';
import { pointKey } from '../../results/point.ts';
import { isMeasured, lostTrials } from '../../results/reading.ts';
import type { RunRecord } from '../../results/run.ts';
import type { LedgerRow, Result, Summary } from '../../results/summary.ts';
import type { ToolRecord } from '../../results/trace.ts';
import type { TrialResult } from '../aggregate.ts';
import { mean, varianceOf } from '../stats/belief.ts';
import { isResent, uncertaintyOf } from '../verdict/measure.ts';
import { toSurface } from './causes.ts';
import { figureNames, trialsToShowFall, trialsToShowRise } from './change.ts';
import { defaultPolicy, findCheck } from './gate-policy.ts';

/** Everything that a run directory says. */
export type RunContents = { summary: Summary; run: RunRecord; tools: ToolRecord[]; trials: TrialResult[] };

/**
 * Reduces a run to what comparisons are made of. Leaves out all that was measured, and results without an outcome of
 * their own (infrastructure): whoever compares must ask `findIncomplete` first.
 */
export function collect(contents: RunContents): Baseline {
  const { summary, run, tools } = contents;
  const groups = Map.groupBy(summary.results.filter(isMeasured), (result) => pointKey(result));
  const { tokens, documented } = summary.tokenCounts.toolUseSystemTokens;
  return {
    format: baselineFormat,
    seed: summary.seed,
    model: run.model as Baseline['model'],
    tokenizer: `${summary.tokenCounts.method}, ${documented ? '' : 'assumed '}${tokens} tokens for tool use`,
    settings: readSettings(run),
    ...(run.config && { options: run.config.options }),
    scenarios: [...groups]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, results]) => toScenario(key, results, contents)),
    surfaces: Object.fromEntries(tools.map(toSurface).map(({ key, surface }) => [key, surface])),
  };
}

/** What keeps a run from being compared, in words; empty where every planned trial has an outcome. */
export function findIncomplete({ summary }: Pick<RunContents, 'summary'>): string[] {
  const broken = summary.results.flatMap((result) => {
    const { scenario, variant, reason, trials } = result;
    if (!isMeasured(result)) return [`${scenario} / ${variant} was not measured: ${reason}`];
    const lost = lostTrials(result);
    const by = result.scenarioFault ? "the scenario's own code" : 'infrastructure';
    return lost > 0 ? [`${scenario} / ${variant}: ${by} ended ${lost} of ${trials} trials.`] : [];
  });
  return summary.status === 'partial'
    ? ['It is partial: a planned trial, or a search for what flips a verdict, has not ended.', ...broken]
    : broken;
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
  const verdict = summary.verdicts.find((each) => pointKey(each) === key);
  const path = run.config?.scenarios.find((given) => isAbsolute(given) && basename(given) === scenario);
  return {
    scenario,
    ...(path !== undefined && { path }),
    params,
    hash: hash.slice(0, 12),
    verdict: verdict?.pattern ?? null,
    because: verdict?.because.kind ?? null,
    trialsNeeded: verdict?.trialsNeeded ?? null,
    surface: record ? toSurface(record).key : null,
    fields: findFields(records),
    variants: results
      .map((result) => {
        const own = records.find((each) => each.variant === result.variant);
        return toVariant(result, own, readNoise(result, trials));
      })
      .sort((a, b) => (`${a.variant}\n${a.evidence}` < `${b.variant}\n${b.evidence}` ? -1 : 1)),
  };
}

/** Fields of each tool's results, from the first variant that made the most calls of it: all get the same answers. */
function findFields(records: readonly ToolRecord[]): BaselineScenario['fields'] {
  const most = new Map<string, ToolRecord['results'][number]>();
  for (const results of records.flatMap((record) => record.results)) {
    const tool = `${results.server}.${results.tool}`;
    if (results.calls > (most.get(tool)?.calls ?? 0)) most.set(tool, results);
  }
  return Object.fromEntries([...most].map(([tool, { fields }]) => [tool, fields]));
}

function toVariant(
  result: Result,
  record: ToolRecord | undefined,
  noise: BaselineVariant['noise'],
): BaselineVariant {
  const { hypothetical } = result;
  const counting = result.provider ? undefined : toCounting(result);
  return {
    variant: result.variant,
    evidence: result.evidence,
    status: result.status,
    trials: result.trials,
    figures: toFigures(result),
    ...(hypothetical ? { hypothetical: toFigures(hypothetical) } : {}),
    ...(noise ? { noise } : {}),
    ...(counting && { counting }),
    results: Object.fromEntries((record?.results ?? []).map(toResults)),
  };
}

function toCounting(result: Result): BaselineVariant['counting'] {
  const sum = (name: 'estimated' | 'counted') =>
    (result.counts ?? []).reduce((total, each) => total + each[name], 0);
  const all = sum('estimated') + sum('counted');
  if (all === 0) return undefined;
  const off = Math.max(uncertaintyOf(result, 'tokens'), uncertaintyOf(result, 'cost'));
  return { exact: round(sum('counted') / all), off: round(off) };
}

/** To four decimals: a hundredth of a percent. */
const round = (share: number) => Math.round(share * 1e4) / 1e4;

function toResults(of: ToolRecord['results'][number]): [tool: string, results: ToolResults] {
  const { server, tool, calls, errors, bytes, tokens, error } = of;
  const told = error === undefined ? {} : { error };
  return [
    `${server}.${tool}`,
    { calls, ...(errors > 0 && { errors }), bytes, ...(tokens > 0 && { tokens }), ...told },
  ];
}

type Amounted = Pick<Result, 'tokens' | 'roundTrips' | 'toolCalls' | 'costUsd'>;

/** Where each amount stands in a result; null where it is unknown. */
const amountOf: Record<AmountName, (of: Amounted) => number | null> = {
  billedTokens: ({ tokens }) => tokens.billed,
  contextTokens: ({ tokens }) => tokens.context,
  roundTrips: ({ roundTrips }) => roundTrips,
  toolCalls: ({ toolCalls }) => toolCalls,
  costCached: ({ costUsd }) => costUsd?.cached ?? null,
  costUncached: ({ costUsd }) => costUsd?.uncached ?? null,
};

function toFigures(of: Amounted & Pick<Result, 'correct' | 'ledger'>): Figures {
  const found = Object.fromEntries(amounts.map((name) => [name, amountOf[name](of)]));
  return { ...(found as Pick<Figures, AmountName>), correct: of.correct, ledger: sumLedger(of.ledger) };
}

function sumLedger(rows: readonly LedgerRow[]): Figures['ledger'] {
  const sums: Figures['ledger'] = {};
  for (const category of categories) {
    const once = rows.filter((row) => row.category === category && !isResent(row));
    if (once.length > 0) sums[category] = once.reduce((total, row) => total + row.tokens, 0);
  }
  return sums;
}

/** How much each amount varied from trial to trial; undefined where the evidence is exact or one trial was measured. */
function readNoise(whole: Result, trials: readonly TrialResult[]): BaselineVariant['noise'] {
  if (!isSampled(whole)) return undefined;
  const own = trials
    .map(({ result }) => result)
    .filter((result) => result.variant === whole.variant && pointKey(result) === pointKey(whole))
    .filter((result) => result.evidence === whole.evidence && isMeasured(result));
  if (own.length < 2) return undefined;
  const noise = amounts.flatMap((name) => {
    const values = own.flatMap((result) => amountOf[name](result) ?? []);
    return values.length === own.length ? [[name, noiseOf(values)]] : [];
  });
  return Object.fromEntries(noise);
}

/** Standard deviation over mean of two values or more, to six decimals; 0 where all are 0. */
export function noiseOf(values: readonly number[]): number {
  const centre = mean(values);
  if (centre === 0) return 0;
  return Math.round((Math.sqrt(varianceOf(values)) / centre) * 1e6) / 1e6;
}

/**
 * The bytes of a baseline file: keys sorted, and lines for what belongs together, so that a change reads as a difference. Texts
 * of errors and advice on trials stay behind: the first may hold data, the second is not compared.
 */
export function serializeBaseline(baseline: Baseline): string {
  const scenarios = baseline.scenarios.map(({ trialsNeeded: _, variants, ...scenario }) => ({
    ...scenario,
    variants: variants.map(withoutErrorTexts),
  }));
  return `${layOut(JSON.parse(canonicalJson({ ...baseline, scenarios })), '')}\n`;
}

function withoutErrorTexts({ results, ...variant }: BaselineVariant): BaselineVariant {
  const kept = Object.entries(results).map(([tool, { error: _, ...sizes }]) => [tool, sizes]);
  return { ...variant, results: Object.fromEntries(kept) };
}

const lineWidth = 160;

/**
 * What fits goes on one line. Else plain members fill lines of their own, and each member that holds others follows on its
 * own. `before` counts the characters that the line has already.
 */
function layOut(value: unknown, indent: string, before = 0): string {
  const line = onOneLine(value);
  if (!isObject(value) || before + line.length < lineWidth) return line;
  const inner = `${indent}  `;
  const write = ([name, member]: [string, unknown]) => {
    const key = Array.isArray(value) ? '' : `${JSON.stringify(name)}: `;
    return `${key}${layOut(member, inner, inner.length + key.length)}`;
  };
  const members = Object.entries(value);
  const plain = members.filter(([, member]) => !isObject(member)).map(write);
  const others = members.filter(([, member]) => isObject(member)).map(write);
  const lines = [...fill(plain, lineWidth - inner.length), ...others];
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${lines.map((each) => `${inner}${each}`).join(',\n')}\n${indent}${close}`;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Joins members to lines of this width, where they are not longer themselves. */
function fill(members: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const member of members) {
    const last = lines.at(-1);
    const joined = `${last}, ${member}`;
    if (last === undefined || joined.length >= width) lines.push(member);
    else lines[lines.length - 1] = joined;
  }
  return lines;
}

function onOneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(', ')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([key, member]) => `${JSON.stringify(key)}: ${onOneLine(member)}`,
  );
  return members.length > 0 ? `{ ${members.join(', ')} }` : '{}';
}

/** What a baseline of so few trials could never stop (`refused`), and what it could overlook (`weak`); in words. */
type Holding = { refused: string[]; weak: string[] };

/** A rise that every amount of a baseline should be able to show. */
const doubled = 2;

/**
 * Whether a baseline can hold what it says. A sampled result of which even a fall to no right answer would pass is refused,
 * and so is one with fewer than two trials, whose amounts have no spread. An amount whose doubling may pass is only named:
 * it is still judged, and a larger rise still stops. Computed results need one trial.
 */
export function examineHolding({ scenarios }: Baseline): Holding {
  const sampled = scenarios.flatMap(({ scenario, variants }) =>
    variants.filter(isSampled).map((variant) => ({ name: `${scenario} / ${variant.variant}`, variant })),
  );
  return {
    refused: sampled.flatMap(({ name, variant }) => refuse(name, variant)),
    weak: sampled.flatMap(({ name, variant }) => findWeak(name, variant)),
  };
}

/** Fewest trials of a sampled result, with any answers: with two, no check can stop anything. */
const fewest = 3;

function refuse(name: string, { trials, figures }: BaselineVariant): string[] {
  const right = Math.round((figures.correct ?? 0) * trials);
  const { gap } = findCheck(defaultPolicy, 'correctness', null);
  const needed = Math.max(fewest, trialsToShowFall({ right, trials }, gap) ?? 0);
  if (trials >= needed) return [];
  return [`${name}: ${right} of ${trials} right. To stop a fall to none, it takes ${needed} trials.`];
}

function findWeak(name: string, { trials, noise = {} }: BaselineVariant): string[] {
  const { relative } = findCheck(defaultPolicy, 'cost', null);
  const weak = amounts.flatMap((amount) => {
    const needed = trialsToShowRise(noise[amount] ?? 0, doubled, relative);
    return needed !== null && needed <= trials ? [] : [{ figure: figureNames[amount].name, needed }];
  });
  if (weak.length === 0) return [];
  const texts = weak.map(({ figure, needed }) => `${figure} (${needed ?? 'more than 10,000'} trials)`);
  return [`${name}: ${trials} trials vary too much to be sure to see these double: ${texts.join(', ')}.`];
}
