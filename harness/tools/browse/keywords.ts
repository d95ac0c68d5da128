import type { SchemaObject } from './references.ts';

/** The kinds of JSON values that TypeScript tells apart. */
export type TypeName = 'string' | 'number' | 'boolean' | 'null' | 'array' | 'object';

const typeNames = new Map<unknown, TypeName>([
  ['string', 'string'],
  ['number', 'number'],
  ['integer', 'number'],
  ['boolean', 'boolean'],
  ['null', 'null'],
  ['array', 'array'],
  ['object', 'object'],
]);

const objectKeywords = ['properties', 'required', 'additionalProperties', 'patternProperties'];
const arrayKeywords = ['items', 'prefixItems'];

/** The kinds that `type` names; undefined if it names none, or none that exist. */
export function ownTypes(schema: SchemaObject): TypeName[] | undefined {
  const listed = Array.isArray(schema.type) ? schema.type : [schema.type];
  const known = listed.map((type) => typeNames.get(type)).filter((type) => type !== undefined);
  return known.length > 0 ? [...new Set(known)] : undefined;
}

/** The kind of a value. */
export function typeOf(value: unknown): TypeName {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value as TypeName;
}

/**
 * The kinds of values a schema describes, as far as its own keywords tell: those it names, otherwise those implied by the
 * schema around it, otherwise those that its keywords are about. Undefined if nothing is said about any kind.
 */
export function describedTypes(
  schema: SchemaObject,
  implied: TypeName[] | undefined,
): TypeName[] | undefined {
  const named = ownTypes(schema);
  if (named !== undefined) return named;
  const about: TypeName[] = [];
  if (objectKeywords.some((keyword) => schema[keyword] !== undefined)) about.push('object');
  if (arrayKeywords.some((keyword) => schema[keyword] !== undefined)) about.push('array');
  return about.length === 0 ? undefined : (implied ?? about);
}
