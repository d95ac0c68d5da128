import { isRecord, type JsonSchema } from '../json.ts';
import type { ServerSurface, Surface, Tool } from './mcp/surface.ts';

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
