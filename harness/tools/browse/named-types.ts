import { freeName, toIdentifier } from '../mcp/names.ts';
import { readReferences, type SchemaObject } from './references.ts';
import { schemaNote } from './type-text.ts';

/** Names that a declared type would hide, or that stand for something else in the text. */
const builtinNames =
  'Record Promise Array String Number Boolean Object Function Symbol any unknown never string number boolean object symbol bigint declare type mcp'.split(
    ' ',
  );

const nameCharacters = 60;
/** Shapes shorter than this are not worth a name; longer ones, or deeper, are not compared. */
const shapeCharacters = { least: 150, most: 4_000 };
const shapeLevels = 20;
/** Enumerations with fewer values are written out. */
const enumValues = 4;
/** What a schema says about the use of a value, not about the value: equal shapes may differ here. */
const annotations = new Set([
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
]);

type Shape = { uses: number; name?: string; note: string | undefined };

/**
 * The named types of one text. Schemas that say the same are one type, even in different tools: servers repeat their
 * objects and enumerations in each tool that takes or returns them. Give all schemas of the text at the start, so that
 * it is known which appear more than once.
 */
export class NamedTypes {
  readonly #taken = new Set(builtinNames);
  readonly #shapes = new Map<string, Shape>();
  readonly #keys = new WeakMap<object, string | undefined>();
  #declarations: string[] = [];

  constructor(schemas: readonly unknown[]) {
    for (const schema of schemas) {
      for (const [reached, arrivals] of readReferences(schema).arrivals) this.#count(reached, arrivals);
    }
  }

  /** The shape of a schema if it appears more than once in the text and is worth a name. */
  repeatedShape(schema: SchemaObject): Shape | undefined {
    const key = this.#shapeKey(schema);
    const shape = key === undefined ? undefined : this.#shapes.get(key);
    return shape !== undefined && shape.uses > 1 ? shape : undefined;
  }

  /** A name that is free in this text, like the one suggested. */
  claimName(suggestion: string): string {
    const base = toIdentifier(suggestion.slice(0, nameCharacters) || 'Type').replace(/^[a-z]/, (letter) =>
      letter.toUpperCase(),
    );
    const name = freeName(base, this.#taken);
    this.#taken.add(name);
    return name;
  }

  declare(declaration: string): void {
    this.#declarations.push(declaration);
  }

  /** The declarations since the last call. */
  takeDeclarations(): string[] {
    const taken = this.#declarations;
    this.#declarations = [];
    return taken;
  }

  #count(schema: SchemaObject, arrivals: number): void {
    const key = this.#shapeKey(schema);
    if (key === undefined) return;
    const note = schemaNote(schema);
    const shape = this.#shapes.get(key);
    if (shape === undefined) this.#shapes.set(key, { uses: arrivals, note });
    else {
      shape.uses += arrivals;
      if (shape.note !== note) shape.note = undefined;
    }
  }

  #shapeKey(schema: SchemaObject): string | undefined {
    const hasMembers = typeof schema.properties === 'object' && schema.type === 'object';
    const hasValues = Array.isArray(schema.enum) && schema.enum.length >= enumValues;
    if (!hasMembers && !hasValues) return undefined;
    const own = Object.fromEntries(Object.entries(schema).filter(([keyword]) => !annotations.has(keyword)));
    const key = this.#text(own, shapeLevels);
    return key === undefined || (hasMembers && key.length < shapeCharacters.least) ? undefined : key;
  }

  /** Like JSON.stringify, but remembered per object, and undefined for what is long, deep or refers elsewhere. */
  #text(value: unknown, levels: number): string | undefined {
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    if (this.#keys.has(value)) return this.#keys.get(value);
    const text =
      levels === 0 || '$ref' in value || '$dynamicRef' in value ? undefined : this.#join(value, levels - 1);
    this.#keys.set(value, text);
    return text;
  }

  #join(value: object, levels: number): string | undefined {
    let text = '';
    const closedByListing = 'properties' in value && Object.keys(value.properties ?? {}).length > 0;
    for (const [key, entry] of Object.entries(value)) {
      // Listed properties are a closed list in the type either way.
      if (key === 'additionalProperties' && entry === false && closedByListing) continue;
      const part = this.#text(entry, levels);
      if (part === undefined) return undefined;
      text += `${JSON.stringify(key)}:${part},`;
      if (text.length > shapeCharacters.most) return undefined;
    }
    return Array.isArray(value) ? `[${text}]` : `{${text}}`;
  }
}

/** A guess at what one of several is called; only for names of types. */
export function singular(name: string): string {
  return name.replace(/ies$/i, 'y').replace(/(?<=[^s])s$/i, '');
}
