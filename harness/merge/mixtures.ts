import type { MergePart } from './merge.ts';

/** What must be alike in all parts, because it decides figures. The rest is theirs: scenarios, results, what was measured. */
function conditionsOf({ run, summary }: MergePart): Record<string, unknown> {
  const { scenarios: _, status: __, measured: ___, shard, config, ...record } = run;
  const {
    status: _status,
    planned: _planned,
    results: _results,
    verdicts: _verdicts,
    measured: _measured,
    comparisons: _comparisons,
    aa: _aa,
    ...rest
  } = summary;
  return {
    ...record,
    options: config && withoutPlaces(config.options),
    summary: rest,
    shards: shard ? { of: shard.of, scenarios: shard.scenarios, trials: shard.trials } : 'none',
  };
}

/** Which part a run was and where its files were are its own affair; options that change nothing are not recorded. */
const places = ['shard', 'cassetteDir', 'mcpConfig', 'lock'];

function withoutPlaces(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !places.includes(name)));
}

/** Every difference between the parts that forbids joining them, as `path: value in A, other value in B`. */
export function findMixtures(parts: readonly MergePart[]): string[] {
  const [first, ...others] = parts;
  if (!first) return [];
  return others.flatMap((other) =>
    findDifferences('', conditionsOf(first), conditionsOf(other)).map(
      ({ path, a, b }) => `${path} is ${write(a)} in ${first.name} and ${write(b)} in ${other.name}.`,
    ),
  );
}

type Difference = { path: string; a: unknown; b: unknown };

function findDifferences(path: string, a: unknown, b: unknown): Difference[] {
  if (!isObject(a) || !isObject(b)) return JSON.stringify(a) === JSON.stringify(b) ? [] : [{ path, a, b }];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.flatMap((key) => findDifferences(path === '' ? key : `${path}.${key}`, a[key], b[key]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Long enough to see what is meant. */
const mostCharacters = 120;

function write(value: unknown): string {
  const text = value === undefined ? 'absent' : typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text;
}
