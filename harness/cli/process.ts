import { constants } from 'node:os';
import { allowExit, guardProcess, guardWork } from './guard.ts';
import type { GuardedWork, Io } from './io.ts';
import { main } from './main.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Lets signals and uncaught faults end work in order. The first signal asks it to end with what it has, a second ends the
 * process at once. A signal's exit code is 128 + its number, as shells expect.
 */
function guard(work: GuardedWork): () => void {
  let interrupted = false;
  const onSignal = (signal: (typeof signals)[number]) => {
    const exitCode = 128 + constants.signals[signal];
    if (interrupted) {
      work.kill();
      allowExit();
      process.exit(exitCode);
    }
    interrupted = true;
    work.stop(exitCode, signal);
  };
  for (const signal of signals) process.on(signal, onSignal);
  const endGuard = guardWork({
    ...work,
    stop: (exitCode, why) => {
      interrupted = true;
      work.stop(exitCode, why);
    },
  });
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
    endGuard();
  };
}

const io: Io = {
  cwd: process.cwd(),
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  guard,
};

guardProcess();
process.exitCode = await main(process.argv.slice(2), io);
allowExit();
