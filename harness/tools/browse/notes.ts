import { capText, showHidden, toLiteral, toText } from '../../visible.ts';
import type { SchemaObject } from './references.ts';

/** Longest description of one property. */
const descriptionCharacters = 2_000;
/** Longest JSON that is quoted inside a note: a default, an example, a rule that no type expresses. */
const quotedCharacters = 200;
const examplesShown = 3;

/**
 * What a schema says that its type does not: the description, then constraints in parentheses, with hidden characters
 * shown. Empty if there is nothing to say.
 */
export function schemaNote(schema: SchemaObject): string {
  const described = typeof schema.description === 'string' ? schema.description : '';
  const description = toText(described, descriptionCharacters);
  const facts = schemaFacts(schema).map((fact) => showHidden(fact));
  if (facts.length === 0) return description;
  const joined = facts.join(', ');
  return description === '' ? joined : `${description} (${joined})`;
}

function schemaFacts(schema: SchemaObject): string[] {
  const facts: string[] = [];
  const add = (fact: string | undefined) => {
    if (fact !== undefined) facts.push(fact);
  };
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  if (types.includes('integer') && !types.includes('number')) add('integer');
  add(text(schema.format));
  add(pattern(schema.pattern));
  add(range(schema));
  add(named('multiple of', schema.multipleOf));
  add(count(schema.minLength, schema.maxLength, 'characters'));
  add(count(schema.minItems, schema.maxItems, 'items'));
  if (schema.uniqueItems === true) add('unique');
  add(count(schema.minProperties, schema.maxProperties, 'properties'));
  add(named('encoded as', text(schema.contentEncoding)));
  add(named('of type', text(schema.contentMediaType)));
  add(quoted('default', schema.default));
  if (Array.isArray(schema.examples)) add(quotedList('e.g.', schema.examples));
  for (const keyword of ['deprecated', 'readOnly', 'writeOnly']) if (schema[keyword] === true) add(keyword);
  for (const keyword of [
    'not',
    'contains',
    'propertyNames',
    'dependentRequired',
    'dependentSchemas',
    'dependencies',
  ]) {
    add(quoted(keyword, schema[keyword]));
  }
  if (schema.if !== undefined && schema.else === undefined) {
    add(quoted('if', schema.if));
    add(quoted('then', schema.then));
  }
  return facts;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? capText(value, quotedCharacters) : undefined;
}

function pattern(value: unknown): string | undefined {
  const source = text(value);
  return source === undefined ? undefined : `/${source.replaceAll('\n', '\\n')}/`;
}

function named(name: string, value: unknown): string | undefined {
  return typeof value === 'number' || typeof value === 'string' ? `${name} ${value}` : undefined;
}

function quoted(name: string, value: unknown): string | undefined {
  const literal = value === undefined ? undefined : toLiteral(value);
  return literal === undefined ? undefined : `${name} ${capText(literal, quotedCharacters)}`;
}

function quotedList(name: string, values: unknown[]): string | undefined {
  const shown = values.slice(0, examplesShown).map((value) => toLiteral(value) ?? 'unknown');
  if (shown.length === 0) return undefined;
  if (values.length > shown.length) shown.push('…');
  return `${name} ${capText(shown.join(', '), quotedCharacters)}`;
}

/** `1..10`, `>= 1`, `< 10`. Draft 4 wrote exclusive limits as a boolean beside the limit; both forms are read. */
function range(schema: SchemaObject): string | undefined {
  const above = exclusiveLimit(schema.exclusiveMinimum, schema.minimum);
  const below = exclusiveLimit(schema.exclusiveMaximum, schema.maximum);
  const minimum = above === undefined ? limit(schema.minimum) : undefined;
  const maximum = below === undefined ? limit(schema.maximum) : undefined;
  if (minimum !== undefined && maximum !== undefined) return `${minimum}..${maximum}`;
  const limits: string[] = [];
  if (minimum !== undefined) limits.push(`>= ${minimum}`);
  if (above !== undefined) limits.push(`> ${above}`);
  if (maximum !== undefined) limits.push(`<= ${maximum}`);
  if (below !== undefined) limits.push(`< ${below}`);
  return limits.length > 0 ? limits.join(', ') : undefined;
}

/** A limit that says something: schema generators write the safe integers as limits of every integer. */
function limit(value: unknown): number | undefined {
  const given = number(value);
  return given === undefined || Math.abs(given) >= Number.MAX_SAFE_INTEGER ? undefined : given;
}

function exclusiveLimit(exclusive: unknown, inclusive: unknown): number | undefined {
  return exclusive === true ? number(inclusive) : limit(exclusive);
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function count(minimum: unknown, maximum: unknown, unit: string): string | undefined {
  const least = number(minimum) === 0 ? undefined : number(minimum);
  const most = number(maximum);
  if (least !== undefined && most !== undefined)
    return least === most ? `${most} ${unit}` : `${least}..${most} ${unit}`;
  if (least !== undefined) return `${least}+ ${unit}`;
  return most === undefined ? undefined : `at most ${most} ${unit}`;
}
