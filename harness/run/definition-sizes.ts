import { hash } from 'node:crypto';
import { createDirectory } from '../directory/directory.ts';
import { classicName } from '../mcp/names.ts';
import type { Surface, Tool } from '../mcp/surface.ts';
import type { Tokenizer } from '../meter/tokenizer.ts';
import { declare } from '../patterns/classic.ts';
import type { DefinitionSizes, Part } from './tool-record.ts';

/**
 * What each definition of a surface takes, whole and part by part, so that a later change of it can be told from the
 * record alone. Parts are `description`, `input.<property>`, `input` (what is left of that schema), and the same for
 * `output`; whole is what classic declares up front, and the declaration that code looks up.
 */
export function measureDefinitions(surface: Surface, tokenizer: Tokenizer): DefinitionSizes[] {
  const directory = createDirectory(surface);
  return surface.flatMap(({ server, tools }) =>
    tools.map((tool) => {
      const parts = partsOf(tool);
      return {
        server,
        tool: tool.name,
        hash: shortHash(JSON.stringify(parts)),
        declaredTokens: tokenizer.count(
          JSON.stringify(declare(classicName(tool.server, tool.identifier), tool)),
        ),
        declarationTokens: tokenizer.count(directory.browse(`/${server}/${tool.identifier}`)),
        parts: Object.fromEntries(parts.map(([name, text]) => [name, measure(text, tokenizer)])),
      };
    }),
  );
}

/** What servers tell about themselves as a whole, which stands in the system prompt. */
export function measureInstructions(surface: Surface, tokenizer: Tokenizer): Record<string, Part> {
  return Object.fromEntries(
    surface.map(({ server, instructions = '' }) => [server, measure(instructions, tokenizer)]),
  );
}

function measure(text: string, tokenizer: Tokenizer): Part {
  return { tokens: tokenizer.count(text), hash: shortHash(text) };
}

function partsOf(tool: Tool): [name: string, text: string][] {
  const { title, annotations } = tool;
  return [
    ['description', tool.description],
    ...(title === undefined ? [] : [['title', title] as [string, string]]),
    ...(annotations ? [['annotations', JSON.stringify(annotations)] as [string, string]] : []),
    ...schemaParts('input', tool.inputSchema),
    ...schemaParts('output', tool.outputSchema),
  ];
}

function schemaParts(side: string, schema: Tool['outputSchema']): [string, string][] {
  if (!schema) return [];
  const { properties, ...rest } = schema;
  const isRecord = typeof properties === 'object' && properties !== null && !Array.isArray(properties);
  const named = isRecord ? Object.entries(properties) : [];
  return [
    [side, JSON.stringify(rest)],
    ...named.map(([name, property]): [string, string] => [
      `${side}.${name}`,
      `${JSON.stringify(name)}:${JSON.stringify(property)}`,
    ]),
  ];
}

/** Twelve digits tell a few thousand definitions apart; nobody attacks a size record. */
function shortHash(text: string): string {
  return hash('sha256', text).slice(0, 12);
}
