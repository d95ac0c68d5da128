import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { ownMember } from '../json.ts';
import { tellNearest } from '../nearest.ts';
import type { PatternName } from '../results/codes.ts';
import type { ScenarioHead } from './load.ts';
import type { ParamSpec, Params, ParamValue, Scenario } from './scenario.ts';

/** The folder of the scenarios that come along. */
export const bundled = resolve(import.meta.dirname, '../../scenarios');

/** Whether a scenario's folder came with patternbench itself. */
export function isBundled(folder: string): boolean {
  return dirname(folder) === bundled;
}

/** Names of the scenarios that come with patternbench, sorted. */
export function listScenarios(): string[] {
  return readdirSync(bundled, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(bundled, entry.name, 'scenario.ts')))
    .map((entry) => entry.name)
    .sort();
}

/** The workflows of a folder as paths seen from it: itself, its folders, and those in its folder `workflows`; sorted. */
export function findWorkflows(folder: string): string[] {
  const below = (place: string) =>
    readdirSync(join(folder, place), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => `${place}/${name}`);
  const places = ['.', ...below('.'), ...(existsSync(join(folder, 'workflows')) ? below('./workflows') : [])];
  return places.filter((place) => existsSync(join(folder, place, 'scenario.ts'))).sort();
}

/**
 * The folder of a scenario that is asked for by the name of a bundled one, or by a path seen from the folder `from`. Throws a
 * `UsageError` that names the nearest.
 */
export function findFolder(wanted: string, from: string): string {
  const isPath = /[\\/]/.test(wanted) || wanted === '.' || wanted === '..';
  const folder = isPath ? resolve(from, wanted) : join(bundled, wanted);
  if (existsSync(join(folder, 'scenario.ts'))) return folder;
  if (isPath) {
    const missing = existsSync(folder) ? 'has no scenario.ts' : 'does not exist';
    throw new UsageError(`Scenario folder ${folder} ${missing}.`);
  }
  const local = existsSync(join(from, wanted, 'scenario.ts')) ? ` Did you mean the folder ./${wanted}?` : '';
  const known = listScenarios();
  throw new UsageError(
    `Unknown scenario "${wanted}".${local}${tellNearest(wanted, known, 2)} Known: ${known.join(', ')}; a folder of your own is given as a path, such as ./my-scenario.`,
  );
}

/** What comes along: every bundled scenario, and every variant. */
export type Listing = {
  scenarios: (Pick<
    ScenarioHead,
    'name' | 'title' | 'description' | 'core' | 'stresses' | 'surprise' | 'params'
  > & {
    prediction?: string;
    because?: string;
  })[];
  variants: { name: string; pattern: PatternName; description: string }[];
};

/** Where it stands; `npm run listing` writes it. */
export const listingFile = join(bundled, 'listing.json');

/** What comes along, as it was written down: to load every scenario for it takes half a second. */
export function readListing(): Listing {
  return JSON.parse(readFileSync(listingFile, 'utf8')) as Listing;
}

type WithParams = Pick<Scenario, 'name' | 'params'>;

/**
 * The parameters of one scenario: its defaults, overridden by `--param` values. Throws a `UsageError` naming the
 * parameter and what it may be. A name that the scenario does not have is the caller's to report (`unknownParams`).
 */
export function resolveParams(scenario: WithParams, given: Record<string, string>): Params {
  const params: Params = {};
  for (const [name, spec] of Object.entries(scenario.params)) {
    const text = ownMember(given, name);
    params[name] = text === undefined ? spec.default : parseParam(scenario.name, name, spec, text);
  }
  return params;
}

/** Throws a `UsageError` for a parameter that none of the scenarios has. */
export function refuseUnknownParams(scenarios: readonly WithParams[], given: Record<string, string>): void {
  const known = [...new Set(scenarios.flatMap((scenario) => Object.keys(scenario.params)))].sort();
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    throw new UsageError(
      `No scenario in this run has a parameter "${name}".${tellNearest(name, known, 2)} Known: ${known.join(', ') || 'none'}.`,
    );
  }
}

function parseParam(scenario: string, name: string, spec: ParamSpec, text: string): ParamValue {
  const refuse = (expected: string): never => {
    throw new UsageError(
      `Parameter ${name} of ${scenario} is ${expected} (${spec.description}); got "${text}".`,
    );
  };
  switch (spec.type) {
    case 'boolean':
      if (text !== 'true' && text !== 'false') refuse('true or false');
      return text === 'true';
    case 'string':
      if (spec.values && !spec.values.includes(text)) refuse(`one of ${spec.values.join(', ')}`);
      return text;
    default: {
      const value = Number(text);
      const { min, max } = spec;
      const kind = spec.type === 'integer' ? 'a whole number' : 'a number';
      const range = `${kind}${min === undefined ? '' : ` from ${min}`}${max === undefined ? '' : ` up to ${max}`}`;
      if (text.trim() === '' || !Number.isFinite(value)) refuse(range);
      if (spec.type === 'integer' && !Number.isSafeInteger(value)) refuse(range);
      if ((min !== undefined && value < min) || (max !== undefined && value > max)) refuse(range);
      return value;
    }
  }
}
