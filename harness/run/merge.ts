import { appendFileSync, cpSync, existsSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { falseAlarmRate } from '../analysis/stats/share.ts';
import { InfrastructureError, messageOf } from '../errors.ts';
import { makeDirectory } from '../files.ts';
import { isRecord, ownMember } from '../json.ts';
import { labelOf } from '../meter/token-counter.ts';
import { describeParams, type Point, pointFolder, pointKey, sizeFolder } from '../results/point.ts';
import {
  auditFileName,
  breakEvenFolderName,
  joinAuthorizations,
  journalFileName,
  journalFormat,
  partsFolderName,
  pointsOf,
  type RunRecord,
  readRecord,
  runFileName,
  summaryFileName,
} from '../results/run.ts';
import type { Summary } from '../results/summary.ts';
import { joinServers } from '../results/world.ts';
import { readJournal, toLine } from './journal.ts';
import { isOfShard } from './plan.ts';
import { createRunDirectory } from './run-directory.ts';
import { sumOfCounts } from './summarise.ts';

/** One run directory that is to be joined; `name` is how messages call it. */
type MergePart = { name: string; run: RunRecord; summary: Summary };

type Config = NonNullable<RunRecord['config']>;

/** What the joined run would be: its records, and what lacks in words; or why the parts cannot be joined. */
type Merge =
  | { status: 'merged'; run: RunRecord; summary: Summary; missing: string[] }
  | { status: 'refused'; reasons: string[] };

/**
 * Joins runs into the run that one machine would have made: results in the plan's order, where the parts are shards, else in the
 * order given. A scenario may be in several parts at different sizes. Never joins what differs in anything that decides figures,
 * nor what is there twice. What is missing leaves the joined run `partial`.
 */
export function merge(parts: readonly MergePart[]): Merge {
  const [first] = parts;
  if (!first) return { status: 'refused', reasons: ['There is nothing to merge.'] };
  const reasons = [...findMixtures(parts), ...findDoubles(parts), ...findOtherFiles(parts)];
  if (reasons.length > 0) return { status: 'refused', reasons };
  const whole = first.run.shard;
  const order = whole?.scenarios ?? parts.flatMap(({ run }) => run.scenarios.map(({ name }) => name));
  const inOrder = <T extends { scenario: string }>(items: T[]) =>
    items.sort((a, b) => order.indexOf(a.scenario) - order.indexOf(b.scenario));
  const missing = findMissing(parts, order);
  const status = missing.length === 0 ? 'complete' : 'partial';
  const { shard: _, config, ...run } = first.run;
  const { measured: __, comparisons: ___, aa: ____, ...summary } = first.summary;
  const [runs, summaries] = [parts.map((part) => part.run), parts.map((part) => part.summary)];
  const results = inOrder(summaries.flatMap((each) => each.results));
  return {
    status: 'merged',
    run: {
      ...run,
      status,
      scenarios: runs
        .flatMap(({ scenarios }) => scenarios)
        .sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name)),
      ...joinAuthorizations(runs.map(({ authorization }) => authorization)),
      ...joinServers(runs.map(({ servers }) => servers)),
      ...(config && { config: joinConfigs(config, runs, whole !== undefined) }),
      measured: {
        startedAt: runs.map(({ measured }) => measured.startedAt).sort()[0] ?? '',
        merged: runs.map(({ measured }) => measured),
      },
    },
    summary: {
      ...summary,
      status,
      ...joinServers(summaries.map(({ servers }) => servers)),
      planned: whole?.trials ?? summaries.reduce((sum, { planned }) => sum + planned, 0),
      tokenCounts: { ...summary.tokenCounts, label: labelOf(sumOfCounts(results)) },
      results,
      verdicts: inOrder(summaries.flatMap(({ verdicts }) => verdicts)),
      ...joinComparisons(summaries, inOrder),
    },
    missing,
  };
}

/** What the whole was asked for: shards were all asked for it, other parts each for their own scenarios. */
function joinConfigs(first: Config, runs: readonly RunRecord[], isSharded: boolean): Config {
  const { param } = first.options;
  const isSame = runs.every(({ config }) => isEqual(config?.options.param, param));
  const options = withoutNamed(first.options, isSame ? ['shard'] : ['shard', 'param']);
  const asked = isSharded ? first.scenarios : runs.flatMap(({ config }) => config?.scenarios ?? []);
  return { scenarios: [...new Set(asked)], options };
}

/** What a run of several repeats adds: variants against the reference variant, or each against itself. */
function joinComparisons(
  summaries: readonly Summary[],
  inOrder: <T extends { scenario: string }>(items: T[]) => T[],
): Pick<Summary, 'comparisons' | 'aa'> {
  const comparisons = summaries.flatMap((summary) => summary.comparisons ?? []);
  const withThemselves = summaries.flatMap((summary) => summary.aa?.comparisons ?? []);
  const decisive = inOrder(withThemselves).map(({ costUsd, billedTokens }) => costUsd ?? billedTokens);
  return {
    ...(summaries.some((summary) => summary.comparisons) && { comparisons: inOrder(comparisons) }),
    ...(summaries.some((summary) => summary.aa) && {
      aa: { comparisons: inOrder(withThemselves), falseAlarms: falseAlarmRate(decisive) },
    }),
  };
}

/** The same size of a scenario in two parts, even with equal figures: counting it twice would be as wrong as choosing one. */
function findDoubles(parts: readonly MergePart[]): string[] {
  const owners = Map.groupBy(
    parts.flatMap(({ name, run }) => pointsOf(run).map((point) => ({ name, point }))),
    ({ point }) => pointKey(point),
  );
  return [...owners.values()].flatMap((own) => {
    const [first, ...others] = own;
    if (!first || others.length === 0) return [];
    return [
      `Scenario ${first.point.scenario} (${describeParams(first.point.params)}) is in ${own.map(({ name }) => name).join(' and in ')}.`,
    ];
  });
}

/** Two sizes of a scenario are comparable where they were run by the same program. */
function findOtherFiles(parts: readonly MergePart[]): string[] {
  const all = parts.flatMap(({ name, run }) =>
    run.scenarios.map((scenario) => ({ part: name, ...scenario })),
  );
  return [...Map.groupBy(all, ({ name }) => name)].flatMap(([scenario, own]) => {
    const other = own.find(({ hash }) => hash !== own[0]?.hash);
    return other
      ? [`The files of scenario ${scenario} are others in ${own[0]?.part} than in ${other.part}.`]
      : [];
  });
}

function findMissing(parts: readonly MergePart[], order: readonly string[]): string[] {
  const partial = parts
    .filter(({ summary }) => summary.status === 'partial')
    .map(
      ({ name }) =>
        `${name} is partial: a planned trial, or a search for what flips a verdict, has not ended. Resume it, then merge again.`,
    );
  const shards = parts.flatMap(({ run }) => run.shard ?? []);
  const [first] = shards;
  if (!first) return partial;
  const { of } = first;
  const absent = Array.from({ length: of }, (_, at) => at + 1).flatMap((index) => {
    if (shards.some((shard) => shard.index === index)) return [];
    const lost = order.filter((_, position) => isOfShard(position, { index, of }));
    return `Shard ${index}/${of} is missing${lost.length > 0 ? `, with ${lost.join(', ')}` : '; it is empty'}.`;
  });
  return [...partial, ...absent];
}

/** What in the records of a part is its own: the rest must be alike in all parts, because it decides figures. */
const ownOf = {
  run: ['scenarios', 'status', 'measured', 'authorization', 'servers', 'shard', 'config'],
  summary: [
    ...['status', 'planned', 'servers', 'results', 'verdicts', 'measured', 'comparisons', 'aa'],
    'tokenCounts',
  ],
};

function conditionsOf({ run, summary }: MergePart): Record<string, unknown> {
  const { shard, config } = run;
  return {
    ...withoutNamed(run, ownOf.run),
    // Each part has its own sizes, which stand beside its scenarios; shards were asked for the same ones.
    options: config && withoutNamed(config.options, shard ? places : [...places, 'param']),
    summary: {
      ...withoutNamed(summary, ownOf.summary),
      tokenCounts: withoutNamed(summary.tokenCounts, ['label']),
    },
    shards: shard ? withoutNamed(shard, ['index']) : 'none',
  };
}

/** Which part a run was and where its files were are its own affair; options that change nothing are not recorded. */
const places = ['shard', 'cassetteDir', 'mcpConfig', 'lock'];

function withoutNamed(record: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
}

/** Every difference between the parts that forbids joining them, as `path: value in A, other value in B`. */
function findMixtures([first, ...others]: readonly MergePart[]): string[] {
  if (!first) return [];
  return others.flatMap((other) =>
    findDifferences('', conditionsOf(first), conditionsOf(other)).map(
      ({ path, a, b }) => `${path} is ${write(a)} in ${first.name} and ${write(b)} in ${other.name}.`,
    ),
  );
}

type Difference = { path: string; a: unknown; b: unknown };

function findDifferences(path: string, a: unknown, b: unknown): Difference[] {
  if (!isRecord(a) || !isRecord(b)) return isEqual(a, b) ? [] : [{ path, a, b }];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.flatMap((key) =>
    findDifferences(path === '' ? key : `${path}.${key}`, ownMember(a, key), ownMember(b, key)),
  );
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Long enough to see what is meant. */
const mostCharacters = 120;

function write(value: unknown): string {
  const text = value === undefined ? 'absent' : typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text;
}

/**
 * Writes a joined run to a new directory: traces, outcomes and searches of all parts under the names that one run gives them,
 * and under `parts/<number>` what each part says of itself, its audit log included, since logs that are chains cannot be
 * joined. Returns the summary as it was written.
 */
export function writeMerged(
  merged: Merge & { status: 'merged' },
  parts: readonly string[],
  out: string,
): Summary {
  const directory = createRunDirectory(out);
  try {
    const points = pointsOf(merged.run);
    for (const [index, part] of parts.entries()) copyPart(part, out, String(index + 1), points);
    writeJournal(merged.run, parts, join(out, journalFileName));
    directory.writeRun(merged.run);
    return directory.writeSummary(merged.summary);
  } catch (error) {
    if (error instanceof InfrastructureError) throw error;
    throw new InfrastructureError(`${out} cannot be written: ${messageOf(error)}`, { cause: error });
  } finally {
    directory.close();
  }
}

function copyPart(part: string, out: string, name: string, points: Point[]): void {
  const partPoints = pointsOf(readRecord(part));
  for (const point of partPoints) {
    for (const folder of ['trials', breakEvenFolderName]) {
      const from = join(part, folder, pointFolder(point, partPoints));
      if (!existsSync(from)) continue;
      const to = join(out, folder, pointFolder(point, points));
      // What lies there of further sizes is copied for itself.
      const isOwn = (path: string) => dirname(path) !== from || !basename(path).startsWith(sizeFolder);
      cpSync(from, to, { recursive: true, filter: isOwn });
    }
  }
  const own = join(out, partsFolderName, name);
  makeDirectory(own);
  // A part that was itself merged has its logs in parts of its own.
  for (const file of [runFileName, summaryFileName, auditFileName, partsFolderName]) {
    if (existsSync(join(part, file))) cpSync(join(part, file), join(own, file), { recursive: true });
  }
}

/** The outcomes of all trials and searches as one journal, since intervals are made of them. */
function writeJournal(run: RunRecord, parts: readonly string[], file: string): void {
  writeFileSync(file, toLine({ format: journalFormat, run }));
  for (const part of parts) {
    const journal = readJournal(join(part, journalFileName));
    const lines = [...(journal?.ended.values() ?? []), ...(journal?.foundItems.values() ?? [])];
    appendFileSync(file, lines.map(toLine).join(''));
  }
}
