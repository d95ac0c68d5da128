import type { JsonObject } from '../../json.ts';
import type { CallResult } from '../../sandbox/sandbox.ts';

/** A thing that a result named, such as an id, and where it stood. */
export type Named = { place: string; value: string | number };

/** A call as a program made it when it first ran, with its result. */
export type MadeCall = {
  server: string;
  /** The identifier under `mcp.<server>`. */
  tool: string;
  args: JsonObject;
  /** Whether the tool may change something: it is not plainly annotated as read-only. */
  writes: boolean;
  result: CallResult;
  /** What its result names otherwise each time; none where it names nothing of the kind. */
  names?: readonly Named[];
};

/** A call that a message asks for. */
export type ScheduledCall = Pick<MadeCall, 'server' | 'tool' | 'args' | 'names'>;

/** How the direct calls of a scenario's steps are asked for. */
export type Schedule = {
  /** `ahead`: as early as is honest. `pinned`: some reads keep behind writes. `written`: in the program's own order. */
  played: 'ahead' | 'pinned' | 'written';
  /** Why it is not `ahead`. */
  reason?: string;
  /** The levels of each step; none where it is played as written. */
  steps: ScheduledCall[][][];
  /** Why levels of some steps end before the program does; absent where they are whole. */
  cut?: string;
  /** The folder of the servers that it was found over, which arguments may hold. */
  directory: string;
  /**
   * For each step, calls whose results show what a program gets of tools that declare no output schema: one of each that is
   * read-only, by what must be known to make it.
   */
  looks: ScheduledCall[][][];
};

/**
 * What stands in for results that the model does not have yet. `waiting`: nothing comes. `first` and `last`: another result of
 * the same tool. `less`: lists, lines and numbers halved. `none`: lists empty, numbers 0. `changed`: letters and digits
 * shifted, numbers raised by 1. `opposite`: true for false, and something for nothing, each the other way round. `failed`: an
 * error.
 */
export type Shape = 'waiting' | 'first' | 'last' | 'less' | 'none' | 'changed' | 'opposite' | 'failed';

/** The shapes that are a result: what the program asks for in each does not hang on the true one. */
const foreignShapes: readonly Shape[] = ['first', 'last', 'less', 'none', 'changed', 'opposite', 'failed'];

/** A counterfactual run. */
export type Counterfactual = {
  /** The calls that it asked for of those that the program made in truth and that are not answered, by their place from 0. */
  asked: ReadonlySet<number>;
  /** False where the program threw or never came to an end: what it would have asked for is not known. */
  isConclusive: boolean;
  /** Tells apart what stood in for results: two shapes may come to the same. */
  standIns: string;
  /** What it took, in simulated calls. */
  work: number;
};

/** Runs the program with the true results of the calls in `answered`, and a shape of foreign ones for all others. */
export type RunCounterfactual = (shape: Shape, answered: ReadonlySet<number>) => Promise<Counterfactual>;

type LevelOptions = {
  /** Tools, as `server.tool`, whose calls must stay behind the writes that the program made before them. */
  pinned: ReadonlySet<string>;
  /** What all counterfactual runs together may take, in simulated calls. */
  mostWork: number;
};

/** One run may agree by chance; at least two with other stand-ins must have come to an end. */
const leastConclusive = 2;

/**
 * The earliest honest schedule of a program's calls. A call may be asked for as soon as the program would ask for it, also with
 * other outstanding results. So level by level the program runs with the true results of the levels before and foreign ones
 * for the rest, in several shapes: what it asks for in each that comes to an end belongs to the level, and so does what it asks
 * for before any further result. Writes stay in the program's order, and behind every read that the program made before them:
 * what decides on a change is known when it is asked for. Reads may come before writes that the program made first,
 * but for `pinned` tools; whether that was right is seen when the schedule is played. Gives, level by level, the calls that can be
 * asked for once the levels before are answered; not all of them where finding more would take more than `mostWork`, or where
 * it cannot be run.
 *
 * A level needs no run from the start but those with foreign results, and of these no more than show that nothing can be asked
 * for besides what waits. For a chain of n calls, one such run a level: n² / 2 calls to n², as the foreign results end it.
 */
export async function findLevels(
  calls: readonly MadeCall[],
  run: RunCounterfactual,
  { pinned, mostWork }: LevelOptions,
): Promise<ScheduledCall[][]> {
  const answered = new Set<number>();
  const levels: ScheduledCall[][] = [];
  let shapes = [...foreignShapes];
  let spent = 0;
  let open = [...calls.keys()];
  while (open.length > 0 && spent < mostWork) {
    const waiting = await run('waiting', answered);
    // It cannot be run at all, as where its results are too many to be loaded in time.
    if (waiting.work === 0) break;
    spent += waiting.work;
    const sure = waiting.asked;
    const least = keepOrder(calls, open, sure, sure, pinned);
    let level = least;
    let common: number[] | undefined;
    const conclusive = new Set<string>();
    for (const shape of sure.size < open.length ? shapes : []) {
      const { asked, isConclusive, standIns, work } = await run(shape, answered);
      spent += work;
      if (!isConclusive) continue;
      conclusive.add(standIns);
      common = common?.filter((place) => asked.has(place)) ?? [...asked];
      const certain = new Set([...sure, ...common]);
      level = certain.size > sure.size ? keepOrder(calls, open, certain, sure, pinned) : least;
      if (level.length > least.length) continue;
      // What showed it here will soonest show it at the next level.
      shapes = [shape, ...shapes.filter((each) => each !== shape)];
      break;
    }
    if (conclusive.size < leastConclusive) level = least;
    levels.push(level.map((place) => toScheduled(calls[place] as MadeCall)));
    for (const place of level) answered.add(place);
    open = open.filter((place) => !answered.has(place));
  }
  return levels;
}

/** Of the calls that may be asked for, those that need not wait for a call before them; at least the first one open. */
function keepOrder(
  calls: readonly MadeCall[],
  open: readonly number[],
  certain: ReadonlySet<number>,
  sure: ReadonlySet<number>,
  pinned: ReadonlySet<string>,
): number[] {
  const level: number[] = [];
  /** Whether calls were passed over that are to be asked for later: any, and a write. */
  let [isPassed, isWritePassed] = [false, false];
  /** Whether the program made a read before that has no answer yet. */
  let isReading = false;
  /** Servers that are written to from here on. A pinned read does not share a message with such a write either. */
  const written = new Set<string>();
  let left = certain.size;
  for (const place of open) {
    if (left === 0) break;
    if (certain.has(place)) left -= 1;
    const call = calls[place] as MadeCall;
    const inOrder = call.writes
      ? (sure.has(place) && !isWritePassed) || (!isPassed && !isReading)
      : !pinned.has(`${call.server}.${call.tool}`) || !written.has(call.server);
    if (call.writes) written.add(call.server);
    else isReading = true;
    if (certain.has(place) && inOrder) {
      level.push(place);
      continue;
    }
    isPassed = true;
    isWritePassed ||= call.writes;
  }
  return level.length > 0 ? level : open.slice(0, 1);
}

/** What of a call a message asks for. */
export function toScheduled({ server, tool, args, names }: ScheduledCall): ScheduledCall {
  return { server, tool, args, ...(names && { names }) };
}

/** One text for the same call: a program makes its arguments in the same order each time. */
export function keyOf({ server, tool, args }: ScheduledCall): string {
  return `${server} ${tool} ${JSON.stringify(args)}`;
}
