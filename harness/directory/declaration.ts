import type { ServerSurface, Surface, Tool } from '../mcp/surface.ts';
import { isSchemaObject } from './references.ts';
import { docComment } from './type-text.ts';
import { toTypeScript } from './types.ts';
import { toText } from './visible.ts';

/** Longest description of a tool; the longest found among public servers has 2,780. */
const descriptionCharacters = 10_000;

/** What a program gets from a tool that declares no output schema. */
const untypedResult = 'parsed if the result text is a JSON object or array, else the text';

/**
 * One tool as the declaration of a function, preceded by the types it needs and how to call it. `takenNames` keeps type
 * names apart where several declarations stand in one text.
 */
export function toDeclaration(tool: Tool, takenNames: Set<string> = new Set()): string {
  const { types, doc, signature } = describeFunction(tool, takenNames, 0);
  const call = `// mcp.${tool.server}.${tool.identifier}`;
  const result = tool.outputSchema === undefined ? ` // ${untypedResult}` : '';
  return [call, ...types, `${docComment(doc, '')}function ${signature}${result}`].join('\n');
}

/**
 * The declarations of all tools of all servers as one text: shared and recursive types first, then
 * `declare const mcp: { <server>: { <function>(args: …): Promise<…> … } … }`.
 */
export function declarations(surface: Surface): string {
  const takenNames = new Set<string>();
  const types: string[] = [];
  const servers = surface.map((server) => declareServer(server, takenNames, types));
  const untyped = surface.some(({ tools }) => tools.some((tool) => tool.outputSchema === undefined));
  return [
    ...(untyped ? [`// Promise<unknown>: ${untypedResult}`] : []),
    ...types,
    `declare const mcp: {\n${servers.join('\n')}\n}`,
  ].join('\n');
}

function declareServer(server: ServerSurface, takenNames: Set<string>, types: string[]): string {
  const functions = server.tools.map((tool) => {
    const described = describeFunction(tool, takenNames, 2);
    types.push(...described.types);
    return `  ${docComment(described.doc, '  ')}${described.signature}`;
  });
  return ` ${server.server}: {\n${functions.join('\n')}\n }`;
}

function describeFunction(tool: Tool, takenNames: Set<string>, indent: number) {
  const input = toTypeScript(tool.inputSchema, { indent, takenNames, rootName: `${tool.identifier}_args` });
  const output =
    tool.outputSchema === undefined
      ? undefined
      : toTypeScript(tool.outputSchema, { indent, takenNames, rootName: `${tool.identifier}_result` });
  const description = toText(tool.description || tool.title || '', descriptionCharacters);
  const effects = effect(tool);
  const doc = [
    effects === '' ? description : `${description} [${effects}]`,
    input.note === '' ? '' : `args: ${input.note}`,
    output === undefined || output.note === '' ? '' : `Returns: ${output.note}`,
  ];
  return {
    types: [...input.declarations, ...(output?.declarations ?? [])],
    doc: doc
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .join('\n'),
    signature: `${tool.identifier}(${parameter(tool, input.type)}): Promise<${output?.type ?? 'unknown'}>`,
  };
}

/** `args: T`, optional where an empty object would do, absent where the schema lists that there are no arguments. */
function parameter({ inputSchema }: Tool, type: string): string {
  const { properties, required, additionalProperties } = inputSchema;
  const listsNone = isSchemaObject(properties) && additionalProperties === undefined;
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
