import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { retryDelayMs } from '../harness/agent/model/retry.ts';
import { number, percent } from '../harness/numbers.ts';
import { createRandom } from '../mock-servers/random.ts';
import { toMarkdownTable } from '../reports/text/markup.ts';

/** A live run, and the limits of its provider, which all machines share. Times in seconds, limits a minute. */
export type LiveRun = {
  trials: number;
  requestsPerTrial: number;
  /** Means of a request: the time to its answer, and input tokens that count against the limit. */
  seconds: number;
  tokens: number;
  requestLimit: number;
  tokenLimit: number;
  /** Trials that one machine plays at a time. */
  atOnce: number;
  /** How often a refused request is sent again, as `provider.retries` says. */
  retries: number;
};

/** What a run would take on so many machines. */
type Simulated = {
  hours: number;
  /** Attempts that the provider refused, over all attempts. */
  refused: number;
  /** Trials that gave up after the last retry: they are done again by a resumed run. */
  lost: number;
};

/**
 * Plays a live run on `machines`: each worker sends one request after another, and the provider refuses what is over a bucket of
 * tokens or requests that fills continuously. Refused requests wait as `retryDelayMs` has them wait. Times and sizes of requests
 * vary evenly by half around their mean. The same seed gives the same figures.
 */
export function simulate(run: LiveRun, machines: number, seed = 1): Simulated {
  const random = createRandom(seed, 'shards').next;
  const vary = (mean: number) => mean * (0.5 + random());
  const bucket = { requests: run.requestLimit, tokens: run.tokenLimit, at: 0 };
  const workers = createQueue();
  let begun = 0;
  let [attempts, refused, lost, end] = [0, 0, 0, 0];
  const begin = (at: number) => {
    if (begun >= run.trials) return;
    begun += 1;
    workers.add({ at, left: run.requestsPerTrial, failures: 0, tokens: vary(run.tokens) });
  };
  for (let worker = 0; worker < machines * run.atOnce; worker += 1) begin(0);
  for (let next = workers.take(); next; next = workers.take()) {
    const { at, left, failures, tokens } = next;
    const minutes = (at - bucket.at) / 60;
    bucket.requests = Math.min(run.requestLimit, bucket.requests + minutes * run.requestLimit);
    bucket.tokens = Math.min(run.tokenLimit, bucket.tokens + minutes * run.tokenLimit);
    bucket.at = at;
    attempts += 1;
    end = Math.max(end, at);
    if (bucket.requests >= 1 && bucket.tokens >= tokens) {
      bucket.requests -= 1;
      bucket.tokens -= tokens;
      const done = at + vary(run.seconds);
      end = Math.max(end, done);
      if (left === 1) begin(done);
      else workers.add({ at: done, left: left - 1, failures: 0, tokens: vary(run.tokens) });
      continue;
    }
    refused += 1;
    if (failures >= run.retries) {
      lost += 1;
      begin(at);
      continue;
    }
    const lacking = Math.max(
      (1 - bucket.requests) / run.requestLimit,
      (tokens - bucket.tokens) / run.tokenLimit,
    );
    // Providers name whole seconds.
    const asked = Math.ceil(lacking * 60) * 1000;
    const pause = retryDelayMs(failures + 1, asked, random) / 1000;
    workers.add({ at: at + pause, left, failures: failures + 1, tokens });
  }
  return { hours: end / 3600, refused: refused / attempts, lost };
}

/** A request that is about to be sent: when, how many its trial still has, and how often it was refused. */
type Pending = { at: number; left: number; failures: number; tokens: number };

/** Pending requests, the next one first: a binary heap. */
function createQueue() {
  const heap: Pending[] = [];
  const isBefore = (a: number, b: number) => (heap[a] as Pending).at < (heap[b] as Pending).at;
  const swap = (a: number, b: number) => {
    [heap[a], heap[b]] = [heap[b] as Pending, heap[a] as Pending];
  };
  return {
    add(pending: Pending) {
      heap.push(pending);
      for (let at = heap.length - 1; at > 0; ) {
        const above = (at - 1) >> 1;
        if (!isBefore(at, above)) break;
        swap(at, above);
        at = above;
      }
    },
    take(): Pending | undefined {
      const [first] = heap;
      const last = heap.pop();
      if (last === undefined || heap.length === 0) return first;
      heap[0] = last;
      for (let at = 0; ; ) {
        const below = [2 * at + 1, 2 * at + 2].filter((child) => child < heap.length);
        const least = below.reduce((best, child) => (isBefore(child, best) ? child : best), at);
        if (least === at) break;
        swap(at, least);
        at = least;
      }
      return first;
    },
  };
}

/*
 * Writes how long a live run takes on several machines into docs/ci.md: npm run table:shards. Its provider's limits are an example.
 */

export const guideFile = resolve(import.meta.dirname, '../docs/ci.md');

const liveRun: Omit<LiveRun, 'retries'> = {
  ...{ trials: 100_000, requestsPerTrial: 6, seconds: 4, tokens: 5_000, atOnce: 8 },
  ...{ requestLimit: 4_000, tokenLimit: 2_000_000 },
};

/** Retries by default, and the most that can be set. */
const retries = { few: 6, many: 20 };

/** The row of the table for so many machines. */
export function rowOf(machines: number): string[] {
  const few = simulate({ ...liveRun, retries: retries.few }, machines);
  const many = simulate({ ...liveRun, retries: retries.many }, machines);
  return [
    String(machines),
    `${number(many.hours)} h`,
    percent(many.refused),
    number(few.lost),
    number(many.lost),
  ];
}

function writeTable(): void {
  const table = toMarkdownTable({
    headings: [
      'machines',
      'time',
      'requests refused',
      `trials lost, ${retries.few} retries`,
      `trials lost, ${retries.many} retries`,
    ],
    align: ['r', 'r', 'r', 'r', 'r'],
    rows: [1, 2, 3, 4, 8, 16, 32].map(rowOf),
  });
  const text = readFileSync(guideFile, 'utf8');
  writeFileSync(
    guideFile,
    text.replace(/(?<=<!-- shards -->\n)[\s\S]*?(?=<!-- \/shards -->)/, () => `\n${table}\n\n`),
  );
}

if (import.meta.main) writeTable();
