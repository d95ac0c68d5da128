import { Command } from 'commander';
import { toJson } from '../../reports/exporters.ts';
import { exposureHtml, exposureMarkdown } from '../../reports/exposure.ts';
import { findVariants } from '../agent/variants.ts';
import { findModel } from '../meter/catalogue.ts';
import { findLatencyProfile } from '../meter/latency.ts';
import { expose } from '../run/expose.ts';
import { plan } from '../run/plan.ts';
import { loadScenarios } from '../scenario/load.ts';
import { refuseUnknownParams } from '../scenario/params.ts';
import { type Asked, addOptions, askedOf } from './add-options.ts';
import { untilInterrupted } from './interrupt.ts';
import { type Act, type Io, tell } from './io.ts';
import { refuseTwoOutputs, writeOutputs } from './outputs.ts';
import { authorizationOf, placesOf, trustOf } from './scenarios.ts';

/** `expose`: where text of a server that lies reaches the model, in each variant. */
export function exposeCommand(io: Io, act: Act): Command {
  const command = new Command('expose')
    .description(
      'plant a marked text in every place of what a server sends, and show where it reaches the model',
    )
    .argument(
      '[scenario...]',
      'names of bundled scenarios, or paths of scenario folders (default: all bundled ones)',
    );
  return addOptions(command, 'expose', io).action(
    act((wanted: string[]) => exposeScenarios(wanted, askedOf(command), io)),
  );
}

async function exposeScenarios(wanted: string[], { options }: Asked<'expose'>, io: Io): Promise<number> {
  refuseTwoOutputs(options);
  const variants = findVariants(options.variants);
  const scenarios = await loadScenarios(wanted, io.cwd);
  refuseUnknownParams(scenarios, options.param);
  const model = findModel(options.model);
  const trials = plan({
    scenarios,
    givenParams: options.param,
    variants,
    model,
    seed: options.seed,
    places: placesOf(options, io),
  });
  const { result: exposure, interruptedBy } = await untilInterrupted(io, (signal) =>
    expose({
      trials,
      model,
      profile: findLatencyProfile('default'),
      seed: options.seed,
      timeouts: { connectMs: options.connectTimeout, callMs: options.toolTimeout },
      authorization: authorizationOf(io),
      trust: trustOf(options, io),
      sandbox: io.sandbox,
      obey: options.obey ?? false,
      signal,
      onScenario: (scenario) => tell(io, `Poisoning ${scenario} …`),
    }),
  );
  writeOutputs(exposure, options, {
    text: exposureMarkdown,
    writers: { json: toJson, md: exposureMarkdown, html: exposureHtml },
    io,
  });
  return interruptedBy ?? 0;
}
