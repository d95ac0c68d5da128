import { isRecord } from '../../json.ts';
import { toLine, toLiteral } from '../../visible.ts';
import { NamedTypes, singular } from './named-types.ts';
import { schemaNote } from './notes.ts';
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
  type TypeText,
  unionOf,
  unknownType,
  withNote,
} from './type-text.ts';

type TypeOptions = {
  /** Roughly the longest text; what comes after it is left out, with a marker. 30,000 unless told. */
  maxCharacters?: number;
  /** Deeper schemas become `unknown`, with a marker. 50 unless told. */
  maxDepth?: number;
  /** The name of the root type, should the schema refer to itself as a whole. `Root` unless told. */
  rootName?: string;
  /** The named types of the text this type will stand in; the types this one needs are declared there. */
  namedTypes?: NamedTypes;
  /** Write the root out even if the text repeats its shape: the arguments of a function are best read in place. */
  inlineRoot?: boolean;
  /** Spaces before the line on which the type begins. */
  indent?: number;
};

type TypeScriptType = {
  /** The type expression. */
  type: string;
  /** What the root schema says beyond its type, as text for a comment. */
  note: string;
  /** `type Name = …` for what is recursive or used more than once; empty if `namedTypes` was given, which then has them. */
  declarations: string[];
};

/**
 * The TypeScript type of a JSON Schema (2020-12, and the older forms that servers still send), as exact as the type
 * system allows and as short as exactness allows. What no type expresses (formats, ranges, defaults) becomes comments.
 *
 * Every value the schema accepts fits the type, with two exceptions that suit arguments and results: a schema with object
 * keywords and no `type` is taken for an object, and properties beyond those listed must be allowed explicitly.
 * Takes any JSON at all, fetches nothing and never throws; text and time are bounded, and cuts are marked with `…`.
 */
export function toTypeScript(schema: unknown, options: TypeOptions = {}): TypeScriptType {
  const namedTypes = options.namedTypes ?? new NamedTypes([schema]);
  const type = new TypeRenderer(schema, namedTypes, options).renderRoot();
  return { ...type, declarations: options.namedTypes === undefined ? namedTypes.takeDeclarations() : [] };
}

class TypeRenderer {
  readonly #root: unknown;
  readonly #references: References;
  readonly #maxDepth: number;
  readonly #rootName: string;
  readonly #namedTypes: NamedTypes;
  readonly #indent: number;
  readonly #inlineRoot: boolean;
  readonly #names = new Map<SchemaObject, string>();
  readonly #undeclared: SchemaObject[] = [];
  readonly #open = new Set<SchemaObject>();
  /** The property being rendered: what a schema without a name of its own is called after. */
  #place: string;
  #charactersLeft: number;

  constructor(root: unknown, namedTypes: NamedTypes, options: TypeOptions) {
    this.#root = root;
    this.#references = readReferences(root);
    this.#maxDepth = options.maxDepth ?? 50;
    this.#rootName = options.rootName ?? 'Root';
    this.#namedTypes = namedTypes;
    this.#place = this.#rootName;
    this.#indent = options.indent ?? 0;
    this.#inlineRoot = options.inlineRoot ?? false;
    this.#charactersLeft = options.maxCharacters ?? 30_000;
  }

  renderRoot(): { type: string; note: string } {
    const root = this.#render(this.#root, 0, this.#indent, this.#rootName);
    for (let schema = this.#undeclared.shift(); schema !== undefined; schema = this.#undeclared.shift()) {
      this.#place = this.#names.get(schema) ?? this.#rootName;
      const { text, note } = this.#renderBody(schema, 0, 0, undefined);
      const shape = this.#namedTypes.repeatedShape(schema);
      const doc = shape === undefined ? note : (shape.note ?? '');
      this.#namedTypes.declare(`${docComment(doc, '')}type ${this.#names.get(schema)} = ${text}`);
    }
    return { type: root.text, note: root.note };
  }

  #render(schema: unknown, depth: number, indent: number, name: string, implied?: TypeName[]): TypeText {
    if (schema === false) return neverType;
    if (!isRecord(schema)) return unknownType;
    const named = this.#renderName(schema, name);
    if (named !== undefined) return named;
    if (this.#charactersLeft <= 0) return atom('unknown', '… cut here: schema too large');
    if (depth > this.#maxDepth) return atom('unknown', `… cut here: deeper than ${this.#maxDepth} levels`);
    return this.#renderBody(schema, depth, indent, implied);
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
  #renderInPlace(
    schema: unknown,
    depth: number,
    indent: number,
    name: string,
    types: TypeName[] | undefined,
  ) {
    if (isRecord(schema) && this.#references.isEndless(schema)) {
      return atom('unknown', `${toLine(name, 60)} is defined as itself`);
    }
    return this.#render(schema, depth + 1, indent, name, types);
  }

  /** Shared schemas are named once, unless writing them out is as short as their name. */
  #deservesName(schema: SchemaObject): boolean {
    if (!this.#references.isShared(schema)) return false;
    const scalar = typeof schema.type === 'string' && schema.type !== 'object' && schema.type !== 'array';
    const combines = ['$ref', 'anyOf', 'oneOf', 'allOf', 'if'].some((keyword) => keyword in schema);
    const fewValues = !Array.isArray(schema.enum) || schema.enum.length <= 3;
    return !scalar || combines || !fewValues;
  }

  #renderBody(
    schema: SchemaObject,
    depth: number,
    indent: number,
    implied: TypeName[] | undefined,
  ): TypeText {
    this.#open.add(schema);
    const note = schemaNote(schema);
    this.#charactersLeft -= note.length + 8;
    const parts = [this.#renderOwn(schema, depth, indent, implied)];
    const types = ownTypes(schema) ?? implied;
    const ref = reference(schema);
    if (ref !== undefined) parts.push(this.#renderReference(ref, depth, indent));
    for (const keyword of ['anyOf', 'oneOf']) {
      const branches = schema[keyword];
      if (Array.isArray(branches)) parts.push(this.#renderUnion(branches, depth, indent, types));
    }
    if (Array.isArray(schema.allOf)) {
      for (const [index, branch] of schema.allOf.entries()) {
        if (this.#charactersLeft <= 0) {
          parts.push(atom('unknown', `… ${schema.allOf.length - index} more parts cut`));
          break;
        }
        parts.push(this.#renderInPlace(branch, depth, indent, this.#place, types));
      }
    }
    if (schema.if !== undefined && schema.else !== undefined) {
      const whenTrue = [schema.if, schema.then].map((part) =>
        this.#renderInPlace(part, depth, indent, this.#place, types),
      );
      parts.push(
        unionOf([
          intersectionOf(whenTrue),
          this.#renderInPlace(schema.else, depth, indent, this.#place, types),
        ]),
      );
    }
    this.#open.delete(schema);
    let type = intersectionOf(parts.length > 1 ? parts.filter((part) => part.text !== emptyObject) : parts);
    if (parts.length > 1 && isUnknown(type)) type = intersectionOf(parts);
    if (schema.nullable === true) type = unionOf([type, atom('null')]);
    return { ...type, note: [note, type.note].filter((part) => part !== '').join('; ') };
  }

  #renderReference(ref: unknown, depth: number, indent: number): TypeText {
    const target = this.#references.resolve(ref);
    if (target === undefined) {
      return atom('unknown', `not resolved: ${toLine(String(ref), quotedCharacters)}`);
    }
    const name = target === this.#root ? this.#rootName : referenceName(ref);
    return this.#renderInPlace(target, depth, indent, name, undefined);
  }

  #renderUnion(branches: unknown[], depth: number, indent: number, types: TypeName[] | undefined): TypeText {
    const members: TypeText[] = [];
    for (const [index, branch] of branches.entries()) {
      if (this.#charactersLeft <= 0) {
        members.push(atom('unknown', `… ${branches.length - index} more alternatives cut`));
        break;
      }
      members.push(this.#renderInPlace(branch, depth, indent, this.#place, types));
      this.#charactersLeft -= 3;
    }
    return unionOf(members);
  }

  /** What `type`, `enum`, `const` and the keywords of objects and arrays say, without any combination of schemas. */
  #renderOwn(schema: SchemaObject, depth: number, indent: number, implied: TypeName[] | undefined): TypeText {
    const types = ownTypes(schema);
    if (schema.const !== undefined) return this.#renderValues([schema.const], types);
    if (Array.isArray(schema.enum)) return this.#renderValues(schema.enum, types);
    const described = describedTypes(schema, implied);
    if (described === undefined) return unknownType;
    return unionOf(
      described.map((type) => {
        if (type === 'object') return this.#renderObject(schema, depth, indent);
        if (type === 'array') return this.#renderArray(schema, depth, indent);
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

  #renderObject(schema: SchemaObject, depth: number, indent: number): TypeText {
    const properties = isRecord(schema.properties) ? schema.properties : {};
    const required = new Set(
      Array.isArray(schema.required) ? schema.required.filter((name) => typeof name === 'string') : [],
    );
    const names = [...new Set([...Object.keys(properties), ...required])];
    const members: Member[] = [];
    const typesSoFar: string[] = [];
    for (const [index, name] of names.entries()) {
      if (name.length > this.#charactersLeft) {
        members.push({
          text: '[key: string]: unknown',
          note: `… ${names.length - index} more properties cut`,
        });
        return objectOf(members, indent);
      }
      const key = propertyKey(name);
      this.#charactersLeft -= key.length + indent + 6;
      this.#place = name;
      const declared = Object.hasOwn(properties, name);
      const type = this.#render(
        declared ? properties[name] : schema.additionalProperties,
        depth + 1,
        indent + 1,
        name,
      );
      const text = type.text === 'never' && !declared ? 'unknown' : type.text;
      typesSoFar.push(required.has(name) ? text : `${text} | undefined`);
      members.push({ text: `${key}${required.has(name) ? '' : '?'}: ${text}`, note: type.note });
    }
    members.push(...this.#renderIndexSignatures(schema, typesSoFar, depth, indent));
    if (members.length === 0)
      return atom(schema.additionalProperties === false ? 'Record<string, never>' : emptyObject);
    const [only] = members;
    // A recursive type may be used in an index signature, not as an argument of Record.
    if (names.length === 0 && only !== undefined && this.#names.size === 0) {
      const value = only.text.slice('[key: string]: '.length);
      return atom(`Record<string, ${value}>`, only.note === '' ? '' : `each: ${only.note}`);
    }
    return objectOf(members, indent);
  }

  /** `patternProperties` and `additionalProperties` as one index signature, which must admit the named properties too. */
  #renderIndexSignatures(
    schema: SchemaObject,
    propertyTypes: string[],
    depth: number,
    indent: number,
  ): Member[] {
    const patterns = isRecord(schema.patternProperties) ? Object.entries(schema.patternProperties) : [];
    const notes: string[] = [];
    const types: TypeText[] = [];
    for (const [pattern, subschema] of patterns) {
      if (this.#charactersLeft <= 0) break;
      const type = this.#render(subschema, depth + 1, indent + 1, this.#place);
      types.push({ ...type, note: '' });
      notes.push(
        `keys like /${toLine(pattern, quotedCharacters)}/${type.note === '' ? '' : `: ${type.note}`}`,
      );
    }
    const others = schema.additionalProperties;
    if (others !== undefined && others !== false) {
      const type = this.#render(others, depth + 1, indent + 1, this.#place);
      types.push({ ...type, note: '' });
      if (type.note !== '') notes.push(type.note);
    }
    if (types.length === 0) return [];
    const union = unionOf([...types, ...propertyTypes.map((text) => atom(text))]);
    // TypeScript wants every named property to fit the index signature; a long union of them would only obscure it.
    const tooLong = propertyTypes.length > 0 && union.text.length > indexSignatureCharacters;
    if (tooLong) notes.push(`others: ${toLine(unionOf(types).text, quotedCharacters)}`);
    return [
      {
        text: `[key: string]: ${tooLong || types.some(isUnknown) ? 'unknown' : union.text}`,
        note: notes.join('; '),
      },
    ];
  }

  #renderArray(schema: SchemaObject, depth: number, indent: number): TypeText {
    const isTuple = Array.isArray(schema.prefixItems) || Array.isArray(schema.items);
    if (schema.maxItems === 0) return atom('[]');
    if (isTuple) return this.#renderTuple(schema, depth, indent);
    return arrayOf(this.#render(schema.items, depth + 1, indent, singular(this.#place)));
  }

  #renderTuple(schema: SchemaObject, depth: number, indent: number): TypeText {
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
      const type = this.#render(subschema, depth + 1, indent, singular(this.#place));
      if (index < least) elements.push(withNote(type));
      else
        elements.push(
          withNote(
            type.rank === 'atom' ? { ...type, text: `${type.text}?` } : { ...type, text: `(${type.text})?` },
          ),
        );
    }
    if (rest !== false && most > prefix.length) {
      const type = arrayOf(this.#render(rest, depth + 1, indent, singular(this.#place)));
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
