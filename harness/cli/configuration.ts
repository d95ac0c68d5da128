import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { dirname, extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { messageOf, UsageError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { Io } from './io.ts';
import { type OptionEntry, options } from './options.ts';

type Table = typeof options;
/** The name of an option in code and in the record of a run. */
export type OptionName = keyof Table;

/** Values of options by their dotted keys, as they may be written. */
type ByKey = {
  [Name in OptionName as Table[Name] extends { key: infer Key extends string } ? Key : never]: z.input<
    Table[Name]['value']
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

const entries = Object.entries(options) as [OptionName, OptionEntry][];
const nameOfKey = new Map(
  entries.flatMap(([name, { key }]): [string, OptionName][] => (key === undefined ? [] : [[key, name]])),
);
const keys = [...nameOfKey.keys()];

/** Where an unknown flag is a setting that has none: how it is given. `message` names the flag in quotes. */
export function hintAtSetting(message: string): string | undefined {
  const flag = /'--(?:no-)?([\w-]+)/.exec(message)?.[1] ?? '';
  const isNamed = (text: string) => text.toLowerCase() === flag.replaceAll('-', '').toLowerCase();
  const named = entries.find(([name, { key }]) => key !== undefined && isNamed(name))?.[1].key;
  const key = named ?? nearest(flag, keys, 1)[0] ?? byLastPart(flag);
  return key === undefined
    ? undefined
    : `Is it a setting? Give it as --set ${key}=…, or in the configuration.`;
}

/** The key whose part after the dot is nearest. */
function byLastPart(part: string): string | undefined {
  const [near] = nearest(part, keys.map(lastPart), 1);
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

/**
 * The value of an option as it is used. Paths become absolute, seen from `folder`. Throws a `UsageError` that says where the value
 * stands and what it may be.
 */
export function readValue(name: OptionName, given: unknown, where: string, folder: string): unknown {
  const { value }: OptionEntry = options[name];
  const { success, data, error } = value.safeParse(given);
  if (!success) {
    const [issue] = error.issues;
    const at = issue && issue.path.length > 0 ? ` (at ${issue.path.join('.')})` : '';
    throw new UsageError(
      `${where}: ${JSON.stringify(given)} is invalid${at}. ${issue?.message ?? ''}`.trim(),
    );
  }
  return toPath(name, data, folder);
}

/** Makes the paths of an option absolute, seen from `folder`; other values stay. */
export function toPath(name: OptionName, value: unknown, folder: string): unknown {
  const { path }: OptionEntry = options[name];
  if (!path) return value;
  const absolute = (text: string) => (path.includes(text) ? text : resolve(folder, text));
  if (typeof value === 'string') return absolute(value);
  // Of a list, what has no slash is a name.
  return Array.isArray(value)
    ? value.map((each: string) => (/[\\/]/.test(each) ? absolute(each) : each))
    : value;
}

/** The configurations that lie in a folder; more than one is refused where it is read. */
export function findConfigurations(folder: string): string[] {
  const ends = ['ts', 'mts', 'js', 'mjs', 'json'];
  return ends.map((end) => join(folder, `patternbench.config.${end}`)).filter((path) => existsSync(path));
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
  const values = new Map<OptionName, unknown>();
  if (file === undefined) return values;
  if (!existsSync(file)) throw new UsageError(`The configuration ${file} does not exist.`);
  const found = await load(file);
  const record = z.record(z.string(), z.unknown()).safeParse(found);
  if (!record.success) {
    throw new UsageError(
      `${file}: it has no settings. Export an object: export default defineConfig({ … }).`,
    );
  }
  collect(record.data, '', (key, value) => {
    const name = findKey(key, file);
    values.set(name, readValue(name, value, `${file}: ${key}`, dirname(file)));
  });
  return values;
}

/** Calls `take` for each setting: an object whose key is the beginning of others is a group of them. */
function collect(
  record: Record<string, unknown>,
  prefix: string,
  take: (key: string, value: unknown) => void,
): void {
  for (const [name, value] of Object.entries(record)) {
    if (value === undefined) continue;
    const key = `${prefix}${name}`;
    const isGroup = keys.some((each) => each.startsWith(`${key}.`));
    const group = isGroup ? z.record(z.string(), z.unknown()).safeParse(value) : undefined;
    if (group?.success) collect(group.data, `${key}.`, take);
    else take(key, value);
  }
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
