import type { Tool } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { MockTool } from './mock-server.ts';

/** A tool as `tools/list` shows it, with compact JSON Schemas (2020-12, the dialect MCP assumes). */
export function toolDefinition({ input, output, annotations, ...named }: MockTool): Tool {
  return {
    name: named.name,
    title: named.title,
    description: named.description,
    inputSchema: compactSchema(input, 'input') as Tool['inputSchema'],
    ...(output && { outputSchema: compactSchema(output, 'output') as NonNullable<Tool['outputSchema']> }),
    ...(annotations && { annotations }),
  };
}

type SchemaNode = z.core.JSONSchema.BaseSchema;

/**
 * The JSON Schema of what goes in (closed to unknown arguments) or comes out (open, as clients should expect to see
 * fields added). Left out is what costs a model tokens and tells it nothing: `$schema`, the expressions behind a
 * named `format`, and the bounds of safe integers.
 */
export function compactSchema(schema: z.ZodObject, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _dialect, ...full } = z.toJSONSchema(schema, { target: 'draft-2020-12', io });
  return compactNode(full, io);
}

/** Covers the keywords that zod writes for objects, arrays, records, unions and plain values. */
function compactNode(node: SchemaNode, io: 'input' | 'output'): SchemaNode {
  const { pattern, minimum, maximum, propertyNames: _names, ...compact } = node;
  if (pattern !== undefined && node.format === undefined) compact.pattern = pattern;
  if (minimum !== undefined && minimum !== Number.MIN_SAFE_INTEGER) compact.minimum = minimum;
  if (maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER) compact.maximum = maximum;
  if (io === 'output' && node.additionalProperties === false) delete compact.additionalProperties;
  if (typeof compact.additionalProperties === 'object') {
    compact.additionalProperties = compactNode(compact.additionalProperties, io);
  }
  if (node.properties !== undefined) {
    compact.properties = Object.fromEntries(
      Object.entries(node.properties).map(([name, property]) => [name, asObject(property, io)]),
    );
  }
  if (node.items !== undefined && !Array.isArray(node.items)) compact.items = asObject(node.items, io);
  if (node.anyOf !== undefined) {
    compact.anyOf = node.anyOf.map((choice) => compactNode(choice, io));
    return mergeNull(compact);
  }
  return compact;
}

/** `true` and `false` are schemas too, and as compact as can be. */
function asObject(
  schema: z.core.JSONSchema._JSONSchema,
  io: 'input' | 'output',
): z.core.JSONSchema._JSONSchema {
  return typeof schema === 'boolean' ? schema : compactNode(schema, io);
}

/** Writes a nullable plain value as one schema with two types instead of a choice between two schemas. */
function mergeNull(node: SchemaNode): SchemaNode {
  const { anyOf = [], ...rest } = node;
  const [value, alternative, ...others] = anyOf;
  if (value === undefined || alternative?.type !== 'null' || others.length > 0) return node;
  if (value.type !== 'string' && value.type !== 'number' && value.type !== 'integer') return node;
  if (value.enum !== undefined || value.const !== undefined) return node;
  const { type, ...keywords } = value;
  // Keywords about text and numbers say nothing about null, so they can stand beside it.
  return { type: [type, 'null'] as unknown as 'string', ...keywords, ...rest };
}
