import type { CallToolResult, ToolAnnotations } from '@modelcontextprotocol/sdk/types.js';
import { isRecord, type JsonSchema, parseJson } from '../../json.ts';
import { rememberLong } from '../../remember.ts';
import type { FaultKind } from '../../results/codes.ts';

/** One tool as its server lists it, with the names under which the two patterns reach it. */
export type Tool = {
  /** The scenario's name of the server, such as `crm`; the key under `mcp` in a program. */
  server: string;
  /** The name the server gave it; what travels in `tools/call`. */
  name: string;
  /** The property under `mcp.<server>`: `name` where that is an identifier, else a sanitised, unique one. */
  identifier: string;
  title?: string;
  description: string;
  inputSchema: JsonSchema;
  outputSchema?: JsonSchema;
  /** What it says about its own behaviour. Hints only: they never widen a permission. */
  annotations?: ToolAnnotations;
};

/** One connected server and everything it put before the model. */
export type ServerSurface = {
  /** The scenario's name of the server; always an identifier. */
  server: string;
  implementation: { name: string; version: string };
  instructions?: string;
  tools: Tool[];
};

/** All servers of a scenario, in the scenario's order. */
export type Surface = ServerSurface[];

/**
 * A tool's answer as both patterns see it. `text` is what enters the context in classic; where `isJson`, a program gets the
 * parsed value, else the text as a string. `fault` is what a run's dial did to the call, where it did something. `attempts` is
 * how often the one call was sent, where the server asked for input in between.
 */
export type ToolResult = {
  isError: boolean;
  text: string;
  isJson: boolean;
  fault?: FaultKind;
  attempts?: number;
};

/** What a client makes of a result that does not match the output schema of its tool. */
export function notOfSchema(tool: string, problem: string): ToolResult {
  const text = `The result does not match the output schema of ${tool}: ${problem}`;
  return { isError: true, text, isJson: false };
}

/** A result of MCP whose structured content may be any value. */
type SentResult = Pick<CallToolResult, 'content' | 'isError'> & { structuredContent?: unknown };

/**
 * Reduces an MCP result to the one text that both patterns see: the structured content as minified JSON where the server
 * sent any, else its text. Other content (images, links) is named, never fetched.
 */
export function toToolResult(result: SentResult): ToolResult {
  const isError = result.isError === true;
  if (result.structuredContent !== undefined && result.structuredContent !== null && !isError) {
    const { structuredContent } = result;
    return {
      isError,
      text: JSON.stringify(structuredContent),
      isJson: typeof structuredContent === 'object',
    };
  }
  const text = result.content
    .map((block) => {
      switch (block.type) {
        case 'text':
          return block.text;
        case 'resource':
          return 'text' in block.resource ? block.resource.text : `[resource ${block.resource.uri}]`;
        case 'resource_link':
          return `[resource ${block.uri}]`;
        default:
          return `[${block.type} ${block.mimeType}, ${block.data.length} characters of base64]`;
      }
    })
    .join('\n');
  return { isError, text, isJson: !isError && isContainer(text) };
}

/** The value that a program gets for a result's text: the object or array it is the JSON of, else the text itself. */
export function toValue(text: string): unknown {
  return parseContainer(text) ?? text;
}

/** Whether a text is the JSON of an object or array, so that a program gets its value and not the text. */
export const isContainer = rememberLong((text) => parseContainer(text) !== undefined);

/** The object or array that a text is the JSON of; undefined where it is something else. */
function parseContainer(text: string): object | undefined {
  return /^\s*[[{]/.test(text) ? (parseJson(text) as object | undefined) : undefined;
}

/** Servers without free text: names, types and allowed values remain, as checks of arguments need them. */
export function withoutTexts(surface: Surface): Surface {
  return surface.map(
    ({ instructions: _, ...server }): ServerSurface => ({
      ...server,
      tools: server.tools.map(
        ({ title: _, ...tool }): Tool => ({
          ...tool,
          description: '',
          inputSchema: withoutWords(tool.inputSchema),
          ...(tool.outputSchema && { outputSchema: withoutWords(tool.outputSchema) }),
        }),
      ),
    }),
  );
}

/** Keywords that say which values are valid; a pattern is not among them, as any text fits into one. */
const structural = new Set(
  'type required enum const format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength minItems maxItems uniqueItems minProperties maxProperties $ref'.split(
    ' ',
  ),
);
const holdingOne = new Set(['items', 'additionalProperties', 'not', 'contains', 'propertyNames']);
const holdingSeveral = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);
const holdingNamed = new Set(['properties', 'patternProperties', '$defs', 'definitions']);

function withoutWords(schema: JsonSchema): JsonSchema {
  const inside = (value: unknown) => (isRecord(value) ? withoutWords(value) : value);
  const kept = Object.entries(schema).flatMap(([keyword, value]): [string, unknown][] => {
    if (structural.has(keyword)) return [[keyword, value]];
    if (holdingOne.has(keyword)) return [[keyword, inside(value)]];
    if (holdingSeveral.has(keyword) && Array.isArray(value)) return [[keyword, value.map(inside)]];
    if (!holdingNamed.has(keyword) || !isRecord(value)) return [];
    return [[keyword, Object.fromEntries(Object.entries(value).map(([name, each]) => [name, inside(each)]))]];
  });
  return Object.fromEntries(kept);
}
