import type { JsonObject } from '../../json.ts';
import type { CallResult } from '../../sandbox/sandbox.ts';

/** A call as a program made it when it first ran, with its result. */
export type MadeCall = {
  server: string;
  /** The identifier under `mcp.<server>`. */
  tool: string;
  args: JsonObject;
  /** Whether the tool may change something: it is not plainly annotated as read-only. */
  writes: boolean;
  result: CallResult;
};

/** A call that a message asks for. */
export type ScheduledCall = Pick<MadeCall, 'server' | 'tool' | 'args'>;

/** How the direct calls of a scenario's steps are asked for. */
export type Schedule = {
  /** `ahead`: as early as is honest. `pinned`: some reads keep behind writes. `written`: in the program's own order. */
  played: 'ahead' | 'pinned' | 'written';
  /** Why it is not `ahead`. */
  reason?: string;
  /** The levels of each step; none where it is played as written. */
  steps: ScheduledCall[][][];
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
export const foreignShapes: readonly Shape[] = [
  'first',
  'last',
  'less',
  'none',
  'changed',
  'opposite',
  'failed',
];

/** A counterfactual run: the calls that the program made of those that it made in truth, by their place from 0. */
export type Counterfactual = {
  asked: ReadonlySet<number>;
  /** False where the program threw or never came to an end: what it would have asked for is not known. */
  isConclusive: boolean;
  /** Tells apart what stood in for results: two shapes may come to the same. */
  standIns: string;
};

/** Runs the program with the true results of the calls in `answered`, and a shape of foreign ones for all others. */
export type RunCounterfactual = (shape: Shape, answered: ReadonlySet<number>) => Promise<Counterfactual>;

export type LevelOptions = {
  /** Tools, as `server.tool`, whose calls must stay behind the writes that the program made before them. */
  pinned: ReadonlySet<string>;
  /** Calls that all counterfactual runs together may make. */
  mostCalls: number;
};

/** One run may agree by chance; at least two with other stand-ins must have come to an end. */
const leastConclusive = 2;

/**
 * The earliest honest schedule of a program's calls. A call may be asked for as soon as the program would ask for it whatever
 * the outstanding results say. So level by level the program runs with the true results of the levels before and foreign ones
 * for the rest, in several shapes: what it asks for in each that comes to an end belongs to the level, and so does what it asks
 * for before any further result. Writes stay in the program's order, and behind every read that the program made before them:
 * what decides on a change is known when it is asked for. Reads may come before writes that the program made first,
 * but for `pinned` tools; whether that was right is seen when the schedule is played. Gives, level by level, the calls that can be
 * asked for once the levels before are answered; undefined where more than `mostCalls` would be needed to find them.
 */
export async function findLevels(
  calls: readonly MadeCall[],
  run: RunCounterfactual,
  { pinned, mostCalls }: LevelOptions,
): Promise<ScheduledCall[][] | undefined> {
  const answered = new Set<number>();
  const levels: ScheduledCall[][] = [];
  let spent = 0;
  while (answered.size < calls.length) {
    if (spent > mostCalls) return undefined;
    const open = [...calls.keys()].filter((place) => !answered.has(place));
    const waiting = await run('waiting', answered);
    spent += calls.length;
    const sure = new Set(open.filter((place) => waiting.asked.has(place)));
    const certain = new Set(sure);
    if (sure.size < open.length) {
      let common: number[] | undefined;
      const conclusive = new Set<string>();
      for (const shape of foreignShapes) {
        const { asked, isConclusive, standIns } = await run(shape, answered);
        spent += calls.length;
        if (!isConclusive) continue;
        conclusive.add(standIns);
        common = common?.filter((place) => asked.has(place)) ?? open.filter((place) => asked.has(place));
        if (common.length === 0) break;
      }
      if (conclusive.size >= leastConclusive) for (const place of common ?? []) certain.add(place);
    }
    const level = keepOrder(calls, open, certain, sure, pinned);
    levels.push(level.map((place) => toScheduled(calls[place] as MadeCall)));
    for (const place of level) answered.add(place);
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
  for (const place of open) {
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
export function toScheduled({ server, tool, args }: ScheduledCall): ScheduledCall {
  return { server, tool, args };
}

/** One text for the same call: a program makes its arguments in the same order each time. */
export function keyOf({ server, tool, args }: ScheduledCall): string {
  return `${server} ${tool} ${JSON.stringify(args)}`;
}
