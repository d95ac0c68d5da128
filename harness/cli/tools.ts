import { toJson } from '../../reports/exporters.ts';
import { describeStart } from '../../reports/start.ts';
import { onScreen } from '../../reports/text/terminal.ts';
import { describeDeferral, describeDefinitions } from '../../reports/tools.ts';
import { declare, searchResults, searchTool } from '../agent/patterns/classic.ts';
import { codeTools, runCodeTool } from '../agent/patterns/code.ts';
import { defaultModelId, findModel, type ModelEntry, toolUseSystemTokens } from '../meter/catalogue.ts';
import { type Deferral, weighDeferrals } from '../meter/deferral.ts';
import {
  type DefinitionCosts,
  measureDefinitions,
  type ServerCost,
  type ShownServer,
} from '../meter/definition-costs.ts';
import { loadEstimate } from '../meter/estimate.ts';
import { priceTierFor } from '../meter/ledger.ts';
import { preferExact, type TokenCounter } from '../meter/token-counter.ts';
import type { ToolParam } from '../results/messages.ts';
import { findClientConfigs } from '../scenario/client-configs.ts';
import { findWorkflows } from '../scenario/find.ts';
import { findConfiguredServers } from '../scenario/servers.ts';
import { declarations } from '../tools/browse/declaration.ts';
import { createDirectory } from '../tools/browse/directory.ts';
import { asPrograms, classicName } from '../tools/mcp/names.ts';
import type { Surface } from '../tools/mcp/surface.ts';
import { showMessage } from '../visible.ts';
import type { Asked } from './add-options.ts';
import { askEach, findServers } from './ask-servers.ts';
import { openExactCounts } from './counting.ts';
import { untilInterrupted } from './interrupt.ts';
import { type Io, screenFor, tell } from './io.ts';
import { writeOutputs } from './outputs.ts';
import { pinServers } from './pin-servers.ts';
import { placesOf } from './scenarios.ts';

/** `tools`: what servers' tool definitions cost before a model does any work, and what makes them dear. */
export async function tools(names: string[], { options }: Asked<'tools'>, io: Io): Promise<number> {
  if (options.pin || options.accept) return pinServers(names, options, io);
  const model = findModel(options.model);
  const servers = await findServers(names, placesOf(options, io));
  const estimate = await loadEstimate(model.tokenizer);
  const exact = await openExactCounts(options, model.id, io);
  const { surface, unreached } = await askEach(servers, io);
  if (options.declarations) {
    for (const { server, error } of unreached) tell(io, showMessage(`Not declared: ${server}. ${error}`));
    io.stdout.write(`${declarations(asPrograms(surface))}\n`);
    return unreached.length > 0 ? 3 : 0;
  }
  const { result: costs } = await untilInterrupted(io, (signal) =>
    measureSurface(surface, {
      model,
      counter: exact ? preferExact(exact, estimate) : estimate,
      signal,
    }),
  );
  const deferral = options.defer ? weighDeferral(costs, model) : undefined;
  const md = () =>
    deferral
      ? `${describeDeferral(deferral, { model: model.id, method: costs.method, unreached })}\n`
      : `${describeDefinitions(costs, { all: options.all ?? false, unreached })}\n`;
  const screen = screenFor(io.stdout, io.env);
  const found = { ...costs, ...(deferral && { deferral }), unreached };
  writeOutputs(found, options, { text: () => onScreen(md(), screen), writers: { json: toJson, md }, io });
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
    'code-typed': [runCodeTool(declarations(surface))],
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

/** How long a server may take here, in milliseconds: all of it is to be over in ten seconds. */
const connectMs = 8_000;

/** Without a verb: what the servers of this folder cost, and the two commands that come next. */
export async function showStart(io: Io): Promise<number> {
  const places = placesOf({}, io);
  const names = Object.keys(findConfiguredServers(places));
  const model = findModel(defaultModelId);
  const { surface, unreached } =
    names.length > 0
      ? await askEach(await findServers(names, places), io, { connectMs, evenIfNone: true })
      : { surface: [], unreached: [] };
  const counter = await loadEstimate(model.tokenizer);
  const { result: costs } = await untilInterrupted(io, (signal) =>
    measureSurface(asPrograms(surface), { model, counter, signal }),
  );
  const start = {
    workflows: findWorkflows(io.cwd),
    costs: surface.length > 0 ? costs : undefined,
    unreached,
    price: priceTierFor(model, costs.upFront.classic?.tokens ?? 0),
    others: names.length > 0 ? [] : findClientConfigs(io.cwd, io.env),
  };
  io.stdout.write(`${describeStart(start, screenFor(io.stdout, io.env))}\n`);
  return unreached.length > 0 ? 3 : 0;
}
