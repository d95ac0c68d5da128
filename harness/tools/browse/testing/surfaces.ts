import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toIdentifiers } from '../../mcp/names.ts';
import type { ServerSurface, Tool } from '../../mcp/surface.ts';

/** A tool as `tools/list` sends it. */
export type ListedTool = Omit<Tool, 'server' | 'identifier' | 'description'> & { description?: string };

const fixtures = join(import.meta.dirname, '../fixtures');

/** A surface of one server from what it listed. */
export function toSurface(
  server: string,
  tools: ListedTool[],
  about: { instructions?: string; implementation?: { name: string; version: string } } = {},
): ServerSurface {
  const identifiers = toIdentifiers(tools.map(({ name }) => name));
  return {
    server,
    implementation: about.implementation ?? { name: server, version: '1.0.0' },
    ...(about.instructions === undefined ? {} : { instructions: about.instructions }),
    tools: tools.map((tool, index) => ({
      ...tool,
      server,
      identifier: identifiers[index] ?? '',
      description: tool.description ?? '',
    })),
  };
}

/** What public servers on npm answered to `tools/list`; package and version stand in each file. */
export function publicSurfaces(): ServerSurface[] {
  return readdirSync(fixtures)
    .sort()
    .map((file) => {
      const captured = JSON.parse(readFileSync(join(fixtures, file), 'utf8'));
      return toSurface(file.replace('.json', ''), captured.tools, captured);
    });
}
