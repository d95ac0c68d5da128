import { isRecord } from '../../json.ts';
import { toLine, toLiteral } from '../../visible.ts';
import { NamedTypes, singular } from './named-types.ts';
import {
  describedTypes,
  ownTypes,
  type References,
  readReferences,
  reference,
  referenceName,
  type SchemaObject,
  type TypeName,
  typeOf,
} from './references.ts';
import {
  arrayOf,
  atom,
  docComment,
  intersectionOf,
  isUnknown,
  type Member,
  neverType,
  objectOf,
  propertyKey,
  schemaNote,
  type TypeText,
  unionOf,
  unknownType,
  withNote,
} from './type-text.ts';

type TypeOptions = {
  /** Roughly the longest text; what comes after it is left out, with a marker. 30,000 unless told. */
  maxCharacters?: number;
  /** The name of the root type, should the schema refer to itself as a whole. `Root` unless told. */
  rootName?: string;
  /** The named types of the text this type will stand in; the types this one needs are declared there. */
  namedTypes?: NamedTypes;
  /** Write the root out even if the text repeats its shape: the arguments of a function are best read in place. */
  inlineRoot?: boolean;
  /** Spaces before the line on which the type begins. */
  indent?: number;
};

/**
 * The TypeScript type of a JSON Schema (2020-12, and the older forms that servers still send), as exact as the type
 * system allows and as short as exactness allows. What no type expresses (formats, ranges, defaults) becomes comments.
 *
 * Every value the schema accepts fits the type, with two exceptions that suit arguments and results: a schema with object
 * keywords and no `type` is taken for an object, and properties beyond those listed must be allowed explicitly.
 * Takes any JSON at all, fetches nothing and never throws; text and time are bounded, and cuts are marked with `…`. `note` is
 * what the root schema says beyond its type, as text for a comment. `declarations` are of what is recursive or used more than
 * once; there are none if `namedTypes` was given, which then has them.
 */
export function toTypeScript(schema: unknown, options: TypeOptions = {}) {
  const namedTypes = options.namedTypes ?? new NamedTypes([schema]);
  const type = new TypeRenderer(schema, namedTypes, options).renderRoot(options.indent ?? 0);
  return { ...type, declarations: options.namedTypes === undefined ? namedTypes.takeDeclarations() : [] };
}

/** Deeper schemas become `unknown`, with a marker. */
const mostLevels = 50;

/** Where a type stands: how many schemas it is in, and the spaces before its line. */
type At = { depth: number; indent: number };

class TypeRenderer {
  readonly #root: unknown;
  readonly #references: References;
  readonly #rootName: string;
  readonly #namedTypes: NamedTypes;
  readonly #inlineRoot: boolean;
  readonly #names = new Map<SchemaObject, string>();
  readonly #undeclared: SchemaObject[] = [];
  readonly #open = new Set<SchemaObject>();
  /** The property being rendered: what a schema without a name of its own is called after. */
  #place: string;
  #charactersLeft: number;

  constructor(
    root: unknown,
    namedTypes: NamedTypes,
    { rootName = 'Root', inlineRoot = false, maxCharacters = 30_000 }: TypeOptions,
  ) {
    this.#root = root;
    this.#references = readReferences(root);
    this.#rootName = rootName;
    this.#namedTypes = namedTypes;
    this.#place = rootName;
    this.#inlineRoot = inlineRoot;
    this.#charactersLeft = maxCharacters;
  }

  renderRoot(indent: number): { type: string; note: string } {
    const root = this.#render(this.#root, { depth: 0, indent }, this.#rootName);
    for (let schema = this.#undeclared.shift(); schema !== undefined; schema = this.#undeclared.shift()) {
      this.#place = this.#names.get(schema) ?? this.#rootName;
      const { text, note } = this.#renderBody(schema, { depth: 0, indent: 0 }, undefined);
      const shape = this.#namedTypes.repeatedShape(schema);
      const doc = shape === undefined ? note : (shape.note ?? '');
      this.#namedTypes.declare(`${docComment(doc, '')}type ${this.#names.get(schema)} = ${text}`);
    }
    return { type: root.text, note: root.note };
  }

  #render(schema: unknown, at: At, name: string, implied?: TypeName[]): TypeText {
    if (schema === false) return neverType;
    if (!isRecord(schema)) return unknownType;
    const named = this.#renderName(schema, name);
    if (named !== undefined) return named;
    if (this.#charactersLeft <= 0) return atom('unknown', '… cut here: schema too large');
    if (at.depth > mostLevels) return atom('unknown', `… cut here: deeper than ${mostLevels} levels`);
    return this.#renderBody(schema, at, implied);
  }

  /** The name of a schema that has one or deserves one; its declaration follows later. */
  #renderName(schema: SchemaObject, suggestion: string): TypeText | undefined {
    const inline = this.#inlineRoot && schema === this.#root;
    const shape = inline ? undefined : this.#namedTypes.repeatedShape(schema);
    if (shape !== undefined) {
      const note = shape.note === undefined ? schemaNote(schema) : '';
      this.#charactersLeft -= note.length;
      shape.name ??= this.#claimName(schema, suggestion);
      return atom(shape.name, note);
    }
    const known = this.#names.get(schema);
    if (known !== undefined) return atom(known);
    if (!this.#open.has(schema) && !this.#deservesName(schema)) return undefined;
    return atom(this.#claimName(schema, suggestion));
  }

  #claimName(schema: SchemaObject, suggestion: string): string {
    const name = this.#namedTypes.claimName(suggestion);
    this.#names.set(schema, name);
    this.#undeclared.push(schema);
    return name;
  }

  /** A schema that applies to the same value as the one around it. TypeScript refuses a type that is defined as itself. */
  #renderInPlace(schema: unknown, { depth, indent }: At, name: string, types: TypeName[] | undefined) {
    if (isRecord(schema) && this.#references.isEndless(schema)) {
      return atom('unknown', `${toLine(name, 60)} is defined as itself`);
    }
    return this.#render(schema, { depth: depth + 1, indent }, name, types);
  }

  /** Shared schemas are named once, unless writing them out is as short as their name. */
  #deservesName(schema: SchemaObject): boolean {
    if (!this.#references.isShared(schema)) return false;
    const scalar = typeof schema.type === 'string' && schema.type !== 'object' && schema.type !== 'array';
    const combines = ['$ref', 'anyOf', 'oneOf', 'allOf', 'if'].some((keyword) => keyword in schema);
    const fewValues = !Array.isArray(schema.enum) || schema.enum.length <= 3;
    return !scalar || combines || !fewValues;
  }

  /** A schema inside of another: of a property, or of an element. */
  #renderInside(schema: unknown, { depth, indent }: At, name: string): TypeText {
    return this.#render(schema, { depth: depth + 1, indent: indent + 1 }, name);
  }

  #renderBody(schema: SchemaObject, at: At, implied: TypeName[] | undefined): TypeText {
    this.#open.add(schema);
    const note = schemaNote(schema);
    this.#charactersLeft -= note.length + 8;
    const parts = [this.#renderOwn(schema, at, implied)];
    const types = ownTypes(schema) ?? implied;
    const ref = reference(schema);
    if (ref !== undefined) parts.push(this.#renderReference(ref, at));
    for (const branches of [schema.anyOf, schema.oneOf])
      if (Array.isArray(branches))
        parts.push(unionOf(this.#renderBranches(branches, 'alternatives', 3, at, types)));
    if (Array.isArray(schema.allOf)) parts.push(...this.#renderBranches(schema.allOf, 'parts', 0, at, types));
    if (schema.if !== undefined && schema.else !== undefined) {
      const render = (part: unknown) => this.#renderInPlace(part, at, this.#place, types);
      const whenTrue = intersectionOf([schema.if, schema.then].map(render));
      parts.push(unionOf([whenTrue, render(schema.else)]));
    }
    this.#open.delete(schema);
    let type = intersectionOf(parts.length > 1 ? parts.filter((part) => part.text !== emptyObject) : parts);
    if (parts.length > 1 && isUnknown(type)) type = intersectionOf(parts);
    if (schema.nullable === true) type = unionOf([type, atom('null')]);
    return { ...type, note: [note, type.note].filter((part) => part !== '').join('; ') };
  }

  #renderReference(ref: unknown, at: At): TypeText {
    const target = this.#references.resolve(ref);
    if (target === undefined) {
      return atom('unknown', `not resolved: ${toLine(String(ref), quotedCharacters)}`);
    }
    const name = target === this.#root ? this.#rootName : referenceName(ref);
    return this.#renderInPlace(target, at, name, undefined);
  }

  /** Schemas that apply to the same value, as far as there is room; `between` is how many characters stand between two. */
  #renderBranches(
    branches: unknown[],
    noun: string,
    between: number,
    at: At,
    types: TypeName[] | undefined,
  ): TypeText[] {
    const members: TypeText[] = [];
    for (const [index, branch] of branches.entries()) {
      if (this.#charactersLeft <= 0)
        return [...members, atom('unknown', `… ${branches.length - index} more ${noun} cut`)];
      members.push(this.#renderInPlace(branch, at, this.#place, types));
      this.#charactersLeft -= between;
    }
    return members;
  }

  /** What `type`, `enum`, `const` and the keywords of objects and arrays say, without any combination of schemas. */
  #renderOwn(schema: SchemaObject, at: At, implied: TypeName[] | undefined): TypeText {
    const types = ownTypes(schema);
    if (schema.const !== undefined) return this.#renderValues([schema.const], types);
    if (Array.isArray(schema.enum)) return this.#renderValues(schema.enum, types);
    const described = describedTypes(schema, implied);
    if (described === undefined) return unknownType;
    return unionOf(
      described.map((type) => {
        if (type === 'object') return this.#renderObject(schema, at);
        if (type === 'array') return this.#renderArray(schema, at);
        return atom(type);
      }),
    );
  }

  #renderValues(values: unknown[], types: TypeName[] | undefined): TypeText {
    const members: TypeText[] = [];
    const fitting = types === undefined ? values : values.filter((value) => types.includes(typeOf(value)));
    for (const [index, value] of fitting.entries()) {
      const literal = this.#charactersLeft > 0 ? toLiteral(value) : undefined;
      if (literal === undefined || literal.length > Math.min(this.#charactersLeft, literalCharacters)) {
        members.push(atom('unknown', `… ${fitting.length - index} more values cut`));
        break;
      }
      this.#charactersLeft -= literal.length + 3;
      members.push(atom(literal));
    }
    return unionOf(members);
  }

  #renderObject(schema: SchemaObject, at: At): TypeText {
    const properties = isRecord(schema.properties) ? schema.properties : {};
    const required = new Set(
      Array.isArray(schema.required) ? schema.required.filter((name) => typeof name === 'string') : [],
    );
    const names = [...new Set([...Object.keys(properties), ...required])];
    const members: Member[] = [];
    const typesSoFar: string[] = [];
    for (const [index, name] of names.entries()) {
      if (name.length > this.#charactersLeft) {
        const note = `… ${names.length - index} more properties cut`;
        return objectOf([...members, { text: '[key: string]: unknown', note }], at.indent);
      }
      const key = propertyKey(name);
      this.#charactersLeft -= key.length + at.indent + 6;
      this.#place = name;
      const declared = Object.hasOwn(properties, name);
      const type = this.#renderInside(declared ? properties[name] : schema.additionalProperties, at, name);
      const text = type.text === 'never' && !declared ? 'unknown' : type.text;
      typesSoFar.push(required.has(name) ? text : `${text} | undefined`);
      members.push({ text: `${key}${required.has(name) ? '' : '?'}: ${text}`, note: type.note });
    }
    members.push(...this.#renderIndexSignatures(schema, typesSoFar, at));
    if (members.length === 0)
      return atom(schema.additionalProperties === false ? 'Record<string, never>' : emptyObject);
    const [only] = members;
    // A recursive type may be used in an index signature, not as an argument of Record.
    if (names.length === 0 && only !== undefined && this.#names.size === 0) {
      const value = only.text.slice('[key: string]: '.length);
      return atom(`Record<string, ${value}>`, only.note === '' ? '' : `each: ${only.note}`);
    }
    return objectOf(members, at.indent);
  }

  /** `patternProperties` and `additionalProperties` as one index signature, which must admit the named properties too. */
  #renderIndexSignatures(schema: SchemaObject, propertyTypes: string[], at: At): Member[] {
    const patterns = isRecord(schema.patternProperties) ? Object.entries(schema.patternProperties) : [];
    const notes: string[] = [];
    const types: TypeText[] = [];
    for (const [pattern, subschema] of patterns) {
      if (this.#charactersLeft <= 0) break;
      const type = this.#renderInside(subschema, at, this.#place);
      types.push({ ...type, note: '' });
      notes.push(
        `keys like /${toLine(pattern, quotedCharacters)}/${type.note === '' ? '' : `: ${type.note}`}`,
      );
    }
    const others = schema.additionalProperties;
    if (others !== undefined && others !== false) {
      const type = this.#renderInside(others, at, this.#place);
      types.push({ ...type, note: '' });
      if (type.note !== '') notes.push(type.note);
    }
    if (types.length === 0) return [];
    const union = unionOf([...types, ...propertyTypes.map((text) => atom(text))]);
    // TypeScript wants every named property to fit the index signature; a long union of them would only obscure it.
    const tooLong = propertyTypes.length > 0 && union.text.length > indexSignatureCharacters;
    if (tooLong) notes.push(`others: ${toLine(unionOf(types).text, quotedCharacters)}`);
    const text = `[key: string]: ${tooLong || types.some(isUnknown) ? 'unknown' : union.text}`;
    return [{ text, note: notes.join('; ') }];
  }

  #renderArray(schema: SchemaObject, at: At): TypeText {
    const isTuple = Array.isArray(schema.prefixItems) || Array.isArray(schema.items);
    if (schema.maxItems === 0) return atom('[]');
    if (isTuple) return this.#renderTuple(schema, at);
    return arrayOf(this.#renderElement(schema.items, at));
  }

  #renderElement(schema: unknown, { depth, indent }: At): TypeText {
    return this.#render(schema, { depth: depth + 1, indent }, singular(this.#place));
  }

  #renderTuple(schema: SchemaObject, at: At): TypeText {
    const prefix = Array.isArray(schema.prefixItems) ? schema.prefixItems : (schema.items as unknown[]);
    const rest = Array.isArray(schema.prefixItems) ? schema.items : schema.additionalItems;
    const least = typeof schema.minItems === 'number' ? schema.minItems : 0;
    const most = typeof schema.maxItems === 'number' ? schema.maxItems : Number.POSITIVE_INFINITY;
    const elements: string[] = [];
    for (const [index, subschema] of prefix.slice(0, most).entries()) {
      if (this.#charactersLeft <= 0)
        return atom(
          `[${elements.join(', ')}${elements.length > 0 ? ', ' : ''}...unknown[]]`,
          `… ${prefix.length - index} more elements cut`,
        );
      this.#charactersLeft -= 3;
      const type = this.#renderElement(subschema, at);
      const optional = type.rank === 'atom' ? `${type.text}?` : `(${type.text})?`;
      elements.push(withNote(index < least ? type : { ...type, text: optional }));
    }
    if (rest !== false && most > prefix.length) {
      const type = arrayOf(this.#renderElement(rest, at));
      elements.push(withNote({ ...type, text: `...${type.text}` }));
    }
    return atom(`[${elements.join(', ')}]`);
  }
}

/** Longest value of an `enum` or `const` that is written out. */
const literalCharacters = 2_000;
/** Longest text that a note quotes: a pattern, a reference, a type. */
const quotedCharacters = 200;
const indexSignatureCharacters = 120;
const emptyObject = 'Record<string, unknown>';
