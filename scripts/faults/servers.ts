import { fork } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { newMark, runPatternbench } from './command.ts';
import { findProblems, toFinding } from './judge.ts';
import { httpModes, stdioModes } from './modes.ts';
import type { FaultCase, FaultOptions, Finding, Part } from './part.ts';
import { nextMessage } from './processes.ts';
import type { Expectation } from './usual.ts';
import { stdioEntry, writeWorkflow } from './workflow.ts';

const httpServer = resolve(import.meta.dirname, 'http/serve.ts');

/** Milliseconds that servers get to start and to answer: short where they hang, long where time must not decide. */
const hangingMs = 2_500;
const measuredMs = 45_000;
const usualLimitSeconds = 60;
/** Both patterns' traces and records of one large message. */
const mostDirectoryMiB = 1_200;

/** Hostile servers over stdio and HTTP, each in a run of both patterns. */
export const servers: Part = {
  name: 'servers',
  describes: 'hostile MCP servers over stdio and HTTP, in both patterns',
  cases: async (options) => [
    ...Object.entries(stdioModes).map(([name, mode]) => stdioCase(name, mode, options)),
    ...Object.entries(httpModes).map(([name, mode]) => httpCase(name, mode, options)),
  ],
};

function stdioCase(name: string, mode: Expectation, options: FaultOptions): FaultCase {
  return {
    name,
    run(folder) {
      const mark = newMark();
      writeWorkflow(folder, stdioEntry(name, mark));
      return runAgainst(folder, mode, mark, options);
    },
  };
}

function httpCase(name: string, mode: Expectation, options: FaultOptions): FaultCase {
  return {
    name,
    async run(folder) {
      const mark = newMark();
      const server = fork(httpServer, [name], { stdio: 'ignore' });
      try {
        const { url } = await nextMessage<{ url: string }>(server);
        writeWorkflow(folder, {
          url,
          headers: { authorization: 'Bearer canary' },
        });
        const finding = await runAgainst(folder, mode, mark, options);
        server.send('how many?');
        const { caught } = await nextMessage<{ caught: number }>(server);
        if (caught === 0) return finding;
        return {
          ...finding,
          outcome: 'BAD',
          why: `${caught} requests went to another server. ${finding.why}`,
        };
      } finally {
        server.kill('SIGKILL');
      }
    },
  };
}

async function runAgainst(
  folder: string,
  mode: Expectation,
  mark: string,
  { timeFactor }: FaultOptions,
): Promise<Finding> {
  const [connectMs, toolMs] = (['connect', 'call'] as const).map((limit) =>
    // Where either end is right, what is slow need not be waited for.
    mode.waitsFor === limit || mode.exits.length > 1 ? hangingMs : Math.round(measuredMs * timeFactor),
  );
  const args = [
    'run',
    './work',
    '--variants',
    'classic,code',
    '--set',
    'limits.concurrency=2',
    '--out',
    'out',
  ];
  const ended = await runPatternbench(
    [...args, '--set', `limits.connect=${connectMs}ms`, '--set', `limits.tool=${toolMs}ms`],
    {
      cwd: folder,
      limitSeconds: (mode.limitSeconds ?? usualLimitSeconds) * timeFactor,
      mark,
    },
  );
  const problems = findProblems(ended, mode);
  // What a call gives is in the traces; what is refused must be told.
  const mustSay = ended.code !== 0 && mode.exits.length === 1 ? (mode.says ?? '') : '';
  if (!(typeof mustSay === 'string' ? ended.stderr.includes(mustSay) : mustSay.test(ended.stderr)))
    problems.push(`it does not say ${mustSay}`);
  const sizeMiB = Math.round(sizeOf(folder) / 1024 ** 2);
  if (sizeMiB > mostDirectoryMiB) problems.push(`the run directory has ${sizeMiB} MiB`);
  return toFinding([ended], problems);
}

/** Bytes of all files below a folder. */
function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
