import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Io } from './io.ts';
import { type OptionEntry, options, type Verb } from './options.ts';

type Table = typeof options;
/** The name of an option in code, in the record of a run, and as a key of a configuration. */
export type OptionName = keyof Table;

type Value<E> =
  | (E extends { choices: readonly (infer Choice)[] }
      ? Choice
      : E extends { read: (...args: never[]) => infer Read }
        ? Read
        : E extends { flag: `${string}<${string}` }
          ? string
          : boolean)
  | (E extends { off: string } ? false : never);

type NamesOf<V extends Verb> = {
  [Name in OptionName]: V extends Table[Name]['verbs'][number] ? Name : never;
}[OptionName];

type IsThere<E, V extends Verb> = E extends { preset: unknown }
  ? true
  : E extends { requiredBy: readonly (infer Needs)[] }
    ? V extends Needs
      ? true
      : false
    : false;

/** The options of a verb as they were read: those with a default, or that it needs, are always there. */
export type Options<V extends Verb> = {
  [Name in NamesOf<V> as IsThere<Table[Name], V> extends true ? Name : never]: Value<Table[Name]>;
} & {
  [Name in NamesOf<V> as IsThere<Table[Name], V> extends true ? never : Name]?: Value<Table[Name]>;
};

/** What a verb was asked for. `isGiven` tells which options were given and not left to their defaults. */
export type Asked<V extends Verb> = { options: Options<V>; isGiven: (name: OptionName) => boolean };

const entries = Object.entries(options) as [OptionName, OptionEntry][];

/** Gives a command the options of a verb. */
export function addOptions(command: Command, verb: Verb, io: Io): Command {
  for (const [name, entry] of entries) {
    if (!entry.verbs.includes(verb)) continue;
    command.addOption(toOption(entry, verb, io));
    if (entry.off !== undefined) {
      command.addOption(new Option(`--no-${flagOf(name).slice(2)}`, entry.off).helpGroup(entry.group));
    }
  }
  return command;
}

function toOption(entry: OptionEntry, verb: Verb, io: Io): Option {
  const { flag, help, helpOf, group, choices, read, preset, presetText, conflicts, requiredBy } = entry;
  const option = new Option(flag, helpOf?.[verb] ?? help).helpGroup(group);
  if (choices) option.choices(choices);
  if (read) option.argParser((text: string, previous: unknown) => read(text, io, previous as never));
  // Commander itself gives what begins with --no- its default.
  if (preset !== undefined && !flag.startsWith('--no-')) option.default(presetOf(entry, io), presetText);
  const conflict = conflicts?.[verb];
  if (conflict !== undefined) option.conflicts(conflict);
  return option.makeOptionMandatory(requiredBy?.includes(verb) ?? false);
}

function presetOf({ preset }: OptionEntry, io: Io): unknown {
  return typeof preset === 'function' ? preset(io) : preset;
}

/** What a command was asked for, once its arguments are read. */
export function askedOf<V extends Verb>(command: Command): Asked<V> {
  return {
    options: command.opts<Options<V>>(),
    isGiven: (name) => command.getOptionValueSource(name) === 'cli',
  };
}

/** The options of a verb where none is given. */
export function presetsOf<V extends Verb>(verb: V, io: Io): Options<V> {
  const presets = entries.filter(([, { verbs, preset }]) => verbs.includes(verb) && preset !== undefined);
  return Object.fromEntries(presets.map(([name, entry]) => [name, presetOf(entry, io)])) as Options<V>;
}

/** The options of what was begun earlier; those that are given now come first. */
export function withBegun<V extends Verb>(
  { options: now, isGiven }: Asked<V>,
  begun: Record<string, unknown>,
): Options<V> {
  const given = Object.entries(now).filter(([name]) => isGiven(name as OptionName));
  return { ...now, ...begun, ...Object.fromEntries(given) } as Options<V>;
}

/** The options that make a run what it is, for its record. */
export function lastingOptions(given: object): Record<string, unknown> {
  const passing = new Set<string>(entries.flatMap(([name, entry]) => (entry.passing ? [name] : [])));
  return Object.fromEntries(
    Object.entries(given).filter(([name, value]) => value !== undefined && !passing.has(name)),
  );
}

/** The flag of an option, without its value. */
export function flagOf(name: OptionName): string {
  return options[name].flag.split(' ')[0] ?? '';
}

/** The directory to write: the one given, else one that is named after the time, in a folder here. */
export function newDirectory(out: string | undefined, folder: 'runs' | 'sweeps', { cwd }: Io): string {
  return out ?? resolve(cwd, folder, new Date().toISOString().replace(/[:.]/g, '-'));
}
