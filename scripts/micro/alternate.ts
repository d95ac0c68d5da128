import { Bench } from 'tinybench';

/** One side of a comparison: does a fixed amount of work each time it is called. `prepare` goes before and is not timed. */
export type Side = { name: string; run: () => Promise<void>; prepare?: () => Promise<void> };

/** Median milliseconds of each side, in the order given. */
export type Medians = { name: string; medianMs: number }[];

/**
 * Times the sides in alternating rounds (A B A B …) after one round that is not counted, so that a machine whose speed
 * drifts treats them alike, and takes the median of each.
 */
export async function alternate(sides: Side[], rounds: number): Promise<Medians> {
  const samples = sides.map((): number[] => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, side] of sides.entries()) {
      await side.prepare?.();
      const bench = new Bench({ iterations: 1, time: 0, warmup: false, throws: true });
      // Told, because finding out means to call it once more, and both calls would then run at the same time.
      bench.add(side.name, side.run, { async: true });
      const [task] = await bench.run();
      if (task?.result.state !== 'completed') throw new Error(`${side.name} did not complete.`);
      if (round > 0) samples[index]?.push(task.result.latency.mean);
    }
  }
  return sides.map(({ name }, index) => ({ name, medianMs: median(samples[index] ?? []) }));
}

function median(values: number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}
