import { isRecord, type JsonSchema, ownMember } from '../../json.ts';
import { toValue } from '../mcp/surface.ts';

/** A field of a tool's results: names from the root, `[]` for each item of an array. Empty for a result that is only text. */
export type Field = { tool: string; path: string[] };

/** A call that was answered, as it crossed the wire. */
export type Crossing = { tool: string; arguments: Record<string, unknown>; result: unknown };

/** Shorter values are met by chance. */
const shortest = 3;

/** Every string in a value, with the way to it. */
function* stringsOf(value: unknown, path: string[] = []): Generator<{ path: string[]; text: string }> {
  if (typeof value === 'string') yield { path, text: value };
  else if (Array.isArray(value)) for (const each of value) yield* stringsOf(each, [...path, '[]']);
  else if (isRecord(value)) {
    for (const [name, member] of Object.entries(value)) yield* stringsOf(member, [...path, name]);
  }
}

/** What a result says: its structured content, else its first text, as JSON where it is some. */
function contentOf(result: unknown): unknown {
  if (!isRecord(result) || result.isError === true) return undefined;
  if (result.structuredContent !== undefined) return result.structuredContent;
  const text = firstText(result)?.text;
  return typeof text === 'string' ? toValue(text) : undefined;
}

function firstText(result: Record<string, unknown>): Record<string, unknown> | undefined {
  const blocks = Array.isArray(result.content) ? result.content : [];
  return blocks.find((block) => isRecord(block) && block.type === 'text') as Record<string, unknown>;
}

/**
 * Changes the strings at a path of a result, in its structured content and in the text that repeats it. False where there are
 * none.
 */
export function editAt(
  result: Record<string, unknown>,
  path: string[],
  change: (text: string) => string,
): boolean {
  const edit = (value: unknown, rest: string[]): unknown => {
    const [name, ...more] = rest;
    if (name === undefined) {
      if (typeof value !== 'string') return value;
      found = true;
      return change(value);
    }
    if (name === '[]') return Array.isArray(value) ? value.map((each) => edit(each, more)) : value;
    if (!isRecord(value) || !Object.hasOwn(value, name)) return value;
    return { ...value, [name]: edit(value[name], more) };
  };
  let found = false;
  const content = contentOf(result);
  const edited = edit(content, path);
  if (!found) return false;
  if (result.structuredContent !== undefined) result.structuredContent = edited;
  const text = firstText(result);
  if (text) text.text = typeof edited === 'string' ? edited : JSON.stringify(edited);
  return true;
}

/**
 * Fields of results by what became of them in a run without attacks: one that neither an answer nor another call depends on, one
 * that the answer holds, and one that was passed on to another call. Of several, the one with the longest texts. Where a tool
 * has an output schema, free text must be valid there.
 */
export function chooseFields(
  crossings: readonly Crossing[],
  answer: string,
  schemaOf: (tool: string) => JsonSchema | undefined,
): { unused: Field | undefined; returned: Field | undefined; passed: Field | undefined } {
  const sent = new Set(crossings.flatMap((call) => [...stringsOf(call.arguments)].map(({ text }) => text)));
  const fields = new Map<string, Field & { texts: string[] }>();
  for (const { tool, result } of crossings) {
    for (const { path, text } of stringsOf(contentOf(result))) {
      const key = JSON.stringify([tool, path]);
      const field = fields.get(key) ?? { tool, path, texts: [] };
      if (text.length >= shortest) field.texts.push(text);
      fields.set(key, field);
    }
  }
  const isReturned = (text: string) => answer.includes(JSON.stringify(text).slice(1, -1));
  const known = [...fields.values()].filter(({ texts }) => texts.length > 0);
  const kept = known.filter(({ texts }) => !texts.some((text) => sent.has(text)));
  const free = kept.filter(({ tool, path }) => takesText(schemaOf(tool), path));
  const longest = (some: typeof known): Field | undefined => {
    const length = ({ texts }: { texts: string[] }) =>
      texts.reduce((sum, text) => sum + text.length, 0) / texts.length;
    const [first] = some.toSorted((a, b) => length(b) - length(a));
    return first && { tool: first.tool, path: first.path };
  };
  return {
    unused: longest(free.filter(({ texts }) => !texts.some(isReturned))),
    returned: longest(free.filter(({ texts }) => texts.some(isReturned))),
    passed: longest(
      known.filter(({ tool, texts }) => texts.some((text) => isPassedOn(text, tool, crossings))),
    ),
  };
}

/** Whether a value that a tool returned was an argument of a later call. */
function isPassedOn(text: string, tool: string, crossings: readonly Crossing[]): boolean {
  const isIn = (value: unknown) => stringsOf(value).some((each) => each.text === text);
  const returned = crossings.findIndex((call) => call.tool === tool && isIn(contentOf(call.result)));
  return crossings.slice(returned + 1).some((call) => isIn(call.arguments));
}

/** Whether any text is valid at a path of a schema; without a schema it is. */
export function takesText(schema: JsonSchema | undefined, path: readonly string[]): boolean {
  if (!schema) return true;
  const alternatives = [schema, ...asSchemas(schema.anyOf), ...asSchemas(schema.oneOf)];
  const [name, ...rest] = path;
  if (name === undefined) {
    const bounds = ['enum', 'const', 'format', 'pattern', 'maxLength'];
    return alternatives.some((each) => each.type === 'string' && !bounds.some((bound) => bound in each));
  }
  return alternatives.some((each) => {
    const next =
      name === '[]' ? each.items : isRecord(each.properties) ? ownMember(each.properties, name) : undefined;
    return isRecord(next) && takesText(next, rest);
  });
}

function asSchemas(value: unknown): JsonSchema[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
