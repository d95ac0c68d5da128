import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { tellNearest } from '../nearest.ts';

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
  const hint = tellNearest(wanted, listScenarios(), 2);
  throw new UsageError(
    `Unknown scenario "${wanted}".${local}${hint} Known: ${listScenarios().join(', ')}; a folder of your own is given as a path, such as ./my-scenario.`,
  );
}
