import { createRandom } from '../../../../mock-servers/random.ts';
import { noiseOf } from '../baseline.ts';
import { type Amount, judgeAmount, judgeRight, type Stage } from '../change.ts';

/** Shares of gates: stopped in all, at once or by the fresh sample; and of those, that asked for one. */
type Rates = { stopped: number; again: number };

/** How often a check of correctness stops where the true share was `before` and is `after`; exact, `n` trials each time. */
export function ratesOfCounts(n: number, before: number, after: number, gap = 0.05): Rates {
  const judged = outcomesOf(n, gap);
  let [stopped, again] = [0, 0];
  for (let b = 0; b <= n; b++) {
    const weight = binomial(b, n, before);
    const confirmed = sumOver(n, after, (a) => judged.fresh[b]?.[a] === 'breach');
    const atOnce = sumOver(n, after, (a) => judged.first[b]?.[a] === 'breach');
    const repeated = sumOver(n, after, (a) => judged.first[b]?.[a] === 'again');
    stopped += weight * (atOnce + repeated * confirmed);
    again += weight * repeated;
  }
  return { stopped, again };
}

const known = new Map<string, Record<Stage, string[][]>>();

function outcomesOf(n: number, gap: number): Record<Stage, string[][]> {
  const key = `${n} ${gap}`;
  const counts = Array.from({ length: n + 1 }, (_, right) => ({ right, trials: n }));
  const all = (stage: Stage) => counts.map((b) => counts.map((a) => judgeRight(b, a, gap, stage)));
  const outcomes = known.get(key) ?? { first: all('first'), fresh: all('fresh') };
  known.set(key, outcomes);
  return outcomes;
}

function sumOver(n: number, share: number, of: (right: number) => boolean): number {
  return Array.from({ length: n + 1 }, (_, right) => right)
    .filter(of)
    .reduce((sum, right) => sum + binomial(right, n, share), 0);
}

function binomial(k: number, n: number, p: number): number {
  if (p === 0 || p === 1) return Number(k === n * p);
  let log = k * Math.log(p) + (n - k) * Math.log1p(-p);
  for (let i = 1; i <= k; i++) log += Math.log(n - k + i) - Math.log(i);
  return Math.exp(log);
}

type AmountCase = {
  /** Trials of the baseline, and of the run and its fresh sample. */
  before: number;
  after: number;
  /** Standard deviation of the logarithm of one trial's amount. */
  spread: number;
  /** By what the true mean was multiplied. */
  factor: number;
  /** Such checks in the gate. */
  checks: number;
  runs: number;
  seed?: number;
};

/** How often a check of an amount stops, at once and in all; log-normal amounts, simulated from a seed. */
export function ratesOfAmounts(of: AmountCase): { atOnce: number; stopped: number } {
  const { before, after, spread, factor, checks, runs, seed = 1 } = of;
  const { normal } = createRandom(seed, 'gate');
  const draw = (trials: number, level: number): Amount => {
    const values = Array.from({ length: trials }, () => level * Math.exp(spread * normal()));
    return {
      mean: values.reduce((sum, value) => sum + value, 0) / trials,
      noise: noiseOf(values),
      trials,
    };
  };
  let [atOnce, stopped] = [0, 0];
  for (let run = 0; run < runs; run++) {
    const baseline = draw(before, 1);
    const limits = { allowed: 0.005, checks };
    const first = judgeAmount(baseline, draw(after, factor), limits);
    const isStopped =
      first === 'breach' ||
      (first === 'again' &&
        judgeAmount(baseline, draw(after, factor), { ...limits, stage: 'fresh' }) === 'breach');
    if (first === 'breach') atOnce += 1;
    if (isStopped) stopped += 1;
  }
  return { atOnce: atOnce / runs, stopped: stopped / runs };
}

/** Any of `checks` independent checks that each stop at this rate. */
export function rateOfGate(rate: number, checks: number): number {
  return 1 - (1 - rate) ** checks;
}
