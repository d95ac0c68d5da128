import type { JsonObject } from '../../json.ts';
import type { ToolParam, ToolUseBlock } from '../../results/messages.ts';
import { classicName } from '../../tools/mcp/names.ts';
import type { Surface, Tool } from '../../tools/mcp/surface.ts';
import { converse, type Executed } from './converse.ts';
import type { Pattern, PatternContext } from './pattern.ts';

/** Every tool is declared up front; every call and every result goes through the model. */
export const classic: Pattern = (task, context) => {
  const tools = toolsByClassicName(task.surface);
  return converse(task, declareAll(tools), (use) => callDeclared(use, tools, context), context);
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
  return context.callTool(tool, use.input as JsonObject, { kind: 'model' }, context.signal);
}
