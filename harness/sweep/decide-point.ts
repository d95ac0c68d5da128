import type { Result, Verdict } from '../run/summary.ts';
import { comparedBy } from '../verdict/verdict-schema.ts';
import type { PointVerdict } from './sweep-schema.ts';

/** What a point of a sweep keeps of its verdict: that of an ordinary run, by the same rule. */
export function toPointVerdict(verdict: Verdict, results: readonly Result[]): PointVerdict {
  const { pattern, ratio, flips } = verdict;
  const compared = comparedBy(verdict);
  const turned = (assume: string) => flips?.assumptions.find((each) => each.assume === assume);
  const uncached = turned('uncached');
  return {
    pattern,
    because: becauseOf(verdict, results),
    ratio,
    ...(compared && { compared }),
    uncached: uncached ? { pattern: uncached.pattern, ratio: uncached.ratio } : null,
    padded: turned('padded')?.pattern ?? null,
  };
}

function becauseOf({ because }: Verdict, results: readonly Result[]): PointVerdict['because'] {
  if (because.kind !== 'under_floor' && because.kind !== 'less_often_right') return 'value';
  const losing = because.kind === 'under_floor' ? because.sides : [because.side];
  const lost = results.filter(({ pattern }) => losing.some((side) => side === pattern));
  return lost.some(({ hypothetical }) => hypothetical?.correct === 1) ? 'window' : 'correctness';
}
