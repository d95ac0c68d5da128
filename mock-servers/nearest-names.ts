/**
 * Up to three of `names` that `wanted` may have meant: within a third of its length in edits, or containing it or
 * contained in it; nearest first, ties in the given order.
 */
export function nearestNames(wanted: string, names: readonly string[]): string[] {
  const target = wanted.slice(0, 64).toLowerCase();
  const limit = Math.max(2, Math.floor(target.length / 3));
  return names
    .map((name) => ({ name, edits: editDistance(target, name.toLowerCase()) }))
    .filter(({ name, edits }) => edits <= limit || overlaps(target, name.toLowerCase()))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, 3)
    .map(({ name }) => name);
}

function overlaps(a: string, b: string): boolean {
  return a.length >= 3 && b.length >= 3 && (a.includes(b) || b.includes(a));
}

/** Levenshtein distance by the two-row Wagner–Fischer method. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
