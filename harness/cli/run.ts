import { Command } from 'commander';
import catalogue from '../meter/models.json' with { type: 'json' };
import { findNamed } from '../nearest.ts';
import { findFolder } from '../scenario/find.ts';
import { readListing } from '../scenario/listing.ts';
import { refuseUnknownParams, resolveParams } from '../scenario/params.ts';
import { addOptions, askedOf, type Options } from './add-options.ts';
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
      refuseWrongNames(wanted, asked.options, io);
      const { run } = await import('./run-workflows.ts');
      return run(wanted, asked, io);
    }),
  );
}

/**
 * Refuses wrong names, and wrong parameters of bundled workflows, by what is written down of them: to load what runs takes ten
 * times as long. What cannot be known before is checked by what needs it.
 */
function refuseWrongNames(
  wanted: readonly string[],
  { variants, model, param, workflows, all = false, resume }: Options<'run'>,
  { cwd }: Io,
): void {
  for (const each of wanted) findFolder(each, cwd);
  const listing = readListing();
  for (const each of variants.filter((name) => name !== 'all')) {
    findNamed('variant', each, listing.variants, ({ name }) => name, 1);
  }
  // What has a colon is asked at its provider.
  for (const each of model.split(',').filter((name) => !name.includes(':'))) {
    findNamed('model', each.trim(), catalogue.models, ({ id }) => id, 3);
  }
  // A resumed run has workflows of its own.
  if (resume !== undefined) return;
  const isNamed = wanted.length > 0;
  const bundled = listing.scenarios.filter(({ name, core }) =>
    isNamed ? wanted.includes(name) : all || (core && workflows === undefined),
  );
  const single = Object.entries(param).filter(([, value]) => !value.includes('..'));
  for (const each of bundled) resolveParams(each, Object.fromEntries(single));
  const isOwn = isNamed ? bundled.length < new Set(wanted).size : bundled.length === 0;
  if (!isOwn) refuseUnknownParams(bundled, param);
}
