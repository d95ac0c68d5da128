/**
 * Lets six processes race for the lock of a run directory whose owner has died, 200 times, and tells how often more than one
 * became its writer: `node scripts/lock-race.ts [rounds]`. Ends with exit code 1 where that was ever so.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockRun, type RunLock } from '../harness/run/run-lock.ts';

const processes = 6;

/** No process has this id: it is above the greatest that Linux gives. */
const deadPid = 2 ** 22 + 1;

if (process.send) race();
else await referee(Number(process.argv[2] ?? 200));

/** A racer: tries each directory it is sent at the time that is sent with it, and holds what it won until the next. */
function race(): void {
  let lock: RunLock | undefined;
  process.on('message', ({ directory, at }: { directory: string; at: number }) => {
    lock?.release();
    lock = undefined;
    // A busy wait lets all of them begin within microseconds.
    while (Date.now() < at);
    try {
      lock = lockRun(directory);
    } catch {
      // Another was faster.
    }
    process.send?.(lock !== undefined);
  });
}

async function referee(rounds: number): Promise<void> {
  const racers = Array.from({ length: processes }, () => fork(import.meta.filename));
  const counts = [0, 0, 0];
  for (let round = 0; round < rounds; round += 1) {
    const directory = mkdtempSync(join(tmpdir(), 'lock-race-'));
    const owner = { pid: deadPid, host: hostname(), startTicks: `${round}` };
    writeFileSync(join(directory, 'run.lock'), JSON.stringify(owner));
    const answers = racers.map((racer) => new Promise((resolve) => racer.once('message', resolve)));
    for (const racer of racers) racer.send({ directory, at: Date.now() + 5 });
    const writers = (await Promise.all(answers)).filter(Boolean).length;
    const column = Math.min(writers, 2);
    counts[column] = (counts[column] ?? 0) + 1;
    rmSync(directory, { recursive: true });
  }
  for (const racer of racers) racer.disconnect();
  const [none, one, several] = counts;
  console.log(
    `${rounds} rounds, ${processes} processes: one writer ${one}, none ${none}, several ${several}`,
  );
  if (several) process.exitCode = 1;
}
