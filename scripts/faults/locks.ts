import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import type { Finding, Part } from './part.ts';
import { nextMessage } from './processes.ts';

const worker = resolve(import.meta.dirname, 'lock-worker.ts');
const processes = 6;
const usualRounds = 200;
/** No process has this id: it is above the greatest that Linux gives. */
const deadPid = 2 ** 22 + 1;
/** Time for all to have got the word before they start. */
const aheadMs = 6;

/** What is in the way of a lock when the processes come. */
const beginnings: Record<string, (directory: string, round: number) => void> = {
  'nothing locked': () => {},
  'lock of a dead process': (directory, round) => {
    const owner = { pid: deadPid, host: hostname(), startTicks: String(round) };
    writeFileSync(join(directory, 'run.lock'), `${JSON.stringify(owner)}\n`);
  },
  'lock torn': (directory) => writeFileSync(join(directory, 'run.lock'), '{"pid": 1'),
};

/** Processes that want one run directory at the same moment: never two may write it, and one can. */
export const locks: Part = {
  name: 'locks',
  describes: `${processes} processes that lock one run directory at once`,
  jobs: 1,
  cases: async ({ count = usualRounds }) =>
    Object.entries(beginnings).map(([name, begin]) => ({
      name: name.replaceAll(' ', '-'),
      run: (folder) => race(folder, count, begin),
    })),
};

async function race(
  folder: string,
  rounds: number,
  begin: (directory: string, round: number) => void,
): Promise<Finding> {
  const started = performance.now();
  const directory = join(folder, 'run');
  mkdirSync(directory);
  const workers = Array.from({ length: processes }, () => fork(worker, [directory]));
  const problems: string[] = [];
  try {
    await Promise.all(workers.map(nextMessage));
    let winners = 0;
    for (let round = 0; round < rounds; round += 1) {
      begin(directory, round);
      const at = Date.now() + aheadMs;
      const answers = await Promise.all(workers.map((each) => ask(each, { at })));
      const won = answers.filter((answer) => answer.won).length;
      winners += won;
      if (won > 1 || answers.some(({ second }) => second))
        problems.push(`round ${round + 1}: ${won} writers`);
      const wrong = answers.find(({ said = '' }) => said.startsWith('not a usage error'));
      if (wrong) problems.push(`round ${round + 1}: ${wrong.said}`);
      await Promise.all(workers.map((each) => ask(each, { release: true })));
      if (won > 0) continue;
      // None got it: then the next that comes alone must.
      const [alone] = workers;
      if (alone && !(await ask(alone, { at: 0 })).won) problems.push(`round ${round + 1}: it stays locked`);
      if (alone) await ask(alone, { release: true });
      rmSync(join(directory, 'run.lock'), { force: true });
    }
    const seconds = (performance.now() - started) / 1000;
    if (problems.length > 0) {
      return {
        outcome: 'BAD',
        why: `${problems.length} of ${rounds} rounds: ${problems.slice(0, 3).join('; ')}`,
        seconds,
        peakMiB: 0,
      };
    }
    return {
      outcome: 'survived',
      why: `${rounds} rounds, ${winners} with a writer, none with two`,
      seconds,
      peakMiB: 0,
    };
  } finally {
    for (const each of workers) each.kill('SIGKILL');
  }
}

type Answer = { won?: boolean; second?: boolean; said?: string };

async function ask(each: ChildProcess, message: object): Promise<Answer> {
  const answer = nextMessage<Answer>(each);
  each.send(message);
  return answer;
}
