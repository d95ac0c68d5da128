import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Command, CommanderError, Option } from 'commander';
import { type Screen, terminalTable } from '../../reports/text/terminal.ts';
import { UsageError } from '../errors.ts';
import { type Io, screenFor } from './io.ts';
import {
  entries,
  entryOf,
  type FullEntry,
  type OptionName,
  type options,
  type ReaderOf,
  type Verb,
  type VerbsOf,
} from './options.ts';
import { mergeParameters, type Read } from './parsers.ts';

type NamesOf<V extends Verb> = {
  [Name in OptionName]: V extends VerbsOf<Name> ? Name : never;
}[OptionName];

type Value<Name extends OptionName> = Read<ReaderOf<Name>>;
type Present<Name extends OptionName> = (typeof options)[Name] extends { preset: unknown } ? true : false;

/** The options of a verb as they were read: those with a default are always there. */
export type Options<V extends Verb> = {
  [Name in NamesOf<V> as Present<Name> extends true ? Name : never]: Value<Name>;
} & {
  [Name in NamesOf<V> as Present<Name> extends true ? never : Name]?: Value<Name>;
};

/** What a verb was asked for. `isGiven` tells which options the command line gave. */
export type Asked<V extends Verb, Own = unknown> = {
  options: Options<V> & Own;
  isGiven: (name: OptionName) => boolean;
};

/** Whether the command line gave an option, as a flag or by `--set`. */
const isGivenTo = (command: Command) => (name: OptionName) =>
  ['cli', 'set'].includes(command.getOptionValueSource(name) ?? '');

const entriesOf = (verb: Verb) => entries.filter(([, { verbs }]) => verbs.includes(verb));

/** Texts of flags as they were typed, before they are read: what reads them is loaded only for a command line that is whole. */
type Typed = Map<OptionName, string[]>;

/** Whether a verb takes options of the table. */
export function takesOptions(verb: string): verb is Verb {
  return entriesOf(verb as Verb).length > 0;
}

/**
 * Gives a command the options of a verb. Before its action begins they are settled once: flags over `--set` over the configuration
 * file over defaults.
 */
export function addOptions(command: Command, verb: Verb, io: Io): Command {
  const typed: Typed = new Map();
  for (const [name, entry] of entriesOf(verb)) {
    if (hasFlag(entry, verb)) command.addOption(toOption(name, entry, verb, typed));
  }
  for (const [name, preset] of Object.entries(presetsOf(verb, io))) {
    command.setOptionValueWithSource(name, preset, 'default');
  }
  const files = 'Files and output:';
  return command
    .addOption(
      new Option('--set <key=value>', 'anything else; --set help lists what there is')
        .helpGroup(files)
        .argParser((text, before: string[] = []) => [...before, text]),
    )
    .addOption(
      new Option('--config <file>', 'settings (default: patternbench.config.ts here)').helpGroup(files),
    )
    .addHelpOption(new Option('-h, --help', 'show this').helpGroup(files))
    .hook('preAction', () => settle(command, verb, typed, io));
}

function hasFlag({ flag, flagOf: flagged, verbs }: FullEntry, verb: Verb): boolean {
  return flag !== undefined && (flagged ?? verbs).includes(verb);
}

function toOption(
  name: OptionName,
  { flag = '', help, helpOf, heading, repeats, rareOf }: FullEntry,
  verb: Verb,
  typed: Typed,
): Option {
  const option = new Option(flag, helpOf?.[verb] ?? help).helpGroup(heading);
  if (flag.includes('<')) {
    option.argParser((text: string) => {
      const before = typed.get(name) ?? [];
      if (before.length > 0 && !repeats) throw new UsageError(`${flagOf(name)} is given twice.`);
      typed.set(name, [...before, text]);
    });
  }
  return option.hideHelp(rareOf?.includes(verb) ?? false);
}

/** The configurations that lie in a folder; more than one is refused where it is read. */
export function findConfigurations(folder: string): string[] {
  const ends = ['ts', 'mts', 'js', 'mjs', 'json'];
  return ends.map((end) => join(folder, `patternbench.config.${end}`)).filter((path) => existsSync(path));
}

/** Settles the options of a command. What reads values is loaded only where there are any. */
async function settle(command: Command, verb: Verb, typed: Typed, io: Io): Promise<void> {
  const { set = [], config } = command.opts<{ set?: string[]; config?: string }>();
  if (set.includes('help')) {
    io.stdout.write(`${listSettings(verb, screenFor(io.stdout, io.env))}\n`);
    throw new CommanderError(0, 'patternbench.settings', '');
  }
  if (typed.size + set.length > 0) await readGiven(command, verb, { typed, set }, io);
  refuseContradictions(command, verb);
  const files = config === undefined ? findConfigurations(io.cwd) : [resolve(io.cwd, config)];
  if (files.length > 0) await readConfigured(command, verb, files);
}

/** Reads what the command line gives as text: values of flags, then those of `--set`. */
async function readGiven(
  command: Command,
  verb: Verb,
  { typed, set }: { typed: Typed; set: readonly string[] },
  io: Io,
): Promise<void> {
  const { findKey, readValue } = await import('./configuration.ts');
  const isGiven = isGivenTo(command);
  for (const [name, texts] of typed) {
    const read = await Promise.all(texts.map((text) => readValue(name, text, flagOf(name), io.cwd)));
    const { repeats } = entryOf[name];
    const value = repeats ? (read as Record<string, string>[]).reduce(mergeParameters, {}) : read[0];
    command.setOptionValueWithSource(name, value, 'cli');
  }
  for (const text of set) {
    const at = text.indexOf('=');
    if (at < 1)
      throw new UsageError(`--set ${text}: it has the form key=value. List the keys with --set help.`);
    const key = text.slice(0, at);
    const name = findKey(key, '--set');
    const { verbs } = entryOf[name];
    if (!verbs.includes(verb)) {
      throw new UsageError(`--set ${key}: it is no setting of ${verb}. It is one of ${verbs.join(', ')}.`);
    }
    if (isGiven(name)) throw new UsageError(`${labelOf(name, verb)} is given twice.`);
    const value = await readValue(name, text.slice(at + 1), `--set ${key}`, io.cwd);
    command.setOptionValueWithSource(name, value, 'set');
  }
}

function refuseContradictions(command: Command, verb: Verb): void {
  const isGiven = isGivenTo(command);
  for (const [name, { conflicts }] of entriesOf(verb)) {
    const other = isGiven(name) && conflicts?.[verb]?.find((each) => isGiven(each as OptionName));
    if (other) {
      throw new UsageError(
        `${labelOf(name, verb)} cannot be used with ${labelOf(other as OptionName, verb)}.`,
      );
    }
  }
}

/** Puts the values of the configuration where the command line gave none. */
async function readConfigured(command: Command, verb: Verb, files: readonly string[]): Promise<void> {
  const { readConfiguration } = await import('./configuration.ts');
  const isGiven = isGivenTo(command);
  for (const [name, value] of await readConfiguration(files)) {
    const { verbs, keyOf = verbs, repeats, conflicts } = entryOf[name];
    if (!keyOf.includes(verb) || conflicts?.[verb]?.some((each) => isGiven(each as OptionName))) continue;
    if (repeats && isGiven(name)) {
      command.setOptionValue(name, { ...(value as object), ...command.getOptionValue(name) });
    } else if (!isGiven(name)) command.setOptionValueWithSource(name, value, 'config');
  }
}

/** What the help of a verb leaves out, a line for each: flags that are seldom used, and settings that have no flag. */
function listSettings(verb: Verb, screen: Screen): string {
  const rows = entriesOf(verb).flatMap(([, entry]) => {
    const isFlag = hasFlag(entry, verb);
    if (isFlag && !entry.rareOf?.includes(verb)) return [];
    return [[(isFlag ? entry.flag : entry.key) ?? '', entry.helpOf?.[verb] ?? entry.help]];
  });
  return terminalTable({ headings: ['flag or key', 'what it is'], align: ['l', 'l'], rows }, screen);
}

/** How an option is given on the command line of a verb. */
function labelOf(name: OptionName, verb: Verb): string {
  const entry = entryOf[name];
  return hasFlag(entry, verb) ? flagOf(name) : `--set ${entry.key}`;
}

/** How an option is given: its flag without the value, or the setting. */
export function flagOf(name: OptionName): string {
  const { flag, key } = entryOf[name];
  return flag?.split(' ')[0] ?? `--set ${key}`;
}

/** The formats that may go to standard output, of which only one can. */
export const formats = ['json', 'github', 'md', 'html', 'csv', 'junit', 'pr', 'badge', 'history'] as const;

export type Format = (typeof formats)[number];

/** Formats that findings may be asked for in: on standard output, or as the file that is named; `-` is standard output. */
export type Outputs = { [format in Format]?: boolean | string | undefined };

/** Refuses two formats on standard output. */
export function refuseTwoOutputs(asked: Outputs): void {
  const [first, second] = onOutput(asked);
  if (second === undefined || first === undefined) return;
  throw new UsageError(
    `${flagOf(first)} and ${flagOf(second)} both write to standard output. Leave one out, or give it a file.`,
  );
}

/** The formats that are asked for on standard output. */
export function onOutput(asked: Outputs): Format[] {
  return formats.filter((format) => asked[format] === true || asked[format] === '-');
}

/** What a command was asked for, once its options are settled. */
export function askedOf<V extends Verb>(command: Command): Asked<V> {
  const { set: _, config: __, ...read } = command.opts();
  return { options: read as Options<V>, isGiven: isGivenTo(command) };
}

/** The options of a verb where none is given. */
export function presetsOf<V extends Verb>(verb: V, { cwd }: Io): Options<V> {
  const presets = entriesOf(verb).flatMap(([name, { value, preset: usual, presetOf }]) => {
    const preset = presetOf?.[verb] ?? usual;
    const isPath = typeof preset === 'string' && value.path?.includes(preset) === false;
    return preset === undefined ? [] : [[name, isPath ? resolve(cwd, preset) : preset]];
  });
  return Object.fromEntries(presets);
}

/** The options of what was begun earlier; those that are given now come first. */
export function withBegun<V extends Verb>(
  { options: now, isGiven }: Asked<V>,
  begun: Record<string, unknown>,
): Options<V> {
  const fresh = Object.entries(now).filter(([name]) => isGiven(name as OptionName));
  return { ...now, ...begun, ...Object.fromEntries(fresh) };
}

/** The options that make a run what it is, for its record. */
export function lastingOptions(all: object): Record<string, unknown> {
  const passing = new Set<string>(entries.flatMap(([name, entry]) => (entry.passing ? [name] : [])));
  return Object.fromEntries(
    Object.entries(all).filter(([name, value]) => value !== undefined && !passing.has(name)),
  );
}

/** The directory to write: the one given, else one that is named after the time. */
export function newDirectory(out: string | undefined, { cwd }: Io): string {
  return out ?? resolve(cwd, 'runs', new Date().toISOString().replace(/[:.]/g, '-'));
}
