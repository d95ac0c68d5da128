import { z } from 'zod';
import { protocolEras, wireEras } from './codes.ts';

/** A server that trials were connected to, and the MCP that was spoken with it. */
export const connectedServerSchema = z.object({
  server: z.string().describe('Its name in the `.mcp.json`, or else in the scenario.'),
  implementation: z.object({ name: z.string(), version: z.string() }).describe('What it says that it is.'),
  protocolEra: z.enum(protocolEras).describe('What was asked for.'),
  protocolVersion: z.string().describe('The revision of MCP in which the server answered.'),
  seen: z
    .array(z.enum(wireEras))
    .optional()
    .describe('In which eras calls reached it, as it counted them itself; a mock server counts.'),
});
export type ConnectedServer = z.infer<typeof connectedServerSchema>;

/** Lists of servers as one, each once and in order; absent where there are none. */
export function joinServers(lists: readonly (readonly ConnectedServer[] | undefined)[]): {
  servers?: ConnectedServer[];
} {
  const all = lists.flatMap((list) => list ?? []);
  const same = Map.groupBy(all, ({ seen: _, ...server }) => JSON.stringify(server));
  const servers = [...same].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, group]) => join(group));
  return servers.length > 0 ? { servers } : {};
}

function join(group: readonly ConnectedServer[]): ConnectedServer[] {
  const [first] = group;
  if (!first) return [];
  const seen = wireEras.filter((era) => group.some((each) => each.seen?.includes(era)));
  return [{ ...first, ...(seen.length > 0 && { seen }) }];
}
