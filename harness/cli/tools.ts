import { Command } from 'commander';
import { listMockServers } from '../../mock-servers/load.ts';
import { describeDeferral } from '../../reports/deferral.ts';
import { describeDefinitions, type Unreached } from '../../reports/tools.ts';
import { declare, searchResults, searchTool } from '../agent/patterns/classic.ts';
import { codeTools, runCodeTool } from '../agent/patterns/code.ts';
import { messageOf, UsageError } from '../errors.ts';
import { findModel, type ModelEntry, toolUseSystemTokens } from '../meter/catalogue.ts';
import { type Deferral, weighDeferrals } from '../meter/deferral.ts';
import {
  type DefinitionCosts,
  measureDefinitions,
  type ServerCost,
  type ShownServer,
} from '../meter/definition-costs.ts';
import { loadEstimate } from '../meter/estimate.ts';
import { preferExact } from '../meter/token-counter.ts';
import { tellNearestOrKnown } from '../nearest.ts';
import type { ToolParam } from '../results/messages.ts';
import {
  type ConfigPlaces,
  findConfiguredServers,
  startMockServer,
  withTrialDirectory,
} from '../scenario/servers.ts';
import { declarations } from '../tools/browse/declaration.ts';
import { createDirectory } from '../tools/browse/directory.ts';
import { connectAll } from '../tools/mcp/connections.ts';
import { classicName } from '../tools/mcp/names.ts';
import type { ReachableServer } from '../tools/mcp/server-spec.ts';
import type { Surface } from '../tools/mcp/surface.ts';
import { addOptions, type Options } from './add-options.ts';
import { openExactCounts } from './counting.ts';
import { untilInterrupted } from './interrupt.ts';
import type { Act, Io } from './io.ts';
import { authorizationOf, placesOf } from './scenarios.ts';

type ToolsOptions = Options<'tools'>;

/** `tools`: what servers' tool definitions cost before a model does any work, and what makes them dear. */
export function toolsCommand(io: Io, act: Act): Command {
  const command = new Command('tools')
    .description("count what servers' tool definitions cost up front, and say what to trim")
    .argument('[server...]', 'mock servers, or servers of the .mcp.json (default: all of the .mcp.json)');
  return addOptions(command, 'tools', io).action(
    act((names: string[], options: ToolsOptions) => tools(names, options, io)),
  );
}

async function tools(names: string[], options: ToolsOptions, io: Io): Promise<number> {
  const model = findModel(options.model);
  const servers = await findServers(names, placesOf(options, io));
  const estimate = await loadEstimate(model.tokenizer);
  const exact = await openExactCounts(options, model.id, io);
  const { surface, unreached } = await askEach(servers, io);
  const { result: costs } = await untilInterrupted(io, (signal) =>
    measureDefinitions(show(surface), upFront(surface), {
      model,
      counter: exact ? preferExact(exact, estimate) : estimate,
      found: searchResults,
      signal,
    }),
  );
  const deferral = options.defer ? weighDeferral(costs, model) : undefined;
  io.stdout.write(
    options.json
      ? `${JSON.stringify({ ...costs, ...(deferral && { deferral }), unreached }, null, 2)}\n`
      : deferral
        ? `${describeDeferral(deferral, { model: model.id, method: costs.method, unreached })}\n`
        : `${describeDefinitions(costs, { all: options.all ?? false, unreached })}\n`,
  );
  return unreached.length > 0 ? 3 : 0;
}

/** Weighs deferring all definitions of all servers together, as a client does that has them all. */
function weighDeferral({ servers, upFront }: DefinitionCosts, model: ModelEntry): Deferral {
  const sum = (pick: (server: ServerCost) => number) =>
    servers.reduce((total, server) => total + pick(server), 0);
  const tools = sum((server) => server.tools);
  const aboutTools = toolUseSystemTokens(model).tokens;
  return weighDeferrals(
    {
      model,
      definition: tools > 0 ? sum((server) => server.definitions) / tools : 0,
      prompt: aboutTools + sum((server) => server.instructions),
      searchTool: (upFront['classic-search']?.tokens ?? aboutTools) - aboutTools,
      found: searchResults,
    },
    tools,
  );
}

/** What the servers list. One that cannot be asked does not keep the others from being measured, unless there are none. */
async function askEach(
  servers: Record<string, ReachableServer>,
  io: Io,
): Promise<{ surface: Surface; unreached: Unreached[] }> {
  const { result } = await untilInterrupted(io, (signal) =>
    withTrialDirectory(servers, (inDirectory) =>
      Promise.allSettled(
        Object.entries(inDirectory).map(async ([name, server]) => {
          const connections = await connectAll(
            { [name]: server },
            { connectMs: 20_000, callMs: 20_000 },
            signal,
            authorizationOf(io),
          );
          await connections.close();
          return connections.surface;
        }),
      ).then((asked) => {
        signal.throwIfAborted();
        return asked;
      }),
    ),
  );
  const failed = result.filter((each) => each.status === 'rejected');
  if (failed[0] && failed.length === result.length) throw failed[0].reason;
  const names = Object.keys(servers);
  return {
    surface: result.flatMap((each) => (each.status === 'fulfilled' ? each.value : [])),
    unreached: result.flatMap((each, index) =>
      each.status === 'rejected' ? [{ server: names[index] ?? '', error: messageOf(each.reason) }] : [],
    ),
  };
}

/** The tools that the prompt of each variant begins with. */
function upFront(surface: Surface): Record<string, ToolParam[]> {
  return {
    classic: show(surface).flatMap(({ tools }) => tools.map(({ definition }) => definition)),
    'classic-search': [searchTool],
    code: codeTools,
    'code-typed': [runCodeTool({ declarations: declarations(surface) })],
  };
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

async function findServers(names: string[], places: ConfigPlaces): Promise<Record<string, ReachableServer>> {
  const mocks = listMockServers();
  const configured = findConfiguredServers(places);
  const wanted = names.length > 0 ? names : Object.keys(configured);
  if (wanted.length === 0) {
    throw new UsageError(`Name a mock server (${mocks.join(', ')}), or point to your own with --mcp-config.`);
  }
  const servers: Record<string, ReachableServer> = {};
  for (const name of wanted) {
    const own = Object.hasOwn(configured, name) ? configured[name] : undefined;
    if (own) servers[name] = own.server;
    else if (mocks.includes(name)) servers[name] = await startMockServer(name, {});
    else {
      const known = [...Object.keys(configured), ...mocks];
      throw new UsageError(`There is no server "${name}".${tellNearestOrKnown(name, known, 3)}`);
    }
  }
  return servers;
}
