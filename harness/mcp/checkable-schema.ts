import type { JsonSchema } from '../json.ts';

/**
 * A server's JSON Schema reduced to what the checker of the MCP SDK (Ajv, draft 7) applies, in its terms. What it would
 * misread, print a warning about or refuse to compile for no fault of the arguments is left out: the server checks its
 * arguments itself, so that leaving out is safe and refusing is not.
 */
export type CheckableSchema = {
  schema: JsonSchema;
  /** Objects and arrays in it: what compiling costs. */
  objects: number;
  /** False where checking a small value may take long: patterns that backtrack, references, pairwise comparisons. */
  isCheap: boolean;
};

const schemaMaps = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);
const schemaLists = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const schemas = new Set(
  'items additionalItems additionalProperties not if then else contains propertyNames'.split(' '),
);
const numbers = new Set(
  'multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength maxItems minItems maxProperties minProperties'.split(
    ' ',
  ),
);
const types = new Set('null boolean object array number integer string'.split(' '));
/** The formats that the checker knows; it prints a warning, with the server's text, about any other. */
const formats = new Set(
  'date time date-time iso-time iso-date-time duration uri uri-reference uri-template url email hostname ipv4 ipv6 uuid json-pointer relative-json-pointer'.split(
    ' ',
  ),
);

/** Reduces a schema. Deeper than 128 levels it throws a RangeError. */
export function toCheckable(given: JsonSchema): CheckableSchema {
  const found = { schema: {}, objects: 0, isCheap: true };
  const { $id: _, ...rest } = given;
  found.schema = reduce(rest, found, 0) as JsonSchema;
  return found;
}

function reduce(given: unknown, found: CheckableSchema, level: number): unknown {
  if (level > 128) throw new RangeError('it is nested more than 128 levels deep');
  if (typeof given === 'boolean') return given;
  if (!isObject(given)) return {};
  found.objects += 1;
  const reduced: JsonSchema = Object.create(null);
  for (const [keyword, value] of Object.entries(given)) {
    const kept = reduceKeyword(keyword, value, found, level);
    if (kept !== undefined) reduced[keyword] = kept;
  }
  // Draft 2020-12 writes a tuple as prefixItems and items, draft 7 as items and additionalItems.
  if (Array.isArray(reduced.prefixItems)) {
    if (reduced.items !== undefined) reduced.additionalItems = reduced.items;
    reduced.items = reduced.prefixItems;
  }
  if (reduced.type === undefined) delete reduced.nullable;
  return reduced;
}

function reduceKeyword(keyword: string, value: unknown, found: CheckableSchema, level: number): unknown {
  if (schemaMaps.has(keyword)) return reduceMap(keyword, value, found, level);
  if (schemaLists.has(keyword) || (keyword === 'items' && Array.isArray(value))) {
    return Array.isArray(value) && value.length > 0
      ? value.map((each) => reduce(each, found, level + 1))
      : undefined;
  }
  if (schemas.has(keyword)) return reduce(value, found, level + 1);
  if (numbers.has(keyword)) return typeof value === 'number' ? value : undefined;
  switch (keyword) {
    case 'type':
      return [value].flat().every((type) => typeof type === 'string' && types.has(type)) ? value : undefined;
    case 'enum':
      if (Array.isArray(value)) found.objects += value.filter(isObject).length;
      return Array.isArray(value) && value.length > 0 ? value : undefined;
    case 'required':
      return Array.isArray(value) && value.every((name) => typeof name === 'string')
        ? [...new Set(value)]
        : undefined;
    case 'pattern':
      return typeof value === 'string' ? reducePattern(value, found) : undefined;
    case 'format':
      return typeof value === 'string' && formats.has(value) ? value : undefined;
    case 'uniqueItems':
      found.isCheap = false;
      return value === true;
    case '$ref':
      found.isCheap = false;
      return typeof value === 'string' ? value : undefined;
    case 'const':
      return value;
    case 'nullable':
      return value === true ? value : undefined;
    case '$schema':
    case 'default':
    case 'examples':
      return undefined;
    default:
      // References may point into what no keyword is.
      return isObject(value) ? value : undefined;
  }
}

function reduceMap(keyword: string, value: unknown, found: CheckableSchema, level: number): unknown {
  if (!isObject(value)) return undefined;
  const entries = Object.entries(value)
    .filter(([name]) => keyword !== 'patternProperties' || reducePattern(name, found) !== undefined)
    .map(([name, each]) => [name, reduce(each, found, level + 1)] as const);
  return Object.fromEntries(entries);
}

/** A pattern that no engine with the u flag takes is left out. */
function reducePattern(pattern: string, found: CheckableSchema): string | undefined {
  try {
    new RegExp(pattern, 'u');
  } catch {
    return undefined;
  }
  if (!isLinear(pattern)) found.isCheap = false;
  return pattern;
}

/** True where no quantifier can multiply with another: at most one of them, and none on a group. */
function isLinear(pattern: string): boolean {
  if (pattern.length > 500) return false;
  const skeleton = pattern.replace(/\\./gsu, 'x').replace(/\[[^\]]*\]/gu, 'x');
  const quantifiers = skeleton.match(/[*+?]|\{\d*,\d*\}/gu) ?? [];
  return !/\)[*+?{]/u.test(skeleton) && quantifiers.length <= 1;
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
