import { usedFunctions } from '../agent/scripted/reference-plan.ts';
import { UsageError } from '../errors.ts';
import { chooseFields } from '../tools/poison/fields.ts';
import type { Target } from '../tools/poison/places.ts';
import type { PoisonedServer } from '../tools/poison/wrap.ts';
import type { Trial } from './plan.ts';
import type { PoisonedTrial } from './poisoned-trials.ts';

/** The server that a scenario's program names first; that is the one which is poisoned. */
export async function firstServer({ scenario, servers }: Trial): Promise<string> {
  const named = Object.keys(await servers.resolve());
  const body = scenario.sources.map((source) => source.body).join('\n');
  const at = (name: string) => body.search(new RegExp(`\\b${name}\\b`)) >>> 0;
  const [server] = named.toSorted((a, b) => at(a) - at(b));
  if (server === undefined) throw new UsageError(`${scenario.name} names no server.`);
  return server;
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
  const surface = [
    {
      server,
      implementation: { name: '', version: '' },
      tools: tools.map(({ name }) => ({ server, name, identifier: name, description: '', inputSchema: {} })),
    },
  ];
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
