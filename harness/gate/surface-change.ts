import type { Part } from '../run/tool-record.ts';
import type { Cause } from './attribute.ts';
import type { Baseline, BaselineScenario } from './baseline.ts';

type Surface = BaselineScenario['surface'];
type Definition = Baseline['definitions'][string];

/** How what the servers of a scenario put before a model changed, tool by tool; null where a run did not record it. */
export function compareSurfaces(
  before: Baseline,
  old: Surface,
  after: Baseline,
  now: Surface,
): Cause[] | null {
  if (!old || !now) return null;
  const [olds, news] = [byTool(before, old.tools), byTool(after, now.tools)];
  const tools = [...new Set([...olds.keys(), ...news.keys()])].sort();
  return [
    ...compareInstructions(old.instructions, now.instructions),
    ...tools.flatMap((tool) => compareTool(tool, olds.get(tool), news.get(tool))),
  ];
}

function byTool(
  run: Baseline,
  keys: readonly string[],
): Map<string, { key: string; definition: Definition }> {
  return new Map(
    keys.flatMap((key) => {
      const definition = run.definitions[key];
      return definition ? [[`${definition.server}.${definition.tool}`, { key, definition }]] : [];
    }),
  );
}

function compareInstructions(old: Record<string, Part>, now: Record<string, Part>): Cause[] {
  const servers = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
  return servers.flatMap((server) => {
    const [before, after] = [old[server]?.tokens ?? 0, now[server]?.tokens ?? 0];
    if (old[server]?.hash === now[server]?.hash) return [];
    return [
      {
        kind: 'instructions',
        tool: server,
        field: null,
        unit: 'tokens',
        delta: after - before,
        text: `the instructions of server ${server} changed: ${before} → ${after} tokens`,
      } satisfies Cause,
    ];
  });
}

type Found = { key: string; definition: Definition } | undefined;

function compareTool(tool: string, old: Found, now: Found): Cause[] {
  if (old?.key === now?.key) return [];
  const cause = (field: string | null, delta: number, text: string): Cause => ({
    kind: 'definition',
    tool,
    field,
    unit: 'tokens',
    delta,
    text,
  });
  if (!old || !now) {
    const { declaredTokens, declarationTokens } = ((old ?? now) as NonNullable<Found>).definition;
    const sizes = `${declaredTokens} tokens declared up front in classic, ${declarationTokens} where code looks it up`;
    return old
      ? [cause(null, -declaredTokens, `tool ${tool} is gone (${sizes})`)]
      : [cause(null, declaredTokens, `tool ${tool} is new: ${sizes}`)];
  }
  const fields = comparePartNames(old.definition.parts, now.definition.parts);
  const whole = `definition of ${tool}: ${old.definition.declaredTokens} → ${now.definition.declaredTokens} tokens in classic, ${old.definition.declarationTokens} → ${now.definition.declarationTokens} in code`;
  if (fields.length === 0) return [cause(null, 0, `${whole}; the same fields in another order`)];
  return fields
    .sort((a, b) => Math.abs(b.delta) - Math.abs(a.delta))
    .map(({ name, delta, text }, index) =>
      cause(name, delta, index === 0 ? `${whole}; ${text}` : `in that of ${tool}, ${text}`),
    );
}

type Field = { name: string; delta: number; text: string };

function comparePartNames(old: Definition['parts'], now: Definition['parts']): Field[] {
  const isOutput = (name: string) => /^output(\.|\[|$)/.test(name);
  const sum = (parts: Definition['parts']) =>
    Object.entries(parts).reduce((total, [name, part]) => total + (isOutput(name) ? part.tokens : 0), 0);
  const [hadOutput, hasOutput] = [Object.keys(old).some(isOutput), Object.keys(now).some(isOutput)];
  const wholeOutput: Field[] =
    hadOutput && !hasOutput
      ? [{ name: 'output', delta: -sum(old), text: `its output schema is lost (${sum(old)} tokens)` }]
      : !hadOutput && hasOutput
        ? [{ name: 'output', delta: sum(now), text: `its output schema is new (${sum(now)} tokens)` }]
        : [];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((name) => wholeOutput.length === 0 || !isOutput(name))
    .filter((name) => old[name]?.hash !== now[name]?.hash)
    .sort();
  const gone = names.filter((name) => !now[name]);
  const fresh = names.filter((name) => !old[name]);
  const renamed = gone.length === 1 && fresh.length === 1;
  const fields = names.flatMap((name): Field[] => {
    const [before, after] = [old[name]?.tokens ?? 0, now[name]?.tokens ?? 0];
    if (renamed && name === gone[0]) return [];
    if (renamed && name === fresh[0]) {
      const from = old[gone[0] as string]?.tokens ?? 0;
      const text = `${gone[0]} is gone and ${name} is new, as after a renaming (${from} → ${after} tokens)`;
      return [{ name, delta: after - from, text }];
    }
    if (!now[name]) return [{ name, delta: -before, text: `${name} is gone (${before} tokens)` }];
    if (!old[name]) return [{ name, delta: after, text: `${name} is new (${after} tokens)` }];
    return [{ name, delta: after - before, text: `${name} changed (${before} → ${after} tokens)` }];
  });
  return [...wholeOutput, ...fields];
}
