import { usedFunctions } from '../agent/scripted/scripted-model.ts';
import { UsageError } from '../errors.ts';
import { toIdentifiers } from '../tools/mcp/names.ts';
import { chooseFields } from '../tools/poison/fields.ts';
import type { Target } from '../tools/poison/places.ts';
import type { PoisonedServer } from '../tools/poison/wrap.ts';
import type { Trial } from './plan.ts';
import type { PoisonedTrial } from './poisoned-trials.ts';

/** The servers of a scenario, in the order in which its program names them. */
export async function namedServers({ scenario, servers }: Trial): Promise<string[]> {
  const named = Object.keys(await servers.resolve());
  const body = scenario.sources.map((source) => source.body).join('\n');
  const at = (name: string) => body.search(new RegExp(`\\b${name}\\b`)) >>> 0;
  if (named.length === 0) throw new UsageError(`${scenario.name} names no server.`);
  return named.toSorted((a, b) => at(a) - at(b));
}

/** What of a server is poisoned, from what crossed to it in a trial without attacks; undefined where nothing did. */
export function chooseTarget(
  { scenario }: Trial,
  server: string,
  honest: PoisonedServer['honest'],
  { crossings, answer }: Pick<PoisonedTrial, 'crossings' | 'answer'>,
): Target | undefined {
  const [call] = crossings;
  if (!call) return undefined;
  const tools = honest.tools as { name: string; outputSchema?: Record<string, unknown> }[];
  const identifiers = toIdentifiers(tools.map(({ name }) => name));
  const own = tools.map(({ name }, at) => {
    return { server, name, identifier: identifiers[at] ?? name, description: '', inputSchema: {} };
  });
  const surface = [{ server, implementation: { name: '', version: '' }, tools: own }];
  const used = new Set(usedFunctions(scenario.sources, surface).map(({ name }) => name));
  for (const { tool } of crossings) used.add(tool);
  const allowed = scenario.tools?.[server] ?? tools.map(({ name }) => name);
  return {
    server,
    used: call.tool,
    unused: allowed.find((name) => !used.has(name)),
    fields: chooseFields(crossings, answer, (tool) => tools.find(({ name }) => name === tool)?.outputSchema),
  };
}
