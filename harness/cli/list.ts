import { Command } from 'commander';
import { listMockServers } from '../../mock-servers/load.ts';
import { type Screen, terminalTable, wrap } from '../../reports/text/terminal.ts';
import { controls } from '../agent/controls.ts';
import { listVariants } from '../agent/variants.ts';
import { listModels } from '../meter/catalogue.ts';
import { listBundled } from '../scenario/load.ts';
import { type Act, type Io, screenFor } from './io.ts';

/** `list`: what there is to run, and with what. */
export function listCommand(io: Io, act: Act): Command {
  return new Command('list')
    .description('list scenarios with their parameters, variants, mock servers and models')
    .option('--json', 'print it as JSON')
    .action(act(({ json }: { json?: boolean }) => list(json ?? false, io)));
}

async function list(json: boolean, io: Io): Promise<number> {
  const scenarios = await listBundled();
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
  io.stdout.write(
    json ? `${JSON.stringify(listing, null, 2)}\n` : toText(listing, screenFor(io.stdout, io.env)),
  );
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

function toText({ scenarios, variants, mockServers, models }: Listing, screen: Screen): string {
  const params = (given: Record<string, { default: unknown }>) =>
    Object.entries(given)
      .map(([name, spec]) => `${name}=${spec.default}`)
      .join(' ');
  return `${[
    terminalTable(
      {
        headings: ['workflow', 'what it is, and its parameters', 'expected'],
        align: ['l', 'l', 'l'],
        rows: scenarios.map((scenario) => [
          `${scenario.name}${scenario.core ? ' *' : ''}`,
          [scenario.title, params(scenario.params)].filter(Boolean).join(': '),
          scenario.prediction ?? '',
        ]),
      },
      screen,
    ),
    '* the core: what run takes where nothing is named',
    terminalTable(
      {
        headings: ['variant', 'what it is'],
        align: ['l', 'l'],
        rows: variants.map(({ name, description }) => [name, description]),
      },
      screen,
    ),
    ...wrap(`Mock servers (patternbench serve NAME): ${mockServers.join(', ')}`, screen),
    ...wrap(`Models (--model): ${models.join(', ')}`, screen),
  ].join('\n\n')}\n`;
}
