import { readFileSync } from 'node:fs';
import { createSandbox } from '../../harness/sandbox/create.ts';
import { childPids } from '../../harness/sandbox/process.ts';
import { hostMemory, type Look, mib } from './look.ts';

const MB = 1_000_000;
const inFlight = 64;
const argumentChars = 25_000;
const resultChars = 175_000;
const callBytes = argumentChars + resultChars;

/**
 * Streams so many megabytes through one program that keeps nothing, 64 calls in flight, and looks ten times at what its
 * process and this one hold. Needs /proc for the child's figures.
 * @throws Error where the program does not live to its end.
 */
export async function soakStream(megabytes: number): Promise<Look[]> {
  const rounds = Math.ceil((megabytes * MB) / (inFlight * callBytes));
  const calls = rounds * inFlight;
  const source = `const s = 'x'.repeat(${argumentChars});
    for (let round = 0; round < ${rounds}; round++) {
      await Promise.all(Array.from({ length: ${inFlight} }, () => mcp.s.exchange({ s })));
    }`;
  const valueJson = JSON.stringify({ s: 'y'.repeat(resultChars) });
  const sandbox = await createSandbox({ warm: 1 });
  const [child] = childPids();
  const looks: Look[] = [];
  let made = 0;
  const look = () => {
    const { residentBytes, heapBytes } = hostMemory();
    const passed = Math.round((made * callBytes) / MB);
    looks.push([
      { name: 'MB through', value: passed },
      { name: 'child resident MiB', value: childResidentMib(child), slack: 60 },
      { name: 'host resident MiB', value: mib(residentBytes), slack: 60 },
      { name: 'host heap MiB', value: mib(heapBytes), slack: 20 },
    ]);
    console.error(`${passed} of ${megabytes} MB`);
  };
  look();
  const step = Math.ceil(calls / 10);
  const end = await sandbox.run(
    { source, api: { s: ['exchange'] } },
    {
      limits: { calls, cpuMs: 600_000, wallMs: 1_200_000 },
      async call() {
        made += 1;
        if (made % step === 0 || made === calls) look();
        return { ok: true, valueJson };
      },
    },
  );
  await sandbox.close();
  if (end.status !== 'ok') throw new Error(`The program ended ${end.status} after ${made} calls.`);
  console.error(
    `${(end.measured.wallMs / 1000).toFixed(1)} s, ${(end.measured.cpuMs / 1000).toFixed(1)} s of CPU time`,
  );
  return looks;
}

function childResidentMib(pid: number | undefined): number {
  if (process.platform !== 'linux') return 0;
  return mib(Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * 4096);
}
