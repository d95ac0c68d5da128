import { toTypeScript } from './types.ts';

/** Elements of an array that are looked at, and levels; deeper values are `unknown`. */
const most = { elements: 50, levels: 8 };

/** The TypeScript type of a JSON value, as far as one value tells: what all elements of an array have is required of each. */
export function typeOfValue(value: unknown): string {
  return toTypeScript(schemaOf(value, most.levels)).type;
}

function schemaOf(value: unknown, levels: number): object {
  if (value === null) return { type: 'null' };
  if (typeof value !== 'object') return { type: typeof value };
  if (levels === 0) return {};
  if (Array.isArray(value)) {
    const elements = value.slice(0, most.elements).map((element) => schemaOf(element, levels - 1));
    return { type: 'array', ...(elements.length > 0 && { items: join(elements) }) };
  }
  const properties = Object.entries(value).map(([key, member]) => [key, schemaOf(member, levels - 1)]);
  return { type: 'object', properties: Object.fromEntries(properties), required: Object.keys(value) };
}

/** One schema for several values: objects as one, with what only some have as optional; else the alternatives. */
function join(schemas: readonly object[]): object {
  const objects = schemas.filter(isObject);
  const others = schemas.filter((schema) => !isObject(schema));
  const keys = new Set(objects.flatMap(({ properties }) => Object.keys(properties)));
  const members = [...keys].map((key): [string, object] => [
    key,
    join(objects.flatMap(({ properties }) => properties[key] ?? [])),
  ]);
  const required = [...keys].filter((key) => objects.every(({ properties }) => key in properties));
  const joined =
    objects.length > 0 ? [{ type: 'object', properties: Object.fromEntries(members), required }] : [];
  const texts = new Map([...others, ...joined].map((schema) => [JSON.stringify(schema), schema]));
  const [only, ...more] = texts.values();
  return only && more.length === 0 ? only : { anyOf: [...texts.values()] };
}

type ObjectSchema = { properties: Record<string, object> };

function isObject(schema: object): schema is ObjectSchema {
  return 'properties' in schema;
}
