import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProblems, lastSentence } from './judge.ts';
import type { FaultCase, Finding, Part } from './part.ts';
import { firstDifference, prepareSmallRun, type SmallRun, uninterruptedOnce } from './reference-run.ts';

const sizesKiB = [8, 16, 40, 64, 100, 160];
/** What one file may hold, in KiB. */
const fileSizesKiB = [1, 4, 8, 16, 40];
const bounds = { mostMiB: 700, mostPrinted: 256 * 1024 };

/** Disks that fill up under a run; with room again, the run is resumed to the summary of one that nothing disturbed. */
export const disk: Part = {
  name: 'disk',
  describes: 'a disk that fills up, and files that may not grow',
  async cases({ timeFactor }) {
    const wanted = uninterruptedOnce(timeFactor);
    return [
      ...sizesKiB.map(
        (size): FaultCase => ({
          name: `disk-${size}k`,
          async run(folder) {
            const place = join(folder, 'small');
            mkdirSync(place);
            if (!mount(place, `${size}k`))
              return skipped('mounting a file system of a given size takes root');
            try {
              const run = prepareSmallRun(folder, timeFactor, 'small/out');
              const roomAgain = () => void execFileSync('mount', ['-o', 'remount,size=64m', place]);
              return await fillAndResume(
                run,
                join(place, 'out'),
                undefined,
                roomAgain,
                (await wanted()).summary,
              );
            } finally {
              execFileSync('umount', ['--lazy', place]);
            }
          },
        }),
      ),
      ...fileSizesKiB.map(
        (size): FaultCase => ({
          name: `file-${size}k`,
          async run(folder) {
            if (process.platform === 'win32') return skipped('there is no limit on the size of files');
            const run = prepareSmallRun(folder, timeFactor);
            return fillAndResume(
              run,
              join(folder, 'out'),
              `ulimit -f ${size}`,
              () => {},
              (await wanted()).summary,
            );
          },
        }),
      ),
    ];
  },
};

async function fillAndResume(
  run: SmallRun,
  out: string,
  before: string | undefined,
  roomAgain: () => void,
  wanted: string,
): Promise<Finding> {
  const full = await run.begin(before === undefined ? {} : { before });
  const problems = findProblems(full, { ...bounds, exits: [0, 2, 3] });
  problems.push(...findTornFiles(out));
  roomAgain();
  let last = await run.resume();
  let refusal: string | undefined;
  if (last.code !== 0) {
    refusal = lastSentence(last.stderr);
    problems.push(...findProblems(last, { ...bounds, exits: [2, 3] }));
    last = await run.begin();
  }
  problems.push(...findProblems(last, { ...bounds, exits: refusal === undefined ? [0] : [0, 2, 3] }));
  if (last.code === 0) {
    const found = run.summary() ?? '';
    if (found !== wanted) problems.push(`another summary with room, ${firstDifference(wanted, found)}`);
    const audit = await run.verifyAudit();
    if (audit.code !== 0)
      problems.push(`its audit log does not verify: ${lastSentence(audit.stderr + audit.stdout)}`);
  }
  const seconds = Math.max(full.seconds, last.seconds);
  const peakMiB = Math.max(full.peakMiB, last.peakMiB);
  const why = `${lastSentence(full.stderr)}${refusal === undefined ? '' : ` Resumed: ${refusal}`}`;
  if (problems.length > 0) return { outcome: 'BAD', why: `${problems.join('; ')}. ${why}`, seconds, peakMiB };
  return { outcome: full.code === 0 ? 'survived' : 'told', why, seconds, peakMiB };
}

/** JSON files that are not whole. Of a log, only the last line may be torn. */
function findTornFiles(out: string): string[] {
  if (!existsSync(out)) return [];
  const files = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.flatMap(({ parentPath, name }) => {
    const text = readFileSync(join(parentPath, name), 'utf8');
    const whole = name.endsWith('.json')
      ? [text]
      : name.endsWith('.jsonl')
        ? text.split('\n').slice(0, -1)
        : [];
    return whole.every(isJson) ? [] : [`${name} is torn`];
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function mount(place: string, size: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', place], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function skipped(why: string): Finding {
  return { outcome: 'skipped', why, seconds: 0, peakMiB: 0 };
}
