import { ListToolsResultSchema, ToolSchema } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { InfrastructureError } from '../../errors.ts';
import { createListingBounds, type Listing, nameOf, type RawTool } from './listing.ts';
import { toIdentifiers } from './names.ts';
import type { ServerSurface, Tool } from './surface.ts';
import type { Wire } from './wire.ts';

const toolList = ListToolsResultSchema.extend({
  tools: z.array(ToolSchema.extend({ outputSchema: z.record(z.string(), z.unknown()).optional() })),
});

const mostPages = 200;

/** All tools as they were sent: the SDK's own schema would drop keywords that it does not know. */
export async function readListing(server: string, wire: Wire, signal: AbortSignal): Promise<Listing> {
  const bounds = createListingBounds(server);
  const tools: RawTool[] = [];
  const { implementation, instructions } = wire;
  bounds.admitServer(implementation, instructions);
  let cursor: string | undefined;
  for (let page = 0; ; page += 1) {
    const result = await wire.request('tools/list', cursor === undefined ? {} : { cursor }, signal);
    const listed = Array.isArray(result.tools) ? result.tools : [];
    bounds.admit(listed);
    cursor = toolList.parse(result).nextCursor;
    tools.push(...(listed as RawTool[]));
    if (cursor === undefined) break;
    if (page >= mostPages) {
      throw new InfrastructureError(`Server "${server}" lists its tools on more than ${mostPages} pages.`);
    }
  }
  return { server, implementation, instructions, tools };
}

/** What patterns see of a listing. Throws an `InfrastructureError` where a tool is listed twice. */
export function toSurface({ server, implementation, instructions, tools: raw }: Listing): ServerSurface {
  const listed = toolList.parse({ tools: raw }).tools;
  const identifiers = toIdentifiers(listed.map((tool) => tool.name));
  const names = new Set<string>();
  const tools = listed.map((tool, index): Tool => {
    if (names.has(tool.name)) {
      throw new InfrastructureError(`Server "${server}" lists the tool ${nameOf(tool)} twice.`);
    }
    names.add(tool.name);
    return {
      server,
      name: tool.name,
      identifier: identifiers[index] ?? tool.name,
      description: tool.description ?? '',
      inputSchema: tool.inputSchema,
      ...(tool.title === undefined ? {} : { title: tool.title }),
      ...(tool.outputSchema === undefined ? {} : { outputSchema: tool.outputSchema }),
      ...(tool.annotations === undefined
        ? {}
        : { annotations: tool.annotations as NonNullable<Tool['annotations']> }),
    };
  });
  return {
    server,
    implementation,
    ...(instructions === undefined ? {} : { instructions }),
    tools,
  };
}
