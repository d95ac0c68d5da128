import { isRecord } from '../../json.ts';
import { toText } from '../../visible.ts';
import type { ServerSurface, Surface, Tool } from '../mcp/surface.ts';
import { NamedTypes } from './named-types.ts';
import { docComment } from './type-text.ts';
import { toTypeScript } from './types.ts';

/** Longest description of a tool; the longest found among public servers has 2,780. */
const descriptionCharacters = 10_000;

/** What a program gets from a tool that declares no output schema. */
const untypedResult = 'parsed if the result text is a JSON object or array, else the text';

/**
 * Some tools as declarations of functions, one text each, preceded by its place under `mcp` and by the types it is the
 * first to need: any beginning of the texts can be read by itself.
 */
export function* declareEach(tools: readonly Tool[]): Generator<string> {
  const namedTypes = new NamedTypes(tools.flatMap(schemasOf));
  for (const tool of tools) {
    const { doc, signature } = describeFunction(tool, namedTypes, 0);
    const result = tool.outputSchema === undefined ? ` // ${untypedResult}` : '';
    yield [
      `// mcp.${tool.server}.${tool.identifier}`,
      ...namedTypes.takeDeclarations(),
      `${docComment(doc, '')}function ${signature}${result}`,
    ].join('\n');
  }
}

/**
 * The declarations of all tools of all servers as one text: shared and recursive types first, then
 * `declare const mcp: { <server>: { <function>(args: …): Promise<…> … } … }`.
 */
export function declarations(surface: Surface): string {
  const namedTypes = new NamedTypes(surface.flatMap(({ tools }) => tools.flatMap(schemasOf)));
  const servers = surface.map((server) => declareServer(server, namedTypes));
  const untyped = surface.some(({ tools }) => tools.some((tool) => tool.outputSchema === undefined));
  return [
    ...(untyped ? [`// Promise<unknown>: ${untypedResult}`] : []),
    ...namedTypes.takeDeclarations(),
    `declare const mcp: {\n${servers.join('\n')}\n}`,
  ].join('\n');
}

/** The same as a file of declarations, which a program imports its type of `mcp` from. */
export function declarationFile(surface: Surface): string {
  return `// Written by "patternbench types" from what the servers list: it is overwritten.\n${declarations(surface)}\nexport type Mcp = typeof mcp;\n`;
}

function schemasOf(tool: Tool): unknown[] {
  return [tool.inputSchema, tool.outputSchema];
}

function declareServer(server: ServerSurface, namedTypes: NamedTypes): string {
  const functions = server.tools.map((tool) => {
    const { doc, signature } = describeFunction(tool, namedTypes, 2);
    return `  ${docComment(doc, '  ')}${signature}`;
  });
  return ` ${server.server}: {\n${functions.join('\n')}\n }`;
}

function describeFunction(tool: Tool, namedTypes: NamedTypes, indent: number) {
  const render = (schema: unknown, part: 'args' | 'result') =>
    toTypeScript(schema, {
      ...{ indent, namedTypes },
      inlineRoot: part === 'args',
      rootName: `${tool.identifier}_${part}`,
    });
  const input = render(tool.inputSchema, 'args');
  const output = tool.outputSchema === undefined ? undefined : render(tool.outputSchema, 'result');
  const description = toText(tool.description || tool.title || '', descriptionCharacters);
  const effects = effect(tool);
  const doc = [
    effects === '' ? description : `${description} [${effects}]`,
    input.note && `args: ${input.note}`,
    output?.note && `Returns: ${output.note}`,
  ];
  return {
    doc: doc.flatMap((part) => part?.trim() || []).join('\n'),
    signature: `${tool.identifier}(${parameter(tool, input.type)}): Promise<${output?.type ?? 'unknown'}>`,
  };
}

/** `args: T`, optional where an empty object would do, absent where the schema lists that there are no arguments. */
function parameter({ inputSchema }: Tool, type: string): string {
  const { properties, required, additionalProperties } = inputSchema;
  const listsNone = isRecord(properties) && additionalProperties === undefined;
  if (type === 'Record<string, never>' || (type === 'Record<string, unknown>' && listsNone)) return '';
  const plainObject = combining.every((keyword) => inputSchema[keyword] === undefined);
  const optional =
    plainObject && inputSchema.type === 'object' && !(Array.isArray(required) && required.length > 0);
  return `args${optional ? '?' : ''}: ${type}`;
}

const combining = ['$ref', 'anyOf', 'oneOf', 'allOf', 'if', 'minProperties'];

/** The one annotation that changes how carefully a function is called. Hints of the server, not facts. */
export function effect(tool: Tool): string {
  if (tool.annotations?.readOnlyHint === true) return 'read-only';
  return tool.annotations?.destructiveHint === true ? 'destructive' : '';
}

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
