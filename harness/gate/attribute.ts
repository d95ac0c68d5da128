import { categories } from '../meter/ledger.ts';
import type { BaselineVariant } from './baseline.ts';

/** One reason for which a figure changed, with its size; `tool` is `server.tool`, or the server for instructions. */
export type Cause = {
  kind: 'instructions' | 'definition' | 'results' | 'ledger';
  tool: string | null;
  field: string | null;
  unit: 'tokens' | 'bytes' | 'calls';
  delta: number;
  text: string;
};

/**
 * Where the change of a variant came from: which tools gave more, fewer or other results, field by field, and then in which
 * categories of the ledger the context changed, so that what no tool explains (a longer program or answer) shows too.
 */
export function attribute(before: BaselineVariant, after: BaselineVariant): Cause[] {
  const tools = [...new Set([...Object.keys(before.results), ...Object.keys(after.results)])].sort();
  const results = tools.flatMap((tool) => compareResults(tool, before.results[tool], after.results[tool]));
  return [...bySize(results), ...bySize(compareLedgers(before, after))];
}

type Results = BaselineVariant['results'][string] | undefined;

function compareResults(tool: string, old: Results, now: Results): Cause[] {
  const nothing = { calls: 0, errors: 0, bytes: 0, tokens: 0, fields: {} };
  const [before, after] = [old ?? nothing, now ?? nothing];
  const causes: Cause[] = [];
  const cause = (field: string | null, unit: Cause['unit'], delta: number, text: string) =>
    causes.push({ kind: 'results', tool, field, unit, delta, text });
  if (before.calls !== after.calls) {
    cause(null, 'calls', after.calls - before.calls, `calls of ${tool}: ${before.calls} → ${after.calls}`);
  }
  if (before.errors !== after.errors) {
    cause(
      null,
      'calls',
      after.errors - before.errors,
      `errors of ${tool}: ${before.errors} → ${after.errors}`,
    );
  }
  const fields = compareFields(before.fields, after.fields);
  if (before.bytes === after.bytes && fields.length === 0) return causes;
  const delta = after.tokens - before.tokens;
  const read = before.tokens + after.tokens > 0;
  const size = read
    ? `${number(before.tokens)} → ${number(after.tokens)} tokens over ${after.calls} calls`
    : `${number(before.bytes)} → ${number(after.bytes)} bytes over ${after.calls} calls, which no model reads`;
  const where = fields.length > 0 ? `; ${fields.map(({ text }) => text).join(', ')}` : '';
  const text = `results of ${tool}: ${size}${where}`;
  cause(fields[0]?.name ?? null, read ? 'tokens' : 'bytes', read ? delta : after.bytes - before.bytes, text);
  return causes;
}

/** The fields that changed most say where to look; a list of all would not. */
const mostFields = 4;

function compareFields(
  old: Record<string, number>,
  now: Record<string, number>,
): { name: string; text: string }[] {
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

function compareLedgers(before: BaselineVariant, after: BaselineVariant): Cause[] {
  const [old, now] = [before, after].map((each) => (each.hypothetical ?? each.figures).ledger);
  return categories.flatMap((category): Cause[] => {
    const [from, to] = [old?.[category]?.context ?? 0, now?.[category]?.context ?? 0];
    if (from === to) return [];
    const text = `${category} in the context: ${number(from)} → ${number(to)} tokens`;
    return [{ kind: 'ledger', tool: null, field: category, unit: 'tokens', delta: to - from, text }];
  });
}

function bySize(causes: Cause[]): Cause[] {
  return causes.sort((a, b) => Math.abs(b.delta) - Math.abs(a.delta));
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
