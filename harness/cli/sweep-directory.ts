import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, UsageError } from '../errors.ts';
import { makeDirectory, readJson, writeJson } from '../files.ts';
import { journalFileName } from '../results/run.ts';
import { type SweepConfig, sweepConfigFormat, sweepConfigSchema } from '../results/sweep.ts';
import { readJournal } from '../run/journal.ts';
import { type EarlierRun, findChangedOptions, openEarlierRun } from '../run/resume.ts';
import { lockRun } from '../run/run-directory.ts';
import { type Io, tell } from './io.ts';
import { lastingOptions, type RunOptions } from './run-options.ts';

/** What `sweep` was asked for, as the command line read it. */
export type SweepOptions = RunOptions & { points?: number; refine?: number; place?: string };

/** A sweep's directory; this process is its only writer until it is closed. */
export type SweepDirectory = {
  path: string;
  /** What has changed since the sweep was begun, and was accepted. */
  forced: string[];
  close(): void;
};

const configFileName = 'config.json';

/** Makes the directory of a new sweep, and writes down what it was asked for. Throws a `UsageError` where something is there. */
export function beginSweep(path: string, scenario: string, options: SweepOptions): SweepDirectory {
  try {
    makeDirectory(path);
    if (readdirSync(path).length > 0) {
      throw new UsageError(
        `${path} is not empty; a sweep is never written over another. Choose another --out, or resume it: --resume ${path}.`,
      );
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const reason = messageOf(error);
    throw new UsageError(`The directory ${path} cannot be made: ${reason}`, { cause: error });
  }
  const lock = lockRun(path);
  writeJson(join(path, configFileName), toConfig(scenario, options));
  return { path, forced: [], close: () => lock.release() };
}

/** Resumes a sweep with the options it was started with; options given now come first. */
export function reopenSweep(
  path: string,
  given: string | undefined,
  options: SweepOptions,
  { isGiven, io }: { isGiven: (option: keyof SweepOptions) => boolean; io: Io },
): { directory: SweepDirectory; scenario: string; options: SweepOptions } {
  const begun = readJson(
    join(path, configFileName),
    sweepConfigSchema,
    'the configuration of a sweep',
    `Is ${path} the directory of a sweep?`,
  );
  const lock = lockRun(path);
  try {
    if (lock.takenOverFrom !== undefined) {
      tell(
        io,
        `Warning: The sweep was taken over from process ${lock.takenOverFrom}, which died without releasing it.`,
      );
    }
    const own = Object.fromEntries(
      Object.entries(options).filter(([name]) => isGiven(name as keyof SweepOptions)),
    );
    const merged = { ...options, ...begun.options, ...own } as SweepOptions;
    const scenario = given ?? begun.scenario;
    const changes = findChanges(begun, toConfig(scenario, merged));
    if (changes.length > 0 && !options.force) {
      throw new UsageError(
        `${path} cannot be resumed, because its points would not be comparable with new ones:\n${changes.map((change) => `- ${change}`).join('\n')}\nStart a new sweep, or resume it with --force, which is recorded.`,
      );
    }
    return { directory: { path, forced: changes, close: () => lock.release() }, scenario, options: merged };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** The run of a point that was started earlier, to be resumed; undefined where nothing of it can be used. */
export function openBegunRun(path: string, force: boolean): EarlierRun | undefined {
  if (!existsSync(path)) return undefined;
  if (readJournal(join(path, journalFileName))) return openEarlierRun(path, force);
  // It was cut off before its first line was whole: nothing had ended.
  rmSync(path, { recursive: true, force: true });
  return undefined;
}

function toConfig(scenario: string, options: SweepOptions): SweepConfig {
  return { format: sweepConfigFormat, scenario, options: lastingOptions(options) };
}

function findChanges(before: SweepConfig, now: SweepConfig): string[] {
  const scenario =
    before.scenario === now.scenario ? [] : [`scenario: ${before.scenario} is now ${now.scenario}`];
  return [...scenario, ...findChangedOptions(before.options, now.options)];
}
