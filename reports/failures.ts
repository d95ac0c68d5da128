import { sumOfCounts } from '../harness/run/counts.ts';
import type { Result } from '../harness/run/summary.ts';
import { number } from './text/numbers.ts';

type Counts = Partial<Record<string, number>>;

/** What can go wrong in a trial without ending it: how many of a result's were so, of how many, and of which kinds. */
const failures: { item: string; counts: (result: Result) => Counts; of?: (result: Result) => number }[] = [
  { item: 'programs that failed', counts: failedPrograms, of: ({ programs }) => programs },
  {
    item: 'tool calls refused by policy',
    counts: ({ refusals, refusalCodes }) =>
      refusalCodes ?? (refusals > 0 ? { 'of unknown kind': refusals } : {}),
  },
  { item: 'tool calls stopped by the sandbox', counts: ({ stoppedCalls }) => stoppedCalls ?? {} },
];

/** Programs of a result that did not end well, by how they ended; of several trials, means. */
export function failedPrograms({ programEnds = {} }: Pick<Result, 'programEnds'>): Counts {
  const { ok: _, ...failed } = programEnds;
  return failed;
}

/** Rows of a table with a column for each result; only what any of them has. */
export function failureRows(results: readonly Result[]): string[][] {
  return failures
    .filter(({ counts }) => results.some((result) => sumOfCounts(counts(result)) > 0))
    .map((failure) => [failure.item, ...results.map((result) => describe(failure, result))]);
}

/** The same as notes, for results that have no column. */
export function failureNotes(results: readonly Result[]): string[] {
  return results.flatMap((result) =>
    failures
      .filter(({ counts }) => sumOfCounts(counts(result)) > 0)
      .map((failure) => `${result.variant}: ${failure.item}: ${describe(failure, result)}.`),
  );
}

/** Counts in words, such as `2 guest error, 1 timeout cpu`. */
export function listCounts(counts: Counts): string {
  return Object.entries(counts)
    .map(([name, count]) => `${number(count ?? 0)} ${name.replaceAll('_', ' ')}`)
    .join(', ');
}

function describe({ counts, of }: (typeof failures)[number], result: Result): string {
  const total = sumOfCounts(counts(result));
  const share = of && of(result) > 0 ? `${number(total)} of ${number(of(result))}` : number(total);
  return total > 0 ? `${share} (${listCounts(counts(result))})` : share;
}
