/**
 * Plays what can be played of independent measurements, and writes how far our figures agree with theirs:
 * `npm run published -- agreement.md`. Everything is scripted: the same code gives the same file.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { InfrastructureError } from '../harness/errors.ts';
import { findModel } from '../harness/meter/catalogue.ts';
import type { Result } from '../harness/results/summary.ts';
import { createSandbox } from '../harness/sandbox/create.ts';
import type { Sandbox } from '../harness/sandbox/sandbox.ts';
import { assertRight, measure } from './in-process.ts';
import { findBreakEven, rangeOf } from './published/agreement.ts';
import { breakEven, type Measurement, measurements, type Play } from './published/measurements.ts';
import { type Played, toReport } from './published/report.ts';

const file = resolve(import.meta.dirname, '../reports/published/agreement.md');

/** Both sides of a play. */
type Pair = { classic: Result; code: Result };

type Player = (play: Play) => Promise<Pair>;

/** Plays what it has not played yet. Run directories go into the folder `runs`. */
function createPlayer(runs: string, sandbox: Sandbox): Player {
  const played = new Map<string, Promise<Pair>>();
  return (play) => {
    const key = JSON.stringify(play);
    const pair = played.get(key) ?? run(play, join(runs, String(played.size)), sandbox);
    played.set(key, pair);
    return pair;
  };
}

/** Runs a scenario in two variants, without a model or a network. Throws where a side was not right. */
async function run(
  { scenario, params, classic, code, model }: Play,
  out: string,
  sandbox: Sandbox,
): Promise<Pair> {
  const variants = ['--variants', `${classic},${code}`, '--model', model, '--out', out];
  const { results } = await measure(scenario, params, [...variants, '--set', 'limits.concurrency=2'], {
    sandbox,
  });
  const find = (variant: string): Result => {
    const result = results.find((each) => each.variant === variant);
    if (result) return assertRight(result);
    throw new InfrastructureError(`${scenario} has no result in ${variant}.`);
  };
  return { classic: find(classic), code: find(code) };
}

/** What a side took, with what the source's client sends of its own in both patterns. */
function amountOf(result: Result, { quantity, client }: NonNullable<Measurement['played']>): number {
  const { eachRequest, eachRun } = client ?? { eachRequest: 0, eachRun: 0 };
  const clientTokens = eachRequest * result.roundTrips + eachRun;
  switch (quantity) {
    case 'input':
      return result.tokens.input + clientTokens;
    case 'requests':
      return result.roundTrips;
    case 'cost':
      return inUsd(result.costUsd);
    case 'warm':
      return (
        inUsd(result.otherwise?.assumed.warm?.costUsd ?? null) +
        (clientTokens * cacheReadPrice(result.model)) / 1e6
      );
  }
}

function inUsd(cost: Result['costUsd']): number {
  if (cost) return cost.cached;
  throw new InfrastructureError('A play has no price; a measurement of cost needs a model with one.');
}

/** USD per million tokens that are read from the cache. */
function cacheReadPrice(model: string): number {
  const price = findModel(model).prices[0]?.cacheRead;
  if (price !== undefined && price !== null) return price;
  throw new InfrastructureError(`${model} has no price for what is read from the cache.`);
}

/** Tokens of what a model reads before it asks for anything, and of what it writes to ask. */
function askedTokens({ ledger }: Result): number {
  const before = new Set(['tool_definitions', 'instructions', 'frame']);
  const asking = new Set(['tool_calls', 'code', 'discovery']);
  return ledger.reduce((sum, row) => {
    const counts =
      row.direction === 'output'
        ? asking.has(row.category)
        : row.history === 'new' && before.has(row.category);
    return counts ? sum + row.tokens : sum;
  }, 0);
}

async function playAll(play: Player): Promise<Played[]> {
  const rows: Played[] = [];
  for (const { counted, name, as, why } of breakEven.rows) {
    const amount = counted === 'asked' ? askedTokens : ({ tokens }: Result) => tokens.billed;
    const calls = await findBreakEven(1, breakEven.most, async (size) => {
      const { classic, code } = await play(breakEven.play(size));
      return amount(code) - amount(classic);
    });
    rows.push({ kind: 'break-even', measurement: breakEven, name, as, why, ours: calls });
  }
  for (const measurement of measurements) {
    if (measurement.played) rows.push(await playOne(measurement, measurement.played, play));
  }
  return rows;
}

async function playOne(
  measurement: Measurement,
  played: NonNullable<Measurement['played']>,
  play: Player,
): Promise<Played> {
  const pairs: Pair[] = [];
  for (const wanted of played.plays) pairs.push(await play(wanted));
  const ratios = pairs.map(({ classic, code }) => amountOf(code, played) / amountOf(classic, played));
  const [only] = pairs;
  const requests = only && { classic: only.classic.roundTrips, code: only.code.roundTrips };
  return {
    kind: 'ratio',
    measurement,
    ours: ratios.length > 1 ? rangeOf(ratios) : { value: ratios[0] ?? Number.NaN },
    ...(pairs.length === 1 && requests && { requests }),
  };
}

const runs = mkdtempSync(join(tmpdir(), 'patternbench-published-'));
const sandbox = await createSandbox({ warm: 0 });
try {
  writeFileSync(file, toReport(await playAll(createPlayer(runs, sandbox)), measurements));
} finally {
  await sandbox.close();
  rmSync(runs, { recursive: true, force: true });
}
