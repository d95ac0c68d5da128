import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf, UsageError } from '../errors.ts';
import { isRecord } from '../json.ts';
import { nearest } from '../nearest.ts';
import { entries, entryOf, type OptionName, type options, type ReaderOf } from './options.ts';
import type { Taken } from './parsers.ts';

type Table = typeof options;

/** Values of options by their dotted keys, as they may be written. */
type ByKey = {
  [Name in OptionName as Table[Name] extends { key: infer Key extends string } ? Key : never]: Taken<
    ReaderOf<Name>
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

/** Gives a `patternbench.config.ts` its types in an editor: `export default defineConfig({ … })`. Returns what it is given. */
export function defineConfig(configuration: Configuration): Configuration {
  return configuration;
}

const nameOfKey = new Map(
  entries.flatMap(([name, { key }]): [string, OptionName][] => (key === undefined ? [] : [[key, name]])),
);
/** The keys of all settings, dotted. */
const keys = [...nameOfKey.keys()];

/** Where an unknown flag is a setting that has none: how it is given. `message` names the flag in quotes. */
export function hintAtSetting(message: string): string | undefined {
  const flag = /'--(?:no-)?([\w-]+)/.exec(message)?.[1] ?? '';
  const isNamed = (text: string) => text.toLowerCase() === flag.replaceAll('-', '').toLowerCase();
  const named = entries.find(([name, { key }]) => key !== undefined && isNamed(name))?.[1].key;
  const key = named ?? nearest(flag, keys, 1, 1 / 3)[0] ?? byLastPart(flag, 1 / 3);
  return key === undefined
    ? undefined
    : `Is it a setting? Give it as --set ${key}=…, or in the configuration.`;
}

/** The key whose part after the dot is nearest. */
function byLastPart(part: string, most?: number): string | undefined {
  const [near] = nearest(part, keys.map(lastPart), 1, most);
  return keys.find((key) => lastPart(key) === near);
}

function lastPart(key: string): string {
  return key.split('.').at(-1) ?? key;
}

/** The option of a dotted key. Throws a `UsageError` that names the nearest ones where there is none. */
export function findKey(key: string, where: string): OptionName {
  const name = nameOfKey.get(key);
  if (name !== undefined) return name;
  const part = lastPart(key);
  const near = keys.find((each) => lastPart(each) === part) ?? nearest(key, keys, 1)[0] ?? byLastPart(part);
  const known = near === undefined ? `Settings: ${keys.join(', ')}.` : `Nearest: ${near}.`;
  throw new UsageError(`${where}: there is no setting "${key}". ${known}`);
}

/** Makes the paths of an option absolute, seen from `folder`; other values stay. */
function toPath(name: OptionName, value: unknown, folder: string): unknown {
  const { path } = entryOf[name].value;
  if (!path) return value;
  const absolute = (text: string) => {
    if (path.includes(text)) return text;
    if (text !== '-') return resolve(folder, text);
    throw new UsageError('Name a file or folder: standard input and output are neither here.');
  };
  if (typeof value === 'string') return absolute(value);
  // Of a list, what has no slash is a name.
  return Array.isArray(value)
    ? value.map((each: string) => (/[\\/]/.test(each) ? absolute(each) : each))
    : value;
}

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
  try {
    return toPath(name, await entryOf[name].value.read(given), folder);
  } catch (error) {
    // A text stays as it was typed: messages show what is hidden in it.
    const shown = typeof given === 'string' ? `"${given}"` : JSON.stringify(given);
    throw new UsageError(`${where}: ${shown} is invalid. ${messageOf(error)}`, { cause: error });
  }
}

/**
 * Values of options by name, from the configuration that is named, or the one that lies here. Throws a `UsageError` where several
 * lie here, and for a file that does not load, an unknown key or an invalid value.
 */
export async function readConfiguration(files: readonly string[]): Promise<ReadonlyMap<OptionName, unknown>> {
  const [file = '', ...others] = files;
  if (others.length > 0) {
    throw new UsageError(
      `There are several configurations: ${files.join(', ')}. Keep one, or name it with --config.`,
    );
  }
  if (!existsSync(file)) throw new UsageError(`The configuration ${file} does not exist.`);
  const read = new Map<OptionName, unknown>();
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
  const { importFile } = await import('../scenario/load.ts');
  const hash = createHash('sha256').update(readFileSync(file)).digest('hex');
  return (await importFile(file, hash)).default;
}

/** The addresses of configurations that were loaded. */
const offeredTo = new Set<string>();

/** Lets a configuration import "patternbench" where that is not installed beside it: it gets this file, others get the package. */
function offerOwnName(configuration: string): void {
  const isFirst = offeredTo.size === 0;
  offeredTo.add(pathToFileURL(configuration).href);
  if (!isFirst) return;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'patternbench' && offeredTo.has(context.parentURL?.split('?')[0] ?? '')
        ? { url: import.meta.url, shortCircuit: true }
        : next(specifier, context),
  });
}
