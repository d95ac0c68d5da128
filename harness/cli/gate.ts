import { Command } from 'commander';
import { addOptions, type Options } from './add-options.ts';
import type { Act, Io } from './io.ts';

const help = `
Exit codes:
  0  passed. Warnings and what is undecided are printed and do not fail.
  1  a figure rose, an answer became wrong, a recommendation changed, or something cannot be compared
  2  wrong usage    3  the run is incomplete

What stops:
  computed      an amount that rose by more than 0.5 %, any answer that became wrong, another verdict
  live trials   a fall in correctness by more than 5 points that is 99 % likely; an amount whose rise over 0.5 % is shown
                at 2.5 % over all checks. At 95 % and at 1 % a fresh sample of as many trials decides: gate runs it,
                or with --run you give it as --fresh.

--update refuses live trials that are too few to ever stop a fall in correctness, and names amounts that vary too much.

A policy is a JSON file (reports/schemas/policy.v1.schema.json), or gate.policy of the configuration. Levels are off, warn and error. All of it is optional:
  { "checks": { "cost": { "relative": 0.02 }, "toolCalls": "off", "correctness": { "gap": 0.1 } },
    "scenarios": { "my-workflow": { "billedTokens": "warn" } }, "suite": { "cost": "warn" },
    "variants": ["code-typed"], "missing": "error", "new": "warn", "conditions": "error", "toolSurface": "warn" }
Checks: billedTokens, contextTokens, roundTrips, toolCalls, cost, costUncached, correctness, verdict.
"variants" holds the figures of these alone, such as the one in use.`;

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
