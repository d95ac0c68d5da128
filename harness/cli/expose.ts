import { toJson } from '../../reports/exporters.ts';
import { exposureHtml, exposureMarkdown } from '../../reports/exposure/exposure.ts';
import { onScreen } from '../../reports/text/terminal.ts';
import { findLiveModel, liveModelId } from '../agent/model/live-models.ts';
import { createBudget, RunEnded } from '../agent/model/request-limits.ts';
import { findVariants } from '../agent/variants.ts';
import { InfrastructureError, UsageError } from '../errors.ts';
import { findModel } from '../meter/catalogue.ts';
import { findLatencyProfile } from '../meter/latency.ts';
import { tellNearestOrKnown } from '../nearest.ts';
import { type ExposeInput, expose } from '../run/expose.ts';
import { plan } from '../run/plan.ts';
import { createProvider } from '../run/trial-model.ts';
import { refuseUnknownParams } from '../scenario/find.ts';
import { loadScenarios } from '../scenario/load.ts';
import { places } from '../tools/poison/places.ts';
import type { Asked, Options } from './add-options.ts';
import { readKey } from './counting.ts';
import { untilInterrupted } from './interrupt.ts';
import { type Io, isCi, screenFor, tell } from './io.ts';
import { writeOutputs } from './outputs.ts';
import { serversHere } from './scenarios.ts';

/** The model, and how it is asked where it is a provider's: never in CI, where nothing is spent. */
function modelOf(options: Options<'expose'>, io: Io): Pick<ExposeInput, 'model' | 'models'> {
  const liveId = liveModelId(options.model);
  if (liveId === undefined) {
    if ((options.trials ?? 1) > 1)
      throw new UsageError('--trials is of a live model: a scripted one does the same each time.');
    return { model: findModel(options.model) };
  }
  if (options.obey)
    throw new UsageError(
      '--obey is of a scripted model; which orders a live one obeys is shown in any case.',
    );
  if (isCi(io.env)) throw new UsageError('In CI no provider is asked. Expose a live model elsewhere.');
  const provider = createProvider({
    apiKey: readKey(io, 'Without one, name a scripted model.'),
    baseURL: options.baseUrl,
    ...{ cassettes: 'off', cassetteDir: '', resume: false },
    ...{ maxRetries: undefined, requestTimeoutMs: undefined },
  });
  const models = { provider, plannedEvidence: 'live', budget: createBudget(options.maxCost) } as const;
  return { model: findLiveModel(liveId, options.baseUrl !== undefined), models };
}

/** `expose`: where text of a server that lies reaches the model, in each variant. */
export async function exposeScenarios(
  wanted: string[],
  { options }: Asked<'expose'>,
  io: Io,
): Promise<number> {
  const variants = findVariants(options.variants);
  const scenarios = await loadScenarios(wanted, io.cwd);
  refuseUnknownParams(scenarios, options.param);
  const { model, models } = modelOf(options, io);
  const unknown = options.places?.find((name) => !places.some((place) => place.name === name));
  if (unknown !== undefined) {
    const names = places.map(({ name }) => name);
    throw new UsageError(`There is no place "${unknown}".${tellNearestOrKnown(unknown, names, 3)}`);
  }
  const here = serversHere(options, io);
  const trials = plan({
    scenarios,
    givenParams: options.param,
    variants,
    model,
    seed: options.seed,
    repeats: options.trials ?? 1,
    places: here.places,
  });
  const { result: exposure, interruptedBy } = await untilInterrupted(io, (signal) =>
    expose({
      trials,
      model,
      models,
      only: options.places,
      server: options.server,
      profile: findLatencyProfile('default'),
      seed: options.seed,
      ...here,
      sandbox: io.sandbox,
      obey: options.obey ?? false,
      quotes: options.quoteResults ?? false,
      signal,
      onServer: (scenario, server) => tell(io, `Poisoning server ${server} of ${scenario} …`),
    }),
  ).catch((error: unknown) => {
    if (!(error instanceof RunEnded)) throw error;
    throw new InfrastructureError(`${error.message} Nothing of it is kept.`, { cause: error });
  });
  writeOutputs(exposure, options, {
    text: (found) => onScreen(exposureMarkdown(found), screenFor(io.stdout, io.env)),
    writers: { json: toJson, md: exposureMarkdown, html: exposureHtml },
    io,
  });
  return interruptedBy ?? 0;
}
