import { isRecord } from '../json.ts';
import { renderJson } from './rendering.ts';
import type { TokenCounter } from './token-counter.ts';

/** What one property of a schema takes, with everything inside it. All but `tokens`, `path` and `fields` sum to `tokens`. */
export type FieldCost = {
  /** Its place in the schema: `order.total`, `contacts[].notes`, `$defs.Address`. */
  path: string;
  tokens: number;
  name: number;
  description: number;
  /** The values that it may have, from `enum` or `const`. */
  enum: number;
  /** The properties inside it, which `fields` lists. */
  nested: number;
  /** Type, other keywords and brackets: what is left. */
  rest: number;
  fields: FieldCost[];
};

/** What a schema takes: `tokens` = those of its `fields`, dearest first, + `frame`, which is what stands around them. */
export type SchemaCost = { tokens: number; frame: number; fields: FieldCost[] };

/** Levels of properties that are taken apart; what lies deeper counts for the property that holds it. */
const mostLevels = 6;

/**
 * Takes a schema apart at its properties, those of list items and of shared definitions included. Each part is counted for
 * itself, so that `frame` and `rest`, which make the sums exact, also hold what counting in pieces is off by (a few tokens).
 */
export function measureFields(schema: object, counter: TokenCounter): SchemaCost {
  const tokens = counter.count(renderJson(schema));
  const fields = measureMembers(schema, '', mostLevels, counter);
  return { tokens, frame: tokens - sum(fields), fields };
}

/** All fields of a schema, each before those inside it. */
export function flattenFields(fields: readonly FieldCost[]): FieldCost[] {
  return fields.flatMap((field) => [field, ...flattenFields(field.fields)]);
}

function measureMembers(schema: unknown, path: string, levels: number, counter: TokenCounter): FieldCost[] {
  if (!isRecord(schema) || levels === 0) return [];
  const under = (members: unknown, before: string) =>
    Object.entries(isRecord(members) ? members : {}).map(([name, member]) =>
      measureField(name, member, `${before === '' ? '' : `${before}.`}${name}`, levels - 1, counter),
    );
  return [
    ...under(schema.properties, path),
    ...measureMembers(schema.items, `${path}[]`, levels - 1, counter),
    ...['$defs', 'definitions'].flatMap((shared) =>
      under(schema[shared], path === '' ? shared : `${path}.${shared}`),
    ),
  ].sort((a, b) => b.tokens - a.tokens || (a.path < b.path ? -1 : 1));
}

function measureField(
  name: string,
  schema: unknown,
  path: string,
  levels: number,
  counter: TokenCounter,
): FieldCost {
  const member = (key: string, value: unknown) =>
    value === undefined ? 0 : counter.count(`${JSON.stringify(key)}: ${renderJson(value)}`);
  const { description, enum: values, const: value } = isRecord(schema) ? schema : {};
  const fields = measureMembers(schema, path, levels, counter);
  const tokens = member(name, schema);
  const parts = {
    name: counter.count(`${JSON.stringify(name)}: `),
    description: member('description', description),
    enum: member('enum', values) + member('const', value),
    nested: sum(fields),
  };
  const rest = tokens - parts.name - parts.description - parts.enum - parts.nested;
  return { path, tokens, ...parts, rest, fields };
}

function sum(fields: readonly FieldCost[]): number {
  return fields.reduce((total, { tokens }) => total + tokens, 0);
}
