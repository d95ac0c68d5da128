/** How often something occurred, by its name; what did not occur is absent. */
export type Counts = Partial<Record<string, number>>;

/** The sums of counts by name, names sorted, so that they are written alike wherever they were counted. */
export function addCounts(all: readonly Counts[]): Record<string, number> {
  return combine(all, 1);
}

/** The means of counts by name; where one lacks a name, there were none of it. */
export function meanCounts(all: readonly Counts[]): Record<string, number> {
  return combine(all, all.length);
}

export function sumOfCounts(counts: Counts): number {
  return Object.values(counts).reduce<number>((sum, count) => sum + (count ?? 0), 0);
}

export function isEmpty(counts: Counts): boolean {
  return Object.keys(counts).length === 0;
}

function combine(all: readonly Counts[], divisor: number): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const counts of all) {
    for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + (count ?? 0);
  }
  const sorted = Object.entries(sums).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, sum]) => [name, sum / divisor]));
}
