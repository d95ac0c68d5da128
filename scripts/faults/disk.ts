import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProblems, lastSentence, toFinding } from './judge.ts';
import type { FaultCase, Finding, Part } from './part.ts';
import { prepareSmallRun, recover, type SmallRun, uninterruptedOnce } from './reference-run.ts';

const sizesKiB = [8, 16, 40, 64, 100, 160];
/** What one file may hold, in KiB. */
const fileSizesKiB = [1, 4, 8, 16, 40];

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
  const problems = [...findProblems(full, { exits: [0, 2, 3] }), ...findTornFiles(out)];
  roomAgain();
  const recovered = await recover(run, wanted);
  const { refusal } = recovered;
  const why = `${lastSentence(full.stderr)}${refusal === undefined ? '' : ` Resumed: ${refusal}`}`;
  return toFinding([full, ...recovered.all], [...problems, ...recovered.problems], {
    done: full.code === 0,
    why,
  });
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
