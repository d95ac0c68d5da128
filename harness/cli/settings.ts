import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { type OptionEntry, type OptionName, options } from './options.ts';

const entries = Object.entries(options) as [OptionName, OptionEntry][];
const nameOfKey = new Map(
  entries.flatMap(([name, { key }]): [string, OptionName][] => (key === undefined ? [] : [[key, name]])),
);
/** The keys of all settings, dotted. */
export const keys = [...nameOfKey.keys()];

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

/** Parameters and one more. The same name twice is refused, since one of the values would be lost. */
export function mergeParameters(
  before: Record<string, string>,
  more: Record<string, string>,
): Record<string, string> {
  const twice = Object.keys(more).find((name) => Object.hasOwn(before, name));
  if (twice !== undefined) throw new UsageError(`${twice} is given twice.`);
  return { ...before, ...more };
}
