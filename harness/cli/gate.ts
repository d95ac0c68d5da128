import { Command } from 'commander';
import { addOptions, type Options } from './add-options.ts';
import type { Act, Io } from './io.ts';

const help = `
Exit codes: 0 passed, 1 stopped, 2 wrong usage, 3 the run is incomplete.
It stops at a figure that rose, an answer that became wrong, and a changed
recommendation. docs/ci.md says by how much, also of live trials.

A policy is a JSON file, or gate.policy of the configuration. Levels are off,
warn and error, and all of it is optional:
  { "checks": { "cost": { "relative": 0.02 }, "toolCalls": "off" },
    "scenarios": { "mine": { "billedTokens": "warn" } }, "new": "warn" }

Examples:
  patternbench gate --update --run run       make a run the baseline
  patternbench gate --github --md gate.md    run it again, and judge
`;

/** `gate`: holds a run against a baseline. Exits with 0 where it passes, 1 where it fails, 3 where the run is incomplete. */
export function gateCommand(io: Io, act: Act): Command {
  const command = new Command('gate')
    .description('hold a run against a baseline and fail if it costs more or is less often right')
    .argument('[scenario...]', "what to compare, by name or path (default: the baseline's scenarios)")
    .addHelpText('after', help);
  return addOptions(command, 'gate', io).action(
    act(async (given: string[], options: Options<'gate'>) => {
      const { holdRun } = await import('./hold-run.ts');
      return holdRun(given, options, io);
    }),
  );
}
