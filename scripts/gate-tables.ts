/**
 * Prints how often the gate stops and how often it alarms for nothing. Run: npm run tables:gate -- [runs], 4,000 by
 * default. Counts are exact; amounts are log-normal and simulated from a fixed seed.
 */
import { judgeRight, trialsToShowFall, trialsToShowRise } from '../harness/analysis/gate/change.ts';
import { rateOfGate, ratesOfAmounts, ratesOfCounts } from '../harness/analysis/gate/testing/gate-rates.ts';

const runs = Number(process.argv[2] ?? 4000);
const allowed = 0.005;
const gap = 0.05;
const percent = (share: number, digits = 0) => (100 * share).toFixed(digits);

function print(title: string, rows: (string | number)[][]): void {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => String(row[column]).length)),
  );
  const lines = rows.map((row) =>
    row.map((cell, column) => String(cell).padStart(widths[column] ?? 0)).join('  '),
  );
  console.log(`${title}\n${lines.join('\n')}\n`);
}

const falls = [
  [5, 5, 0, 5],
  [5, 5, 1, 5],
  [5, 5, 2, 5],
  [10, 10, 5, 10],
  [10, 10, 6, 10],
  [10, 10, 7, 10],
  [3, 3, 0, 3],
  [20, 20, 16, 20],
  [20, 20, 18, 20],
  [19, 20, 20, 20],
] as const;
print('Correctness, before and after', [
  ['before', 'after', 'result'],
  ...falls.map(([right, of, now, ofNow]) => [
    `${right}/${of}`,
    `${now}/${ofNow}`,
    judgeRight({ right, trials: of }, { right: now, trials: ofNow }, gap),
  ]),
]);

const counts = [3, 5, 10, 15, 20, 50];
print('Correctness unchanged, exact: % of checks, and of gates of ten such checks, that stop', [
  ['trials', ...[0.95, 0.9, 0.8].flatMap((share) => [`at ${share}`, 'gate'])],
  ...counts.map((n) => [
    n,
    ...[0.95, 0.9, 0.8].flatMap((share) => {
      const { stopped } = ratesOfCounts(n, share, share, gap);
      return [percent(stopped, 2), percent(rateOfGate(stopped, 10), 1)];
    }),
  ]),
]);
const drops = [
  [1, 0.5],
  [0.95, 0.6],
  [0.95, 0.8],
] as const;
print('Correctness fell, exact: % of checks that stop (of which by way of a fresh sample asked for)', [
  ['trials', ...drops.map(([from, to]) => `${from} to ${to}`)],
  ...counts.map((n) => [
    n,
    ...drops.map(([from, to]) => {
      const { stopped, again } = ratesOfCounts(n, from, to, gap);
      return `${percent(stopped)} (${percent(again)})`;
    }),
  ]),
]);

const samples = [
  [4, 4],
  [5, 5],
  [10, 10],
  [20, 20],
  [20, 5],
] as const;
const rows = samples.flatMap(([before, after]) =>
  [0.03, 0.1, 0.3, 0.5].map((spread) => {
    const at = (factor: number, often: number) =>
      ratesOfAmounts({ before, after, spread, factor, checks: 30, runs: often });
    const both = ({ atOnce, stopped }: ReturnType<typeof at>) => `${percent(atOnce)}/${percent(stopped)}`;
    const { stopped } = at(1, runs);
    const powers = [2, 1.2, 1.05].map((factor) => both(at(factor, runs / 8)));
    return [
      `${before} to ${after}`,
      spread,
      ...powers,
      percent(stopped, 2),
      percent(rateOfGate(stopped, 30), 1),
    ];
  }),
);
print(`Amounts, 30 checks, ${runs} runs: % that stop at once / in all; and with nothing changed`, [
  ['trials', 'noise', 'x2', '+20 %', '+5 %', 'false: check', 'gate of 30'],
  ...rows,
]);

const shares = [
  [1, 1],
  [4, 5],
  [8, 10],
  [7, 10],
  [5, 10],
] as const;
print('Trials that a baseline needs to stop a fall to no right answer', [
  ['right', 'trials'],
  ...shares.map(([right, trials]) => [
    `${right}/${trials}`,
    trialsToShowFall({ right, trials }, gap) ?? 'none',
  ]),
]);
print('Trials that are needed to see an amount rise, four times in five', [
  ['noise', 'x2', 'x1.5', 'x1.2', 'x1.05'],
  ...[0.03, 0.1, 0.3, 0.5].map((noise) => [
    noise,
    ...[2, 1.5, 1.2, 1.05].map((factor) => trialsToShowRise(noise, factor, allowed) ?? '> 10,000'),
  ]),
]);
