import MiniSearch from 'minisearch';
import type { Surface, Tool } from '../mcp/surface.ts';
import { isSchemaObject } from './references.ts';

/** Longest text of one tool that is indexed, and longest query; both come from outside. */
const indexedCharacters = 4_000;
const queryCharacters = 500;

/** Finds tools by words. */
export type ToolSearch = (query: string, limit: number) => Tool[];

/**
 * A full-text search over the names, descriptions and parameter names of all tools, best match first. Parts of names
 * count as words (`get_last_order`, `getLastOrder`), beginnings of words and slight misspellings match too.
 * The index is built at the first search.
 */
export function createToolSearch(surface: Surface): ToolSearch {
  const tools = surface.flatMap((server) => server.tools);
  let index: MiniSearch | undefined;
  return (query, limit) => {
    index ??= buildIndex(tools);
    const found = index.search(query.slice(0, queryCharacters), {
      prefix: true,
      fuzzy: 0.2,
      boost: { name: 3 },
    });
    return found.slice(0, limit).flatMap(({ id }) => tools[id] ?? []);
  };
}

function buildIndex(tools: Tool[]): MiniSearch {
  const index = new MiniSearch({
    fields: ['name', 'title', 'description', 'parameters', 'server'],
    tokenize: words,
  });
  index.addAll(
    tools.map((tool, id) => ({
      id,
      name: tool.name.slice(0, indexedCharacters),
      title: tool.title?.slice(0, indexedCharacters) ?? '',
      description: tool.description.slice(0, indexedCharacters),
      parameters: Object.keys(isSchemaObject(tool.inputSchema.properties) ? tool.inputSchema.properties : {})
        .join(' ')
        .slice(0, indexedCharacters),
      server: tool.server,
    })),
  );
  return index;
}

function words(text: string): string[] {
  const separated = text.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2');
  return separated.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
}
