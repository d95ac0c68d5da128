import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { dirname, extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf, UsageError } from '../errors.ts';
import { isRecord } from '../json.ts';
import type { Io } from './io.ts';
import { type Values, values } from './option-values.ts';
import type { OptionName, options } from './options.ts';
import type { Reader, Taken } from './parsers.ts';
import { findConfigurations, findKey, keys, toPath } from './settings.ts';

type Table = typeof options;

/** Values of options by their dotted keys, as they may be written. */
type ByKey = {
  [Name in OptionName as Table[Name] extends { key: infer Key extends string } ? Key : never]: Taken<
    Values[Name]
  >;
};
type Groups = { [Key in keyof ByKey]: Key extends `${infer Group}.${string}` ? Group : never }[keyof ByKey];

/** What a `patternbench.config.ts` may say: every option that has a key, grouped by the part before the dot. */
export type Configuration = {
  [Key in keyof ByKey as Key extends `${string}.${string}` ? never : Key]?: ByKey[Key];
} & {
  [Group in Groups]?: {
    [Key in keyof ByKey as Key extends `${Group}.${infer Rest}` ? Rest : never]?: ByKey[Key];
  };
};

/**
 * The value of an option as it is used. Paths become absolute, seen from `folder`. Throws a `UsageError` that says where the value
 * stands and what it may be.
 */
export async function readValue(
  name: OptionName,
  given: unknown,
  where: string,
  folder: string,
): Promise<unknown> {
  const reader: Reader<unknown, unknown> = values[name];
  try {
    return toPath(name, await reader.read(given), folder);
  } catch (error) {
    // A text stays as it was typed: messages show what is hidden in it.
    const shown = typeof given === 'string' ? `"${given}"` : JSON.stringify(given);
    throw new UsageError(`${where}: ${shown} is invalid. ${messageOf(error)}`, { cause: error });
  }
}

/**
 * The value of an option from what was recorded of a run, where lengths of time are milliseconds. Throws a `UsageError` as
 * `readValue` does.
 */
export async function readRecorded(
  name: OptionName,
  recorded: unknown,
  where: string,
  folder: string,
): Promise<unknown> {
  const { isTime }: Reader<unknown, unknown> = values[name];
  return readValue(name, isTime && typeof recorded === 'number' ? `${recorded}ms` : recorded, where, folder);
}

/**
 * Values of options by name, from the configuration that is named, or else the one that lies here; none without one. Throws a
 * `UsageError` for a file that does not load, an unknown key or an invalid value.
 */
export async function readConfiguration(
  named: string | undefined,
  { cwd }: Io,
): Promise<ReadonlyMap<OptionName, unknown>> {
  const here = findConfigurations(cwd);
  if (named === undefined && here.length > 1) {
    throw new UsageError(
      `There are several configurations: ${here.join(', ')}. Keep one, or name it with --config.`,
    );
  }
  const file = named === undefined ? here[0] : resolve(cwd, named);
  const read = new Map<OptionName, unknown>();
  if (file === undefined) return read;
  if (!existsSync(file)) throw new UsageError(`The configuration ${file} does not exist.`);
  const found = await load(file);
  if (!isRecord(found)) {
    throw new UsageError(
      `${file}: it has no settings. Export an object: export default defineConfig({ … }).`,
    );
  }
  for (const [key, value] of settingsOf(found)) {
    const name = findKey(key, file);
    read.set(name, await readValue(name, value, `${file}: ${key}`, dirname(file)));
  }
  return read;
}

/** Each setting by its dotted key: an object whose key is the beginning of others is a group of them. */
function settingsOf(record: Record<string, unknown>, prefix = ''): [key: string, value: unknown][] {
  return Object.entries(record).flatMap(([name, value]): [string, unknown][] => {
    const key = `${prefix}${name}`;
    if (value === undefined) return [];
    const isGroup = keys.some((each) => each.startsWith(`${key}.`));
    return isGroup && isRecord(value) ? settingsOf(value, `${key}.`) : [[key, value]];
  });
}

async function load(file: string): Promise<unknown> {
  if (file.endsWith('.json')) {
    try {
      return JSON.parse(readFileSync(file, 'utf8'));
    } catch (error) {
      throw new UsageError(`${file} is invalid JSON: ${messageOf(error)}`, { cause: error });
    }
  }
  offerOwnName(file);
  // Its parser is loaded only where there is something to load.
  const { importFile } = await import('../scenario/import-file.ts');
  const hash = createHash('sha256').update(readFileSync(file)).digest('hex');
  return (await importFile(file, hash)).default;
}

/** The addresses of configurations that were loaded. */
const offeredTo = new Set<string>();

/** Lets a configuration import "patternbench" where that is not installed beside it. Other files get the package. */
function offerOwnName(configuration: string): void {
  const isFirst = offeredTo.size === 0;
  offeredTo.add(pathToFileURL(configuration).href);
  if (!isFirst) return;
  // The package has it compiled.
  const file = `define-config${extname(import.meta.filename)}`;
  const url = pathToFileURL(join(import.meta.dirname, file)).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'patternbench' && offeredTo.has(context.parentURL?.split('?')[0] ?? '')
        ? { url, shortCircuit: true }
        : next(specifier, context),
  });
}
