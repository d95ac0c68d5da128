import { listMockServers } from '../../mock-servers/names.ts';
import { type Screen, terminalTable, wrap } from '../../reports/text/terminal.ts';
import catalogue from '../meter/models.json' with { type: 'json' };
import { type Listing, readListing } from '../scenario/find.ts';
import { type Io, screenFor } from './io.ts';

/** `list`: what there is to run, and with what. */
export function list({ options: { json } }: { options: { json?: boolean } }, io: Io): number {
  const listing = {
    ...readListing(),
    mockServers: listMockServers(),
    models: catalogue.models.map(({ id }) => id),
  };
  io.stdout.write(
    json ? `${JSON.stringify(listing, null, 2)}\n` : toText(listing, screenFor(io.stdout, io.env)),
  );
  return 0;
}

type Listed = Listing & { mockServers: string[]; models: string[] };

function toText({ scenarios, variants, mockServers, models }: Listed, screen: Screen): string {
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
