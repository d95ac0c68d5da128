/**
 * Prints how often the verdict's rule is right, where the truth is known: by enumeration for the guard of correctness, by
 * simulation for false verdicts, power and coverage. The defaults of the policy were chosen by these tables.
 * Run: npm run tables:verdict -- [runs], 2,000 of a cell by default, twice as many for coverage. The same runs give the same
 * tables.
 */
import { defaultPolicy } from '../harness/analysis/verdict/comparison.ts';
import { decide } from '../harness/analysis/verdict/decide.ts';
import {
  between,
  binomial,
  comparisonsOf,
  type Truth,
  trialsOf,
} from '../harness/analysis/verdict/testing/draw.ts';
import type { Decision } from '../harness/results/verdict.ts';

const runs = Number(process.argv[2] ?? 2000);
const sizes = [5, 10, 15, 20, 50];
const noises = [0.1, 0.3, 0.5];
type Rates = Record<Decision['pattern'], number>;
const none = (): Rates => ({ classic: 0, code: 0, either: 0, neither: 0, insufficient: 0 });
const percent = (share: number) => (100 * share).toFixed(1);
const row = (name: string, cells: readonly string[]) =>
  console.log(name.padEnd(30), cells.map((cell) => cell.padEnd(22)).join(''));

/** The answers to every outcome of `trials` trials, at a tenth of the cost. */
function answers(trials: number): Decision['pattern'][][] {
  const factor = (number: number) => 1 + 0.001 * (number % 3);
  return Array.from({ length: trials + 1 }, (_, classic) =>
    Array.from(
      { length: trials + 1 },
      (_, code) =>
        decide(between(trialsOf(trials, classic, 1, factor), trialsOf(trials, code, 0.1, factor))).pattern,
    ),
  );
}

function printGuard(): void {
  const shares = [
    [1, 1],
    [0.95, 0.95],
    [0.9, 0.9],
    [0.7, 0.7],
    [1, 0.6],
    [0.95, 0.8],
    [0.9, 0.8],
  ] as const;
  console.log('Guard, exact, code at a tenth of the cost: code/classic/neither/insufficient in %');
  row(
    'trials',
    shares.map(([classic, code]) => `${classic} v ${code}`),
  );
  for (const trials of sizes) {
    const table = answers(trials);
    const cells = shares.map(([classic, code]) => {
      const rates = none();
      for (const [c, patterns] of table.entries()) {
        for (const [k, pattern] of patterns.entries())
          rates[pattern] += binomial(c, trials, classic) * binomial(k, trials, code);
      }
      return [rates.code, rates.classic, rates.neither, rates.insufficient].map(percent).join('/');
    });
    row(`n=${trials}`, cells);
  }
}

/** Shares of answers, and how often the interval holds the true ratio. */
function simulate(truth: Truth, count: number, seed: number): { rates: Rates; covered: number } {
  const draw = comparisonsOf(truth, seed);
  const rates = none();
  let covered = 0;
  for (let run = 0; run < count; run++) {
    const { pattern, ratio } = decide(draw(), defaultPolicy);
    rates[pattern] += 1 / count;
    if (ratio && ratio.low <= truth.ratio && truth.ratio <= ratio.high) covered += 1 / count;
  }
  return { rates, covered };
}

function printEqual(): void {
  console.log(`\nEverything equal, ${runs} runs: false verdicts in % / coverage in %, of the worst noise`);
  row(
    'variants, share right',
    sizes.map((n) => `n=${n}`),
  );
  for (const variants of [
    [1, 1],
    [3, 3],
    [6, 6],
    [1, 6],
  ] as const) {
    for (const share of [0.95, 0.9]) {
      const cells = sizes.map((trials) => {
        const all = noises.map((noise, index) =>
          simulate(
            { trials, noise, classic: share, code: share, ratio: 1, variants },
            runs,
            1000 * trials + index,
          ),
        );
        const worst = Math.max(...all.map(({ rates }) => rates.classic + rates.code + rates.neither));
        return `${percent(worst)} / ${percent(Math.min(...all.map(({ covered }) => covered)))}`;
      });
      row(`${variants.join(' x ')}, ${share}`, cells);
    }
  }
}

function printCoverage(): void {
  console.log(`\nCoverage in %, all right, ${2 * runs} runs, noise ${noises.join(' / ')}`);
  row(
    'variants',
    sizes.map((n) => `n=${n}`),
  );
  for (const variants of [
    [1, 1],
    [1, 6],
  ] as const) {
    const cells = sizes.map((trials) =>
      noises
        .map((noise, index) =>
          percent(
            simulate(
              { trials, noise, classic: 1, code: 1, ratio: 0.8, variants },
              2 * runs,
              77 * trials + index,
            ).covered,
          ),
        )
        .join(' / '),
    );
    row(variants.join(' x '), cells);
  }
}

function printPower(): void {
  console.log(
    `\nBoth 95 % right: "code" in % (at ratio 1: "either"), ${runs / 4} runs, noise ${noises.join(' / ')}`,
  );
  row(
    'ratio',
    sizes.map((n) => `n=${n}`),
  );
  for (const ratio of [0.1, 0.5, 0.9, 1]) {
    const cells = sizes.map((trials) =>
      noises
        .map((noise, index) => {
          const truth = { trials, noise, classic: 0.95, code: 0.95, ratio };
          const { rates } = simulate(truth, runs / 4, 13 * trials + index);
          return percent(ratio === 1 ? rates.either : rates.code);
        })
        .join(' / '),
    );
    row(String(ratio), cells);
  }
}

printGuard();
printEqual();
printCoverage();
printPower();
