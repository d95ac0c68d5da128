import { UsageError } from './errors.ts';

/** Longer names are compared by their first characters only, so that a hostile name costs no more than a usual one. */
const comparedCharacters = 64;

/**
 * Edit distance (insert, delete, replace, swap neighbours) between two strings, by optimal string alignment.
 * Both are cut to 64 characters first, which bounds the cost.
 */
export function editDistance(left: string, right: string): number {
  const a = left.slice(0, comparedCharacters);
  const b = right.slice(0, comparedCharacters);
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let distance = Math.min(
        (previous[j] ?? 0) + 1,
        (current[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + same,
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, (beforePrevious[j - 2] ?? 0) + 1);
      }
      current.push(distance);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/**
 * The `count` candidates most like `name`, best first, for "did you mean" in an error message. Case, `-` and `_`
 * do not count as differences; a candidate that contains the name, or is contained in it, ranks with the close ones.
 * Candidates that differ in more than a share `most` of their characters are left out, so the answer may be empty.
 */
export function nearest(name: string, candidates: readonly string[], count = 3, most = 0.5): string[] {
  const wanted = comparable(name);
  if (wanted === '') return [];
  const scored: { candidate: string; distance: number }[] = [];
  for (const candidate of candidates) {
    const distance = relativeDistance(wanted, comparable(candidate));
    if (distance <= most) scored.push({ candidate, distance });
  }
  scored.sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1));
  return scored.slice(0, count).map(({ candidate }) => candidate);
}

/** What `nearest` finds, as a sentence with a space before it; nothing where no candidate is near. */
export function tellNearest(name: string, candidates: readonly string[], count: number): string {
  const near = nearest(name, candidates, count);
  return near.length > 0 ? ` Nearest: ${near.join(', ')}.` : '';
}

/** The one of a name. Throws a `UsageError` with the `count` nearest names, and all that are known. */
export function findNamed<T>(
  what: string,
  name: string,
  all: readonly T[],
  nameOf: (each: T) => string,
  count: number,
): T {
  const found = all.find((each) => nameOf(each) === name);
  if (found !== undefined) return found;
  const names = all.map(nameOf);
  throw new UsageError(
    `Unknown ${what} "${name}".${tellNearest(name, names, count)} Known: ${names.join(', ')}.`,
  );
}

/** As many names as a line of a message has room for. */
const namesTold = 20;

/** As `tellNearest`, but where no candidate is near, says which there are. */
export function tellNearestOrKnown(name: string, candidates: readonly string[], count: number): string {
  const more = candidates.length > namesTold ? ` and ${candidates.length - namesTold} more` : '';
  const known = candidates.slice(0, namesTold).join(', ') || 'none';
  return tellNearest(name, candidates, count) || ` Known: ${known}${more}.`;
}

function comparable(name: string): string {
  return name
    .slice(0, comparedCharacters)
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
}

function relativeDistance(wanted: string, candidate: string): number {
  const longest = Math.max(wanted.length, candidate.length);
  const shortest = Math.min(wanted.length, candidate.length);
  if (shortest >= 3 && (candidate.includes(wanted) || wanted.includes(candidate))) {
    return 0.25 * (1 - shortest / longest);
  }
  if (longest - shortest > longest / 2) return 1;
  return editDistance(wanted, candidate) / Math.max(longest, 1);
}
