import { number } from '../../numbers.ts';
import type { BaselineScenario, BaselineVariant, ToolResults } from '../../results/baseline.ts';
import { categories } from '../../results/codes.ts';

/** One reason for which a figure changed, with its size; `tool` is `server.tool`, or the server for instructions. */
export type Cause = {
  kind: 'errors' | 'instructions' | 'definition' | 'calls' | 'results' | 'ledger';
  tool: string | null;
  field: string | null;
  unit: 'tokens' | 'bytes' | 'calls';
  delta: number;
  text: string;
};

/** One variant with the fields of its scenario's results. */
type Attributed = {
  scenario: Pick<BaselineScenario, 'fields'>;
  variant: Pick<BaselineVariant, 'results' | 'figures' | 'hypothetical'>;
};

/**
 * Where the change of a variant came from: tools that fail, then tools that were called more or gave other results, then
 * categories of the ledger whose context changed, so that what no tool explains (a longer program or answer) shows too.
 */
export function attribute(before: Attributed, after: Attributed): Cause[] {
  const [olds, news] = [before.variant.results, after.variant.results];
  const tools = [...new Set([...Object.keys(olds), ...Object.keys(news)])].sort();
  const of = (compare: (tool: string, old: ToolResults, now: ToolResults) => Cause[]) =>
    bySize(tools.flatMap((tool) => compare(tool, olds[tool] ?? nothing, news[tool] ?? nothing)));
  return [
    ...of(compareErrors),
    ...of(compareCalls),
    ...of((tool, old, now) => {
      const fields = compareFields(before.scenario.fields[tool] ?? {}, after.scenario.fields[tool] ?? {});
      return compareResults(tool, old, now, fields);
    }),
    ...bySize(compareLedgers(before.variant, after.variant)),
  ];
}

const nothing: ToolResults = { calls: 0, bytes: 0 };

function compareErrors(tool: string, old: ToolResults, now: ToolResults): Cause[] {
  const [before, after] = [old.errors ?? 0, now.errors ?? 0];
  if (before === after) return [];
  const says = after > before && now.error !== undefined ? `: ${JSON.stringify(now.error)}` : '';
  const text = `errors of ${tool}: ${before} → ${after} in ${now.calls} calls${says}`;
  return [{ kind: 'errors', tool, field: null, unit: 'calls', delta: after - before, text }];
}

function compareCalls(tool: string, old: ToolResults, now: ToolResults): Cause[] {
  if (old.calls === now.calls) return [];
  const text = `calls of ${tool}: ${number(old.calls)} → ${number(now.calls)}`;
  return [{ kind: 'calls', tool, field: null, unit: 'calls', delta: now.calls - old.calls, text }];
}

function compareResults(tool: string, old: ToolResults, now: ToolResults, fields: Field[]): Cause[] {
  // A tool that fails gives other results, and its fields are gone; neither is a reason.
  if ((now.errors ?? 0) > (old.errors ?? 0)) return [];
  if (old.bytes === now.bytes && fields.length === 0) return [];
  const [before, after] = [old.tokens ?? 0, now.tokens ?? 0];
  const isRead = before + after > 0;
  const size = isRead
    ? `${number(before)} → ${number(after)} tokens over ${number(now.calls)} calls`
    : `${number(old.bytes)} → ${number(now.bytes)} bytes over ${number(now.calls)} calls, which no model reads`;
  const where = fields.length > 0 ? `; ${fields.map(({ text }) => text).join(', ')}` : '';
  return [
    {
      kind: 'results',
      tool,
      field: fields[0]?.name ?? null,
      unit: isRead ? 'tokens' : 'bytes',
      delta: isRead ? after - before : now.bytes - old.bytes,
      text: `results of ${tool}: ${size}${where}`,
    },
  ];
}

type Field = { name: string; text: string };

/** The fields that changed most say where to look; a list of all would not. */
const mostFields = 4;

function compareFields(old: Record<string, number>, now: Record<string, number>): Field[] {
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  const change = (name: string) => (now[name] ?? 0) - (old[name] ?? 0);
  const changed = names
    .filter((name) => change(name) !== 0)
    .sort((a, b) => Math.abs(change(b)) - Math.abs(change(a)) || (a < b ? -1 : 1));
  const gone = changed.filter((name) => now[name] === undefined);
  const fresh = changed.filter((name) => old[name] === undefined);
  const [from, to] = [gone[0], fresh[0]];
  if (gone.length === 1 && fresh.length === 1 && from && to) {
    const text = `field ${from} is gone and ${to} is new, as after a renaming`;
    const rest = changed.filter((name) => name !== from && name !== to).map(describe);
    return [{ name: to, text }, ...rest].slice(0, mostFields);
  }
  function describe(name: string) {
    const delta = `${change(name) > 0 ? '+' : '−'}${number(Math.abs(change(name)))} bytes`;
    const what = old[name] === undefined ? ' is new' : now[name] === undefined ? ' is gone' : '';
    return { name, text: `field ${name}${what} (${delta})` };
  }
  return changed.slice(0, mostFields).map(describe);
}

function compareLedgers(before: Attributed['variant'], after: Attributed['variant']): Cause[] {
  const [old, now] = [before, after].map((each) => (each.hypothetical ?? each.figures).ledger);
  return categories.flatMap((category): Cause[] => {
    const [from, to] = [old?.[category] ?? 0, now?.[category] ?? 0];
    if (from === to) return [];
    const text = `${category} in the context: ${number(from)} → ${number(to)} tokens`;
    return [{ kind: 'ledger', tool: null, field: category, unit: 'tokens', delta: to - from, text }];
  });
}

function bySize(causes: Cause[]): Cause[] {
  return causes.sort((a, b) => Math.abs(b.delta) - Math.abs(a.delta));
}
