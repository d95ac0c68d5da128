import { declare, searchResults, searchTool } from '../agent/patterns/classic.ts';
import { codeTools, runCodeTool } from '../agent/patterns/code.ts';
import type { ModelEntry } from '../meter/catalogue.ts';
import { type DefinitionCosts, measureDefinitions, type ShownServer } from '../meter/definition-costs.ts';
import type { TokenCounter } from '../meter/token-counter.ts';
import type { ToolParam } from '../results/messages.ts';
import { declarations } from '../tools/browse/declaration.ts';
import { createDirectory } from '../tools/browse/directory.ts';
import { classicName } from '../tools/mcp/names.ts';
import type { Surface } from '../tools/mcp/surface.ts';

/** What the definitions of these servers cost in each variant before a model does any work. */
export function measureSurface(
  surface: Surface,
  options: { model: ModelEntry; counter: TokenCounter; signal: AbortSignal },
): Promise<DefinitionCosts> {
  const shown = show(surface);
  // The tools that the prompt of each variant begins with.
  const upFront: Record<string, ToolParam[]> = {
    classic: shown.flatMap(({ tools }) => tools.map(({ definition }) => definition)),
    'classic-search': [searchTool],
    code: codeTools,
    'code-typed': [runCodeTool({ declarations: declarations(surface) })],
  };
  return measureDefinitions(shown, upFront, { ...options, found: searchResults });
}

function show(surface: Surface): ShownServer[] {
  const directory = createDirectory(surface);
  return surface.map(({ server, instructions, tools }) => ({
    server,
    instructions: instructions?.trim() ?? '',
    listing: directory.browse(`/${server}`),
    tools: tools.map((tool) => ({
      name: tool.name,
      definition: declare(classicName(server, tool.identifier), tool),
      ...(tool.outputSchema && { outputSchema: tool.outputSchema }),
      declaration: directory.browse(`/${server}/${tool.identifier}`),
    })),
  }));
}
