import type { JsonObject } from '../../json.ts';
import type { ToolParam, ToolUseBlock } from '../../results/messages.ts';
import { createToolSearch } from '../../tools/browse/directory.ts';
import { classicName } from '../../tools/mcp/names.ts';
import type { Surface, Tool } from '../../tools/mcp/surface.ts';
import { explainWrite } from '../../tools/policy.ts';
import { converse, type Executed, type Pattern, type PatternContext } from './converse.ts';

/** Every tool is declared up front; every call and every result goes through the model. */
export const classic: Pattern = (task, context) => {
  const tools = toolsByClassicName(task.surface);
  return converse(
    task,
    declareAll(tools),
    (use) => callDeclared(use, tools, context),
    context,
    changes(tools),
  );
};

/** The tools of all servers under the names by which the classic pattern declares them. */
export function toolsByClassicName(surface: Surface): Map<string, Tool> {
  return new Map(
    surface.flatMap(({ server, tools }) =>
      tools.map((tool): [string, Tool] => [classicName(server, tool.identifier), tool]),
    ),
  );
}

/** A tool as the Messages API takes it; it has no place for output schemas. */
export function declare(name: string, tool: Tool): ToolParam {
  return { name, description: tool.description, input_schema: { ...tool.inputSchema, type: 'object' } };
}

/** Whether a use may change something: of a tool that is not plainly annotated as read-only. */
export function changes(tools: ReadonlyMap<string, Tool>): (use: ToolUseBlock) => boolean {
  return ({ name }) => {
    const tool = tools.get(name);
    return tool !== undefined && explainWrite(tool) !== undefined;
  };
}

export function declareAll(tools: ReadonlyMap<string, Tool>): ToolParam[] {
  return [...tools].map(([name, tool]) => declare(name, tool));
}

/** Makes the call that the model asked for. A tool that was not declared is the model's error. */
export async function callDeclared(
  use: ToolUseBlock,
  tools: ReadonlyMap<string, Tool>,
  context: PatternContext,
): Promise<Executed> {
  const tool = tools.get(use.name);
  if (!tool) return { isError: true, text: `There is no tool "${use.name}".` };
  const { text, isError } = await context.callTool(
    tool,
    use.input as JsonObject,
    { kind: 'model' },
    context.signal,
  );
  return { text, isError, isData: true };
}

export const searchTools = 'search_tools';

/** How many tools a search finds: as many as the provider's own tool search returns at most. */
export const searchResults = 5;

/** Finds tools whose definitions are deferred. */
export const searchTool: ToolParam = {
  name: searchTools,
  description: `Finds tools of the MCP servers by words of their names and descriptions and makes the ${searchResults} best matches available to call. Only tools found so can be called.`,
  input_schema: {
    type: 'object',
    properties: { query: { type: 'string', description: 'Words, such as "get last order".' } },
    required: ['query'],
  },
};

/**
 * As `classic`, with definitions deferred, in the way the Messages API documents for a search tool of one's own: all tools
 * are sent with `defer_loading`, which keeps them out of the prompt, and a search answers with `tool_reference` blocks, which
 * the API expands to definitions at that place in the conversation. The prefix stays as it was, so loading a tool invalidates no
 * cache: its definition is new input once, and re-sent history after that. A tool is referred to once only.
 */
export const classicSearch: Pattern = (task, context) => {
  const tools = toolsByClassicName(task.surface);
  const findTools = createToolSearch(task.surface);
  const loaded = new Set<string>();

  const search = (query: unknown): Executed => {
    if (typeof query !== 'string') return { text: 'query: expected a string', isError: true };
    const names = findTools(query, searchResults).map((tool) => classicName(tool.server, tool.identifier));
    if (names.length === 0) return { text: 'No tool matches. Try other words.', isError: false };
    const fresh = names.filter((name) => !loaded.has(name));
    if (fresh.length === 0) return { text: `Available already: ${names.join(', ')}`, isError: false };
    for (const name of fresh) loaded.add(name);
    return { text: '', isError: false, references: fresh };
  };

  return converse(
    task,
    [searchTool, ...declareAll(tools).map((tool) => ({ ...tool, defer_loading: true }))],
    async (use) => {
      if (use.name === searchTools) return search((use.input as { query?: unknown }).query);
      if (tools.has(use.name) && !loaded.has(use.name)) {
        return { text: `"${use.name}" is not available yet: find it with ${searchTools}.`, isError: true };
      }
      return callDeclared(use, tools, context);
    },
    context,
    changes(tools),
  );
};
