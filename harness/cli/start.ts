import { describeStart } from '../../reports/start.ts';
import { defaultModelId, findModel } from '../meter/catalogue.ts';
import { priceTierFor } from '../meter/cost.ts';
import { loadEstimate } from '../meter/estimate.ts';
import { findClientConfigs } from '../scenario/client-configs.ts';
import { findWorkflows } from '../scenario/find.ts';
import { findConfiguredServers } from '../scenario/servers.ts';
import { asPrograms } from '../tools/mcp/names.ts';
import { askEach, findServers } from './ask-servers.ts';
import { untilInterrupted } from './interrupt.ts';
import { type Io, screenFor } from './io.ts';
import { measureSurface } from './measure-surface.ts';
import { placesOf } from './scenarios.ts';

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
