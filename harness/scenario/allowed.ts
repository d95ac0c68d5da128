import { tellNearestOrKnown } from '../nearest.ts';
import type { Surface } from '../tools/mcp/surface.ts';
import { ScenarioFault } from './ask.ts';
import { findToolUses } from './called-tools.ts';
import type { Scenario } from './scenario.ts';

/** What the scenario may use of its servers; all of it where it says nothing. */
export function allowedSurface(scenario: Scenario, surface: Surface): Surface {
  const { tools: allowed, name } = scenario;
  if (!allowed) return surface;
  for (const [server, names] of Object.entries(allowed)) {
    const listed = surface.find((each) => each.server === server)?.tools.map((tool) => tool.name);
    const missing = names.find((tool) => !listed?.includes(tool));
    if (missing === undefined) continue;
    throw new ScenarioFault(
      `${name} may use ${server}.${missing}, which ${listed ? `that server does not have.${tellNearestOrKnown(missing, listed, 3)}` : 'is on no server of it.'}`,
    );
  }
  return surface.map((server) => ({
    ...server,
    tools: server.tools.filter((tool) => allowed[server.server]?.includes(tool.name)),
  }));
}

/** A reference program that names a tool which its server lacks, or which the scenario may not use, runs in neither pattern. */
export function refuseMissingTools(scenario: Scenario, surface: Surface): void {
  const known = new Map(surface.map(({ server, tools }) => [server, tools.map((tool) => tool.identifier)]));
  for (const { body } of scenario.sources) {
    const { uses } = findToolUses(body);
    const missing = uses.find(({ server, tool }) => !known.get(server)?.includes(tool));
    if (!missing) continue;
    const { server, tool } = missing;
    const tools = known.get(server);
    const lacks = scenario.tools
      ? `is not among the tools of "${server}" that this scenario may use`
      : `server "${server}" does not have`;
    const problem = tools
      ? `which ${lacks}.${tellNearestOrKnown(tool, tools, 3)}`
      : `but there is no server "${server}". Servers: ${[...known.keys()].join(', ')}.`;
    throw new ScenarioFault(`The program of ${scenario.name} calls mcp.${server}.${tool}, ${problem}`);
  }
}
