import { Command } from 'commander';
import { markdownTable } from 'markdown-table';
import { listMockServers } from '../../mock-servers/load.ts';
import { toJson } from '../../reports/exporters.ts';
import { controls } from '../agent/controls.ts';
import { listVariants } from '../agent/variants.ts';
import { listModels } from '../meter/catalogue.ts';
import { loadScenarios } from '../scenario/load.ts';
import type { Act, Io } from './io.ts';

/** `list`: what there is to run, and with what. */
export function listCommand(io: Io, act: Act): Command {
  return new Command('list')
    .description('list scenarios with their parameters, variants, mock servers and models')
    .option('--json', 'print it as JSON')
    .action(act(({ json }: { json?: boolean }) => list(json ?? false, io)));
}

async function list(json: boolean, io: Io): Promise<number> {
  const scenarios = await loadScenarios([]);
  const listing = {
    scenarios: scenarios.map(
      ({ name, title, description, params, core, stresses = [], prediction, surprise }) => ({
        name,
        title,
        description,
        params,
        core,
        stresses,
        ...(prediction ? { prediction: prediction.pattern, because: prediction.because } : {}),
        ...(surprise ? { surprise } : {}),
      }),
    ),
    variants: [...listVariants(), ...controls].map(({ name, pattern, description }) => ({
      name,
      pattern,
      description,
    })),
    mockServers: listMockServers(),
    models: listModels().map(({ id }) => id),
  };
  io.stdout.write(json ? toJson(listing) : toText(listing));
  return 0;
}

type Listing = {
  scenarios: {
    name: string;
    title: string;
    params: Record<string, { default: unknown }>;
    core: boolean;
    stresses: string[];
    prediction?: string;
  }[];
  variants: { name: string; description: string }[];
  mockServers: string[];
  models: string[];
};

function toText({ scenarios, variants, mockServers, models }: Listing): string {
  const params = (given: Record<string, { default: unknown }>) =>
    Object.entries(given)
      .map(([name, spec]) => `${name}=${spec.default}`)
      .join(' ');
  return `${[
    markdownTable([
      ['scenario', 'what it is', 'stresses', 'parameters', 'expected to win'],
      ...scenarios.map((scenario) => [
        scenario.core ? `${scenario.name} (core)` : scenario.name,
        scenario.title,
        scenario.stresses.join(', '),
        params(scenario.params),
        scenario.prediction ?? '',
      ]),
    ]),
    markdownTable([
      ['variant', 'what it is'],
      ...variants.map(({ name, description }) => [name, description]),
    ]),
    `Mock servers (patternbench serve <name>): ${mockServers.join(', ')}`,
    `Models (--model): ${models.join(', ')}`,
  ].join('\n\n')}\n`;
}
