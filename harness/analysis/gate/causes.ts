import { hash } from 'node:crypto';
import { canonicalJson, ownMember } from '../../json.ts';
import { number } from '../../numbers.ts';
import type {
  Baseline,
  BaselineScenario,
  BaselineVariant,
  Definition,
  Surface,
  ToolResults,
} from '../../results/baseline.ts';
import { categories } from '../../results/codes.ts';
import type { DefinitionSizes, Part as SizedPart, ToolRecord } from '../../results/trace.ts';

/** One reason for which a figure changed, with its size; `tool` is `server.tool`, or the server for instructions. */
export type Cause = {
  kind: 'errors' | 'instructions' | 'definition' | 'calls' | 'results' | 'ledger';
  tool: string | null;
  field: string | null;
  unit: 'tokens' | 'bytes' | 'calls';
  delta: number;
  text: string;
};

/** Parts of a definition as they are compared, by the names under which a record has them. */
const parts = {
  description: { of: /^(description|title|annotations)$/, words: 'description, title or annotations' },
  input: { of: /^input(\.|\[|$)/, words: 'input schema' },
  output: { of: /^output(\.|\[|$)/, words: 'output schema' },
} as const;

const partNames = ['description', 'input', 'output'] as const;

/** What a record says of the tools that a model saw, with a key that is its content. */
export function toSurface({ instructions, definitions }: ToolRecord): { key: string; surface: Surface } {
  const surface: Surface = {
    instructions: Object.fromEntries(
      Object.entries(instructions).map(([server, part]) => [server, { ...part, hash: short(part.hash) }]),
    ),
    tools: Object.fromEntries(definitions.map((each) => [`${each.server}.${each.tool}`, toDefinition(each)])),
  };
  return { key: hash('sha256', canonicalJson(surface)).slice(0, 12), surface };
}

function toDefinition({ declaredTokens, declarationTokens, parts: all }: DefinitionSizes): Definition {
  const [description = '', input = '', output] = partNames.map((name) => {
    const own = Object.entries(all).filter(([part]) => parts[name].of.test(part));
    const text = own.map(([part, { hash: digits }]) => `${part} ${digits}`).join('\n');
    return own.length === 0 ? undefined : short(hash('sha256', text));
  });
  const sizes = { classic: declaredTokens, code: declarationTokens };
  return { ...sizes, description, input, ...(output !== undefined && { output }) };
}

function short(digits: string): string {
  return digits.slice(0, 6);
}

/** How what the servers of a scenario put before a model changed, tool by tool; null where a run did not record it. */
export function compareSurfaces(
  before: Pick<Baseline, 'surfaces'>,
  old: string | null,
  after: Pick<Baseline, 'surfaces'>,
  now: string | null,
): Cause[] | null {
  const [was, is] = [ownMember(before.surfaces, old ?? ''), ownMember(after.surfaces, now ?? '')];
  if (!was || !is) return null;
  return [
    ...namesOf(was.instructions, is.instructions).flatMap((server) =>
      compareInstructions(server, ownMember(was.instructions, server), ownMember(is.instructions, server)),
    ),
    ...namesOf(was.tools, is.tools).flatMap((tool) => compareTool(tool, was.tools[tool], is.tools[tool])),
  ];
}

function namesOf(old: Record<string, unknown>, now: Record<string, unknown>): string[] {
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
}

function compareInstructions(
  server: string,
  old: SizedPart | undefined,
  now: SizedPart | undefined,
): Cause[] {
  if (old?.hash === now?.hash) return [];
  const [before, after] = [old?.tokens ?? 0, now?.tokens ?? 0];
  const text = `the instructions of server ${server} changed: ${before} → ${after} tokens`;
  return [{ kind: 'instructions', tool: server, field: null, unit: 'tokens', delta: after - before, text }];
}

function compareTool(tool: string, old: Definition | undefined, now: Definition | undefined): Cause[] {
  const delta = (now?.classic ?? 0) - (old?.classic ?? 0);
  const cause = (field: string | null, text: string): Cause[] => [
    { kind: 'definition', tool, field, unit: 'tokens', delta, text },
  ];
  const sizes = ({ classic, code }: Definition) => `${classic} tokens in classic, ${code} in code`;
  if (!now) return old ? cause(null, `tool ${tool} is gone (${sizes(old)})`) : [];
  if (!old) return cause(null, `tool ${tool} is new (${sizes(now)})`);
  const changed = partNames.filter((part) => old[part] !== now[part]);
  if (changed.length === 0) return [];
  const named = changed.map((part) => {
    const what = !now[part] ? 'is gone' : !old[part] ? 'is new' : 'changed';
    return `${parts[part].words} ${what}`;
  });
  const tokens = `${old.classic} → ${now.classic} tokens in classic, ${old.code} → ${now.code} in code`;
  return cause(changed[0] ?? null, `definition of ${tool}: ${named.join(', ')} (${tokens})`);
}

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
  const of = (compare: (tool: string, old: ToolResults, now: ToolResults) => Cause[]) =>
    bySize(
      namesOf(olds, news).flatMap((tool) => compare(tool, olds[tool] ?? nothing, news[tool] ?? nothing)),
    );
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

function bySize(causes: Cause[]): Cause[] {
  return causes.sort((a, b) => Math.abs(b.delta) - Math.abs(a.delta));
}

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
  const isRead = Boolean(old.tokens || now.tokens);
  const unit = isRead ? 'tokens' : 'bytes';
  const [before, after] = [old[unit] ?? 0, now[unit] ?? 0];
  const size = `${number(before)} → ${number(after)} ${unit} over ${number(now.calls)} calls`;
  const where = fields.length > 0 ? `; ${fields.map(({ text }) => text).join(', ')}` : '';
  const text = `results of ${tool}: ${size}${isRead ? '' : ', which no model reads'}${where}`;
  return [{ kind: 'results', tool, field: fields[0]?.name ?? null, unit, delta: after - before, text }];
}

type Field = { name: string; text: string };

/** The fields that changed most say where to look; a list of all would not. */
const mostFields = 4;

function compareFields(old: Record<string, number>, now: Record<string, number>): Field[] {
  const change = (name: string) => (ownMember(now, name) ?? 0) - (ownMember(old, name) ?? 0);
  const describe = (name: string): Field => {
    const delta = `${change(name) > 0 ? '+' : '−'}${number(Math.abs(change(name)))} bytes`;
    const what = !Object.hasOwn(old, name) ? ' is new' : !Object.hasOwn(now, name) ? ' is gone' : '';
    return { name, text: `field ${name}${what} (${delta})` };
  };
  const changed = namesOf(old, now)
    .filter((name) => change(name) !== 0)
    .sort((a, b) => Math.abs(change(b)) - Math.abs(change(a)));
  const [from, ...otherGone] = changed.filter((name) => !Object.hasOwn(now, name));
  const [to, ...otherNew] = changed.filter((name) => !Object.hasOwn(old, name));
  if (!from || !to || otherGone.length + otherNew.length > 0) {
    return changed.slice(0, mostFields).map(describe);
  }
  const renamed = { name: to, text: `field ${from} is gone and ${to} is new, as after a renaming` };
  const rest = changed.filter((name) => name !== from && name !== to).map(describe);
  return [renamed, ...rest].slice(0, mostFields);
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
