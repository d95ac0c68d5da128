import { createRandom } from '../../mock-servers/random.ts';
import type { Ended, Moment } from './command.ts';
import { findProblems, lastSentence } from './judge.ts';
import type { FaultCase, Finding, Part } from './part.ts';
import { firstDifference, prepareSmallRun, uninterruptedOnce } from './reference-run.ts';

const rounds = 50;
/** A resumed run is killed again in one of so many rounds. */
const secondKillShare = 0.25;
const bounds = { mostMiB: 700, mostPrinted: 256 * 1024 };

/** Kills runs at random moments and resumes them: the summary must be that of a run which nothing disturbed. */
export const kills: Part = {
  name: 'kills',
  describes: 'SIGKILL at random moments of a run, then resume',
  async cases({ seed, count = rounds, timeFactor }) {
    const random = createRandom(seed, 'faults/kills');
    // Each moment is a share of the run, so that a seed means the same on fast machines and slow ones.
    const moments = Array.from({ length: count }, () => ({
      first: random.next(),
      second: random.chance(secondKillShare) ? random.next() : undefined,
    }));
    const reference = uninterruptedOnce(timeFactor);
    return moments.map(
      ({ first, second }, index): FaultCase => ({
        name: `kill-${index + 1}`,
        async run(folder) {
          const { summary, times } = await reference();
          const again =
            second === undefined ? undefined : { lines: 0, afterMs: second * (times.at(-1) ?? 0) };
          return killAndResume(folder, toMoment(first, times), again, summary, timeFactor);
        },
      }),
    );
  },
};

/** The moment at a share of a run that showed its lines at these times. */
function toMoment(share: number, times: number[]): Moment {
  const ms = share * (times.at(-1) ?? 0);
  const lines = times.filter((time) => time <= ms).length;
  return { lines, afterMs: ms - (times[lines - 1] ?? 0) };
}

async function killAndResume(
  folder: string,
  first: Moment,
  second: Moment | undefined,
  wanted: string,
  timeFactor: number,
): Promise<Finding> {
  const run = prepareSmallRun(folder, timeFactor);
  const all: Ended[] = [await run.begin({ killAt: first })];
  const begun = all[0];
  const problems = begun && begun.left.length > 0 ? [`the killed run left ${begun.left.join(', ')}`] : [];
  if (second !== undefined) all.push(await run.resume({ killAt: second }));
  let last = await run.resume();
  all.push(last);
  const refusal = last.code === 0 ? undefined : lastSentence(last.stderr);
  if (refusal !== undefined) {
    problems.push(...findProblems(last, { ...bounds, exits: [2, 3] }));
    // What was killed before it had begun is begun again in the same place.
    last = await run.begin();
    all.push(last);
  }
  problems.push(...findProblems(last, { ...bounds, exits: refusal === undefined ? [0] : [0, 2, 3] }));
  if (last.code === 0) {
    const found = run.summary() ?? '';
    if (found !== wanted) problems.push(`another summary, ${firstDifference(wanted, found)}`);
    const audit = await run.verifyAudit();
    if (audit.code !== 0)
      problems.push(`its audit log does not verify: ${lastSentence(audit.stderr + audit.stdout)}`);
  }
  const at = `killed ${describe(first)}${second ? ` and again ${describe(second)}` : ''}${begun?.signal ? '' : ', too late'}`;
  const seconds = Math.max(...all.map((ended) => ended.seconds));
  const peakMiB = Math.max(...all.map((ended) => ended.peakMiB));
  if (problems.length > 0) return { outcome: 'BAD', why: `${at}: ${problems.join('; ')}`, seconds, peakMiB };
  if (last.code !== 0)
    return { outcome: 'told', why: `${at}: ${refusal} ${lastSentence(last.stderr)}`, seconds, peakMiB };
  return {
    outcome: 'survived',
    why: refusal === undefined ? at : `${at}, before it had begun`,
    seconds,
    peakMiB,
  };
}

function describe({ lines, afterMs }: Moment): string {
  return `${(afterMs / 1000).toFixed(2)} s after ${lines === 0 ? 'its start' : `line ${lines}`}`;
}
