import { ListToolsResultSchema, ToolSchema } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { InfrastructureError } from '../../errors.ts';
import { number } from '../../numbers.ts';
import { showUntrusted } from '../../visible.ts';
import { toIdentifiers } from './names.ts';
import type { ServerSurface, Tool } from './surface.ts';
import type { Wire } from './wire.ts';

/** A tool exactly as its server listed it, keywords that no client knows included. */
export type RawTool = { name: string; [keyword: string]: unknown };

/** What a server put before its client, unparsed: what a pin is made of. */
export type Listing = {
  /** The scenario's name of the server. */
  server: string;
  implementation: { name: string; version: string };
  instructions: string | undefined;
  tools: RawTool[];
};

/** Above these a listing is refused whole: no model could use it, and every reader further on would pay for it. */
const mostTools = 5_000;
const mostBytes = 32 * 1024 * 1024;
const mostDefinitionBytes = 1024 * 1024;
const mostDescriptionCharacters = 100_000;
const mostLevels = 128;
const mostAlternatives = 1_000;
const mostObjects = 50_000;
const combinations = new Set(['anyOf', 'oneOf', 'allOf']);

/** The bounds of a listing as it comes in, page by page. */
export function createListingBounds(server: string) {
  let tools = 0;
  let bytes = 0;
  const refuse = (what: string): never => {
    throw new InfrastructureError(`Server "${server}" is refused: ${what}.`);
  };
  return {
    /** The same for what it says of itself. */
    admitServer(implementation: object, instructions = ''): void {
      const most = mostDescriptionCharacters;
      const own = JSON.stringify(implementation).length;
      const limit = `characters, the most is ${number(most)}`;
      if (own > most) refuse(`it describes itself with ${number(own)} ${limit}`);
      if (instructions.length > most)
        refuse(`it has instructions of ${number(instructions.length)} ${limit}`);
    },
    /** Throws an `InfrastructureError` that names the tool and the bound where one is passed. */
    admit(page: readonly unknown[]): void {
      tools += page.length;
      if (tools > mostTools) refuse(`it lists more than ${number(mostTools)} tools`);
      const limit = `bytes of definition, the most is ${number(mostDefinitionBytes)}`;
      for (const tool of page) {
        const problem = findExcess(tool);
        if (problem) refuse(`its tool ${nameOf(tool)} ${problem}`);
        const own = Buffer.byteLength(JSON.stringify(tool));
        bytes += own;
        if (own > mostDefinitionBytes) refuse(`its tool ${nameOf(tool)} has ${number(own)} ${limit}`);
        if (bytes > mostBytes) refuse(`its tools have more than ${number(mostBytes)} bytes together`);
      }
    },
  };
}

/** The name of a tool as a message may show it. */
function nameOf(tool: unknown): string {
  const name = (tool as { name?: unknown } | null)?.name;
  return typeof name === 'string' ? showUntrusted(JSON.stringify(name.slice(0, 64))) : 'without a name';
}

/** What is too much of one definition, in words. Walks it without recursion, so that depth costs no stack. */
function findExcess(tool: unknown): string | undefined {
  const description = (tool as { description?: unknown } | null)?.description;
  if (typeof description === 'string' && description.length > mostDescriptionCharacters) {
    return `has a description of ${number(description.length)} characters, the most is ${number(mostDescriptionCharacters)}`;
  }
  const waiting: { value: object; level: number }[] = [];
  const enqueue = (value: unknown, level: number) => {
    if (typeof value === 'object' && value !== null) waiting.push({ value, level });
  };
  enqueue(tool, 1);
  for (let next = waiting.pop(), seen = 1; next; next = waiting.pop(), seen += 1) {
    if (next.level > mostLevels) return `is nested more than ${mostLevels} levels deep`;
    if (seen > mostObjects) return `holds more than ${mostObjects} objects`;
    for (const [keyword, value] of Object.entries(next.value)) {
      if (combinations.has(keyword) && Array.isArray(value) && value.length > mostAlternatives)
        return `has an ${keyword} of ${value.length} alternatives, the most is ${mostAlternatives}`;
      enqueue(value, next.level + 1);
    }
  }
  return undefined;
}

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
    const { name, description = '', inputSchema, title, outputSchema, annotations } = tool;
    return {
      ...{ server, name, identifier: identifiers[index] ?? name, description, inputSchema },
      ...(title !== undefined && { title }),
      ...(outputSchema !== undefined && { outputSchema }),
      ...(annotations !== undefined && { annotations }),
    };
  });
  return { server, implementation, ...(instructions !== undefined && { instructions }), tools };
}
