import { createRandom } from '../../mock-servers/random.ts';
import type { Moment } from './command.ts';
import { lastSentence, toFinding } from './judge.ts';
import type { FaultCase, Finding, Part } from './part.ts';
import { prepareSmallRun, recover, uninterruptedOnce } from './reference-run.ts';

const rounds = 50;
/** A resumed run is killed again in one of so many rounds. */
const secondKillShare = 0.25;

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
  const begun = await run.begin({ killAt: first });
  const again = second === undefined ? [] : [await run.resume({ killAt: second })];
  const { last, all, problems, refusal } = await recover(run, wanted);
  if (begun.left.length > 0) problems.unshift(`the killed run left ${begun.left.join(', ')}`);
  const at = `killed ${describe(first)}${second ? ` and again ${describe(second)}` : ''}${begun.signal ? '' : ', too late'}`;
  const ended = last.code === 0 ? 'before it had begun' : `${refusal} ${lastSentence(last.stderr)}`;
  const why = refusal === undefined ? at : `${at}, ${ended}`;
  return toFinding([begun, ...again, ...all], problems, { why });
}

function describe({ lines, afterMs }: Moment): string {
  return `${(afterMs / 1000).toFixed(2)} s after ${lines === 0 ? 'its start' : `line ${lines}`}`;
}
