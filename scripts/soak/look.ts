/** One row of a soak: figures in the order of the columns. `slack` is what two looks at the same state may differ by. */
export type Look = { name: string; value: number; slack?: number }[];

/** Bytes as whole MiB. */
export const mib = (bytes: number): number => Math.round(bytes / 1024 / 1024);

/** What this process holds in bytes, after a collection where `--expose-gc` allows one. */
export function hostMemory(): { residentBytes: number; heapBytes: number } {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return { residentBytes: rss, heapBytes: heapUsed };
}

/** Names of the figures that grew by more than their slack between the second look and the last; the first is a cold one. */
export function grown(looks: Look[]): string[] {
  const early = looks[1] ?? [];
  const late = looks.at(-1) ?? [];
  return late.flatMap(({ name, value, slack }, index) =>
    slack !== undefined && value > (early[index]?.value ?? 0) + slack ? [name] : [],
  );
}
