import { hash } from 'node:crypto';
import { canonicalJson } from '../../json.ts';
import type { Baseline, Definition, Surface } from '../../results/baseline.ts';
import type { DefinitionSizes, Part as SizedPart, ToolRecord } from '../../results/trace.ts';
import type { Cause } from './attribute.ts';

/** Parts of a definition as they are compared, by the names under which a record has them. */
const parts = {
  description: { of: /^(description|title|annotations)$/, words: 'description, title or annotations' },
  input: { of: /^input(\.|\[|$)/, words: 'input schema' },
  output: { of: /^output(\.|\[|$)/, words: 'output schema' },
} as const;

type Part = keyof typeof parts;

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
  const hashOf = (part: Part) => {
    const own = Object.entries(all).filter(([name]) => parts[part].of.test(name));
    const text = own.map(([name, { hash: digits }]) => `${name} ${digits}`).join('\n');
    return own.length === 0 ? undefined : short(hash('sha256', text));
  };
  const output = hashOf('output');
  return {
    classic: declaredTokens,
    code: declarationTokens,
    description: hashOf('description') ?? '',
    input: hashOf('input') ?? '',
    ...(output !== undefined && { output }),
  };
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
  const [was, is] = [before.surfaces[old ?? ''], after.surfaces[now ?? '']];
  if (!was || !is) return null;
  return [
    ...namesOf(was.instructions, is.instructions).flatMap((server) =>
      compareInstructions(server, was.instructions[server], is.instructions[server]),
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
  return [
    {
      kind: 'instructions',
      tool: server,
      field: null,
      unit: 'tokens',
      delta: after - before,
      text: `the instructions of server ${server} changed: ${before} → ${after} tokens`,
    },
  ];
}

function compareTool(tool: string, old: Definition | undefined, now: Definition | undefined): Cause[] {
  const cause = (field: string | null, text: string): Cause[] => [
    {
      kind: 'definition',
      tool,
      field,
      unit: 'tokens',
      delta: (now?.classic ?? 0) - (old?.classic ?? 0),
      text,
    },
  ];
  const sizes = ({ classic, code }: Definition) => `${classic} tokens in classic, ${code} in code`;
  if (!now) return old ? cause(null, `tool ${tool} is gone (${sizes(old)})`) : [];
  if (!old) return cause(null, `tool ${tool} is new (${sizes(now)})`);
  const changed = Object.entries(parts).filter(([part]) => old[part as Part] !== now[part as Part]);
  if (changed.length === 0) return [];
  const named = changed.map(([part, { words }]) => {
    const [had, has] = [old[part as Part], now[part as Part]];
    return `${words} ${!has ? 'is gone' : !had ? 'is new' : 'changed'}`;
  });
  const tokens = `${old.classic} → ${now.classic} tokens in classic, ${old.code} → ${now.code} in code`;
  return cause(changed[0]?.[0] ?? null, `definition of ${tool}: ${named.join(', ')} (${tokens})`);
}
