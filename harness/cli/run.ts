import { UsageError } from '../errors.ts';
import catalogue from '../meter/models.json' with { type: 'json' };
import { findNamed } from '../nearest.ts';
import { findFolder, readListing, refuseUnknownParams, resolveParams } from '../scenario/find.ts';
import type { Asked, Options } from './add-options.ts';
import type { Io } from './io.ts';

/** `run`: the main job. Wrong names are refused before what runs is loaded. */
export async function run(wanted: string[], asked: Asked<'run'>, io: Io): Promise<number> {
  refuseWrongNames(wanted, asked.options, io);
  const { runWorkflows } = await import('./run-workflows.ts');
  return runWorkflows(wanted, asked, io);
}

/** The models that a run is asked for. */
function modelsOf(model: string): string[] {
  const names = model.split(',').map((name) => name.trim());
  if (!names.includes('')) return names;
  throw new UsageError(`--model "${model}" lacks a name. Name one model, or several separated by commas.`);
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
  for (const each of modelsOf(model).filter((name) => !name.includes(':'))) {
    findNamed('model', each, catalogue.models, ({ id }) => id, 3);
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
