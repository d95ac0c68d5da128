import { decodePart } from '../../addresses.ts';
import { isRecord } from '../../json.ts';

/** An object schema; `true` and `false` are handled where they stand. */
export type SchemaObject = Record<string, unknown>;

const inPlaceKeywords = ['if', 'then', 'else'];
const inPlaceListKeywords = ['allOf', 'anyOf', 'oneOf'];
const keywordsWithSchema = [
  ...inPlaceKeywords,
  'items',
  'additionalItems',
  'additionalProperties',
  'contains',
  'not',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
];
const keywordsWithSchemaList = [...inPlaceListKeywords, 'prefixItems', 'items'];
const keywordsWithSchemaMap = ['properties', 'patternProperties', 'dependentSchemas'];
const keywordsWithDefinitions = ['$defs', 'definitions'];

/** Schemas beyond this number are not counted; the type text is cut long before. */
const schemasVisited = 50_000;

/**
 * Counts how often each subschema is reached from the root, following local references. Nothing is ever fetched.
 */
export function readReferences(root: unknown) {
  const anchors = collectAnchors(root);
  const resolve = (ref: unknown) => resolveLocal(root, anchors, ref);
  const arrivals = reach(root, (schema) => [...subschemas(schema), resolve(reference(schema))]);
  const endless = findEndless([...arrivals.keys()], resolve);
  return {
    /** The schema a `$ref` points at within the document; undefined when it is remote, dangling or malformed. */
    resolve,
    /** All schemas that the walk reached, with how often. */
    arrivals,
    /** Whether the walk reached a schema more than once: by two references, by a place and a reference, or by a cycle. */
    isShared: (schema: SchemaObject) => (arrivals.get(schema) ?? 0) > 1,
    /** Whether a schema leads back to itself without a property or an element in between, so that it says nothing. */
    isEndless: (schema: SchemaObject) => endless.has(schema),
  };
}

export type References = ReturnType<typeof readReferences>;

/**
 * The schemas that a walk from the root arrives at, in its order, with how often. Iterative and bounded, since a schema may be
 * nested a hundred thousand levels deep.
 */
function reach(root: unknown, next: (schema: SchemaObject) => unknown[]): Map<SchemaObject, number> {
  const arrivals = new Map<SchemaObject, number>();
  const pending: unknown[] = [root];
  while (pending.length > 0 && arrivals.size < schemasVisited) {
    const schema = pending.pop();
    if (!isRecord(schema)) continue;
    const count = (arrivals.get(schema) ?? 0) + 1;
    arrivals.set(schema, count);
    if (count === 1) for (const each of next(schema)) pending.push(each);
  }
  return arrivals;
}

/** The reference a schema makes: `$ref`, or `$dynamicRef`, which within one document means the same. */
export function reference(schema: SchemaObject): unknown {
  return schema.$ref ?? schema.$dynamicRef;
}

/** The name a reference suggests for its target: the last part of its pointer or anchor. */
export function referenceName(ref: unknown): string {
  return typeof ref === 'string' ? (ref.split(/[/#]/).at(-1) ?? '') : '';
}

/**
 * The schemas that lead back to themselves, and those that lead to such: what is left after taking away, again and again,
 * every schema that applies no other in place.
 */
function findEndless(schemas: SchemaObject[], resolve: (ref: unknown) => unknown): Set<SchemaObject> {
  const left = new Set(schemas);
  const appliedBy = new Map<SchemaObject, SchemaObject[]>();
  const applies = new Map<SchemaObject, number>();
  for (const schema of schemas) {
    const targets = [...listed(schema, inPlaceKeywords, inPlaceListKeywords), resolve(reference(schema))];
    const known = targets.filter((target) => isRecord(target) && left.has(target)) as SchemaObject[];
    applies.set(schema, known.length);
    for (const target of known) {
      const users = appliedBy.get(target);
      if (users === undefined) appliedBy.set(target, [schema]);
      else users.push(schema);
    }
  }
  const ended = schemas.filter((schema) => applies.get(schema) === 0);
  for (let schema = ended.pop(); schema !== undefined; schema = ended.pop()) {
    left.delete(schema);
    for (const user of appliedBy.get(schema) ?? []) {
      const remaining = (applies.get(user) ?? 0) - 1;
      applies.set(user, remaining);
      if (remaining === 0) ended.push(user);
    }
  }
  return left;
}

function subschemas(schema: SchemaObject): unknown[] {
  const found = listed(schema, keywordsWithSchema, keywordsWithSchemaList);
  return [...found, ...named(schema, keywordsWithSchemaMap)].filter(isRecord);
}

/** The values of some keywords, and the entries of others that hold lists. */
function listed(schema: SchemaObject, keywords: string[], listKeywords: string[]): unknown[] {
  const entries = listKeywords.map((keyword) => schema[keyword]).filter((list) => Array.isArray(list));
  return [...keywords.map((keyword) => schema[keyword]), ...entries.flat()];
}

/** The entries of keywords that hold schemas by name. */
function named(schema: SchemaObject, keywords: string[]): unknown[] {
  return keywords
    .map((keyword) => schema[keyword])
    .filter(isRecord)
    .flatMap((map) => Object.values(map));
}

function collectAnchors(root: unknown): Map<string, SchemaObject> {
  const anchors = new Map<string, SchemaObject>();
  const all = reach(root, (schema) => [...subschemas(schema), ...named(schema, keywordsWithDefinitions)]);
  for (const schema of all.keys()) {
    for (const anchor of [schema.$anchor, schema.$dynamicAnchor]) {
      if (typeof anchor === 'string' && !anchors.has(anchor)) anchors.set(anchor, schema);
    }
  }
  return anchors;
}

function resolveLocal(root: unknown, anchors: Map<string, SchemaObject>, ref: unknown): unknown {
  if (typeof ref !== 'string' || !ref.startsWith('#')) return undefined;
  const fragment = decodePart(ref.slice(1));
  if (fragment === '') return root;
  if (!fragment.startsWith('/')) return anchors.get(fragment);
  let target: unknown = root;
  for (const part of fragment.slice(1).split('/')) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof target !== 'object' || target === null || !Object.hasOwn(target, key)) return undefined;
    target = (target as SchemaObject)[key];
  }
  return isRecord(target) || typeof target === 'boolean' ? target : undefined;
}

const typeNames = ['string', 'number', 'boolean', 'null', 'array', 'object'] as const;

/** The kinds of JSON values that TypeScript tells apart. */
export type TypeName = (typeof typeNames)[number];

const objectKeywords = ['properties', 'required', 'additionalProperties', 'patternProperties'];
const arrayKeywords = ['items', 'prefixItems'];

/** The kinds that `type` names; undefined if it names none, or none that exist. */
export function ownTypes(schema: SchemaObject): TypeName[] | undefined {
  const given: unknown[] = Array.isArray(schema.type) ? schema.type : [schema.type];
  const known = given.flatMap(
    (type) => typeNames.find((name) => name === (type === 'integer' ? 'number' : type)) ?? [],
  );
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
  const has = (keyword: string) => schema[keyword] !== undefined;
  const about: TypeName[] = [];
  if (objectKeywords.some(has)) about.push('object');
  if (arrayKeywords.some(has)) about.push('array');
  return about.length === 0 ? undefined : (implied ?? about);
}
