import { Command } from 'commander';
import { addOptions, askedOf } from './add-options.ts';
import type { Act, Io } from './io.ts';

const examples = `
Examples:
  patternbench run                              the bundled core, no key needed
  patternbench run ./my-workflow --details      one of your own, with its bill
  patternbench run crm-top-customers --param contacts=10..5000
  patternbench run ./mine --model anthropic:claude-sonnet-5 --max-cost 5
`;

/** `run`: the main job. */
export function runCommand(io: Io, act: Act): Command {
  const command = new Command('run')
    .description('run workflows in both patterns, and say which one to use')
    .argument('[workflow...]', 'bundled ones by name, or folders (default: the core)')
    .addHelpText('after', examples);
  return addOptions(command, 'run', io).action(
    act(async (wanted: string[]) => {
      const asked = askedOf<'run'>(command);
      // Wrong names are told at once: what runs is loaded only after.
      const { refuseWrongNames } = await import('./known-names.ts');
      refuseWrongNames(wanted, asked.options, io);
      const { run } = await import('./run-workflows.ts');
      return run(wanted, asked, io);
    }),
  );
}
