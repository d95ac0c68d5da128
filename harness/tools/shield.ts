import { isRecord, type JsonSchema } from '../json.ts';
import type { ServerSurface, Surface, Tool, ToolResult } from './mcp/surface.ts';

/** What is taken away from what servers send before a model sees it. */
export type Shield = {
  /** Free text of listings: instructions, descriptions, and all else that no check of arguments needs. */
  texts?: boolean;
  /** Fields of results that the tool's output schema does not declare. */
  undeclared?: boolean;
};

/** Servers without free text: names, types and allowed values remain. */
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

/** A result without fields that the tool's output schema does not declare; as it is where there is no schema. */
export function withoutUndeclared({ outputSchema }: Tool, result: ToolResult): ToolResult {
  if (!outputSchema || !result.isJson || result.isError) return result;
  return { ...result, text: JSON.stringify(keepDeclared(JSON.parse(result.text), outputSchema)) };
}

function keepDeclared(value: unknown, schema: unknown): unknown {
  if (!isRecord(schema)) return value;
  if (Array.isArray(value)) return value.map((each) => keepDeclared(each, schema.items));
  const { properties, additionalProperties } = schema;
  // What a schema says in another way than by properties is left alone.
  if (!isRecord(value) || !isRecord(properties) || isRecord(additionalProperties)) return value;
  const declared = Object.entries(value).filter(([name]) => Object.hasOwn(properties, name));
  return Object.fromEntries(declared.map(([name, each]) => [name, keepDeclared(each, properties[name])]));
}
