import fc from 'fast-check';
import type { JsonSchema } from '../../../json.ts';

/** A schema made of keywords that types can express, and a value it accepts. */
type SchemaWithValue = { schema: JsonSchema; value: unknown };

const propertyName = fc.constantFrom('a', 'b', 'c-d', 'limit', '1', 'class');

/**
 * Schemas together with values they accept, built side by side: the value was made to have all that the schema demands.
 * Limited to keywords whose meaning TypeScript can express in full.
 */
export const schemasWithValues: fc.Arbitrary<SchemaWithValue> = fc.letrec<{ pair: SchemaWithValue }>(
  (tie) => ({
    pair: fc.oneof(
      { maxDepth: 3 },
      fc.string({ maxLength: 4 }).map((value) => ({ schema: { type: 'string' }, value })),
      fc.integer({ min: -9, max: 9 }).map((value) => ({ schema: { type: 'integer' }, value })),
      fc.boolean().map((value) => ({ schema: { type: 'boolean' }, value })),
      fc.constant({ schema: { type: 'null' }, value: null }),
      fc
        .uniqueArray(fc.oneof(fc.string({ maxLength: 3 }), fc.integer({ min: 0, max: 9 })), {
          minLength: 1,
          maxLength: 4,
        })
        .map((values) => ({ schema: { enum: values }, value: values.at(-1) })),
      fc.integer({ min: 0, max: 9 }).map((value) => ({ schema: { const: value }, value })),
      tie('pair').map(({ schema, value }) => ({
        schema: { type: 'array', items: schema },
        value: [value, value],
      })),
      tie('pair').map(({ schema }) => ({ schema: { type: 'array', items: schema }, value: [] })),
      fc.array(tie('pair'), { minLength: 1, maxLength: 3 }).map((pairs) => ({
        schema: {
          type: 'array',
          items: pairs.map(({ schema }) => schema),
          minItems: pairs.length,
          additionalItems: false,
        },
        value: pairs.map(({ value }) => value),
      })),
      fc.array(tie('pair'), { minLength: 1, maxLength: 3 }).map((pairs) => ({
        schema: { anyOf: pairs.map(({ schema }) => schema) },
        value: pairs[0]?.value,
      })),
      tie('pair').map(({ schema, value }) => ({
        schema: { type: 'object', additionalProperties: schema },
        value: { x: value, y: value },
      })),
      objects(tie('pair')),
      fc.tuple(objects(tie('pair')), objects(tie('pair'))).map(([one, other]) => ({
        schema: { allOf: [renamed(one, 'x').schema, renamed(other, 'y').schema] },
        value: { ...(renamed(one, 'x').value as object), ...(renamed(other, 'y').value as object) },
      })),
    ),
  }),
).pair;

function objects(pair: fc.Arbitrary<SchemaWithValue>): fc.Arbitrary<SchemaWithValue> {
  const member = fc.record({ name: propertyName, pair, required: fc.boolean(), present: fc.boolean() });
  return fc.uniqueArray(member, { maxLength: 4, selector: ({ name }) => name }).map((members) => ({
    schema: {
      type: 'object',
      properties: Object.fromEntries(members.map(({ name, pair }) => [name, pair.schema])),
      required: members.filter(({ required }) => required).map(({ name }) => name),
    },
    value: Object.fromEntries(
      members
        .filter(({ required, present }) => required || present)
        .map(({ name, pair }) => [name, pair.value]),
    ),
  }));
}

/** The same object schema with a prefix before each property, so that two of them cannot contradict each other. */
function renamed({ schema, value }: SchemaWithValue, prefix: string): SchemaWithValue {
  const rename = (object: unknown) =>
    Object.fromEntries(Object.entries(object as object).map(([key, entry]) => [`${prefix}${key}`, entry]));
  const required = (schema.required as string[]).map((name) => `${prefix}${name}`);
  return { schema: { ...schema, properties: rename(schema.properties), required }, value: rename(value) };
}

/** The value with each of its parts, one at a time, replaced by something of another kind or left out. */
export function spoiled(value: unknown): unknown[] {
  const others = ['text', 7.5, true, null, [], {}].filter((other) => kind(other) !== kind(value));
  if (Array.isArray(value)) {
    const inside = value.flatMap((entry, index) =>
      spoiled(entry).map((bad) => value.toSpliced(index, 1, bad)),
    );
    return [...others, ...inside, value.slice(1), [...value, 'one more']];
  }
  if (typeof value !== 'object' || value === null)
    return [...others, typeof value === 'string' ? 'other' : 8.5];
  const entries = Object.entries(value);
  const without = entries.map(([name]) => Object.fromEntries(entries.filter(([key]) => key !== name)));
  const changed = entries.flatMap(([name, entry]) =>
    spoiled(entry).map((bad) => ({ ...value, [name]: bad })),
  );
  return [...others, ...without, ...changed];
}

function kind(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
