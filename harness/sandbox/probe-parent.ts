/*
 * A parent that will be killed: starts a sandbox with a program that computes for ever, prints the process ids of its
 * children, and waits. Only probe.ts starts it, to see whether the children outlive it.
 */

import type { IsolationLevel } from '../results/codes.ts';
import { createSandbox } from './create.ts';
import type { Wall } from './isolation.ts';
import { childPids } from './process.ts';

const [level, ...without] = process.argv.slice(2);
const sandbox = await createSandbox(
  { level: level as IsolationLevel, warm: 1 },
  { without: without as Wall[] },
);
const program = await sandbox.open(
  { source: 'for (;;);', api: {} },
  { limits: { cpuMs: 30_000, wallMs: 30_000 } },
);
void program.advance([]);
setTimeout(() => process.stdout.write(`${JSON.stringify(childPids())}\n`), 150);
