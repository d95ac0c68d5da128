import { describeDeferral } from '../../reports/deferral.ts';
import { toJson } from '../../reports/exporters.ts';
import { onScreen } from '../../reports/text/on-screen.ts';
import { describeDefinitions } from '../../reports/tools.ts';
import { searchResults } from '../agent/patterns/classic.ts';
import { findModel, type ModelEntry, toolUseSystemTokens } from '../meter/catalogue.ts';
import { type Deferral, weighDeferrals } from '../meter/deferral.ts';
import type { DefinitionCosts, ServerCost } from '../meter/definition-costs.ts';
import { loadEstimate } from '../meter/estimate.ts';
import { preferExact } from '../meter/token-counter.ts';
import { declarations } from '../tools/browse/declaration.ts';
import { asPrograms } from '../tools/mcp/names.ts';
import { showMessage } from '../visible.ts';
import type { Asked } from './add-options.ts';
import { askEach, findServers } from './ask-servers.ts';
import { openExactCounts } from './counting.ts';
import { untilInterrupted } from './interrupt.ts';
import { type Io, screenFor, tell } from './io.ts';
import { measureSurface } from './measure-surface.ts';
import { writeOutputs } from './outputs.ts';
import { pinServers } from './pin-servers.ts';
import { placesOf } from './scenarios.ts';

/** `tools`: what servers' tool definitions cost before a model does any work, and what makes them dear. */
export async function tools(names: string[], { options, isGiven }: Asked<'tools'>, io: Io): Promise<number> {
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
  // What the configuration names is the report of a run.
  const asked = { json: options.json, md: isGiven('md') ? options.md : undefined };
  const found = { ...costs, ...(deferral && { deferral }), unreached };
  writeOutputs(found, asked, { text: () => onScreen(md(), screen), writers: { json: toJson, md }, io });
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
