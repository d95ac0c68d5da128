import type { JsonObject } from '../../json.ts';
import { ModelStopped } from '../../meter/model.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { explainWrite } from '../../tools/policy.ts';
import { toApi } from '../patterns/code.ts';
import { toCallResult } from './classic-model.ts';
import { createCounterfactuals } from './counterfactual.ts';
import { namesIn, SchedulePlayer, Translation } from './player.ts';
import {
  findLevels,
  keyOf,
  type MadeCall,
  type Schedule,
  type ScheduledCall,
  toScheduled,
} from './schedule.ts';
import {
  type LeftSchedule,
  lookAhead,
  mostParallelCalls,
  openStep,
  type ReferencePlan,
  writeStep,
} from './scripted-model.ts';

/** A call made while a schedule was tried: its result, and the text by which it is compared with another time. */
export type TriedCall = { writes: boolean; text: string; isError: boolean; comparable: string };

/** Servers in the state that every trial starts from. */
export type FreshServers = {
  /** What the scripted model follows over them. */
  plan: ReferencePlan;
  /** Makes the calls of one message, as a client would. */
  execute(calls: readonly ScheduledCall[]): Promise<TriedCall[]>;
  close(): Promise<void>;
};

type ScheduleMeans = {
  sandbox: Sandbox;
  openServers(): Promise<FreshServers>;
  /** Whether direct calls will be made by the schedule, so that it has to be tried. */
  plays: boolean;
  signal: AbortSignal;
};

/** What finding the schedule of one step may take, in simulated calls: ten seconds of computing. */
const mostWork = 4_000_000;

const tooLong =
  'the program makes too many calls one after another for a schedule of all to be found in seconds';

type Made = MadeCall & { comparable: string };
/** What a program asked for and was answered when all its steps ran once. */
type Pass = {
  plan: ReferencePlan;
  steps: { seen: JsonObject; calls: Made[] }[];
  left?: LeftSchedule;
};

/**
 * Finds how the direct calls of a scenario are asked for, alike for every style of its program. The program runs once as it is
 * written, on fresh servers. From what it asked for the earliest honest schedule is found, and where anything was written, that
 * is played on fresh servers too. Where a result is not what it was the first time, the reads of that tool are kept behind
 * writes and it is tried again, in the end as written. Rejects only for infrastructure and faults of the scenario's servers.
 */
export async function planSchedule(means: ScheduleMeans): Promise<Schedule> {
  const first = await unlessStopped(runPass(undefined, means));
  if (typeof first === 'string') return writtenSchedule(first);
  const { directory } = first.plan.own;
  const pinned = new Set<string>();
  let found = await schedule(first, pinned, means);
  const looks = first.steps.map(({ calls }, step) => findLooks(first.plan, calls, found.steps[step]));
  const written = (reason: string): Schedule => ({ ...writtenSchedule(reason), directory, looks });
  const writes = means.plays && first.steps.some(({ calls }) => calls.some((call) => call.writes));
  // Ends: each time at least one more tool is pinned.
  for (; ; found = await schedule(first, pinned, means)) {
    const played = writes ? await unlessStopped(runPass({ ...found, directory }, means)) : first;
    if (typeof played === 'string') return written(`${played} in another order`);
    const differing = played === first ? [] : compare(first, played);
    if (differing.length === 0) {
      const left = played.left?.because;
      if (left !== undefined && left !== found.cut) return written(left);
      if (pinned.size === 0) return { played: 'ahead', ...found, directory, looks };
      const reason = `${[...pinned].join(', ')} answers otherwise before a write`;
      return { played: 'pinned', reason, ...found, directory, looks };
    }
    const more = differing.filter(({ tool, writes }) => !writes && !pinned.has(tool));
    if (more.length === 0) {
      const tools = differing.map(({ tool }) => tool).join(', ');
      return written(`${tools} answers otherwise in another order`);
    }
    for (const { tool } of more) pinned.add(tool);
  }
}

/** What a pass gives, or why the program stopped in it. */
async function unlessStopped(pass: Promise<Pass>): Promise<Pass | string> {
  try {
    return await pass;
  } catch (error) {
    if (error instanceof ModelStopped) return error.message;
    throw error;
  }
}

/** Calls in the program's own order, and why. */
export function writtenSchedule(reason: string): Schedule {
  return { played: 'written', reason, steps: [], directory: '', looks: [] };
}

/** Level by level, the first call of each read-only tool without output schema that succeeded, before anything was written. */
function findLooks(
  { surface }: ReferencePlan,
  calls: readonly Made[],
  levels: readonly (readonly ScheduledCall[])[] | undefined,
): ScheduledCall[][] {
  const undeclared = new Set<string>();
  for (const { server, tools } of surface) {
    for (const tool of tools) {
      if (!tool.outputSchema && !explainWrite(tool)) undeclared.add(`${server}.${tool.identifier}`);
    }
  }
  // After a write, nothing is as it was when the model looks.
  const firstWrite = calls.findIndex(({ writes }) => writes);
  const unchanged = firstWrite < 0 ? calls : calls.slice(0, firstWrite);
  const succeeded = new Set(unchanged.filter(({ result }) => result.ok).map(keyOf));
  const looks = (levels ?? [calls]).map((level) =>
    level.flatMap((call) => {
      const isNew = succeeded.has(keyOf(call)) && undeclared.delete(`${call.server}.${call.tool}`);
      return isNew ? [toScheduled(call)] : [];
    }),
  );
  return looks.filter((look) => look.length > 0);
}

/** The tools whose results differ from those of the first time, when the schedule was played on fresh servers. */
function compare(first: Pass, played: Pass): { tool: string; writes: boolean }[] {
  const before = resultsByCall(first);
  const after = resultsByCall(played);
  const tools = new Map<string, boolean>();
  for (const call of first.steps.flatMap(({ calls }) => calls)) {
    const key = keyOf(call);
    if (before.get(key) !== after.get(key)) tools.set(`${call.server}.${call.tool}`, call.writes);
  }
  return [...tools].map(([tool, writes]) => ({ tool, writes }));
}

function resultsByCall({ steps }: Pass): Map<string, string> {
  const results = new Map<string, string>();
  for (const call of steps.flatMap(({ calls }) => calls)) {
    const key = keyOf(call);
    results.set(key, `${results.get(key) ?? ''}\n${call.comparable}`);
  }
  return results;
}

/** The levels of each step of a program as it was recorded, and why they are not whole where that takes too long. */
async function schedule(
  { plan, steps }: Pass,
  pinned: ReadonlySet<string>,
  { sandbox, signal }: ScheduleMeans,
): Promise<Pick<Schedule, 'steps' | 'cut'>> {
  const found: ScheduledCall[][][] = [];
  let isWhole = true;
  for (const [step, { seen, calls }] of steps.entries()) {
    const program = { source: writeStep(plan, step, seen), api: toApi(plan.surface), calls };
    const { run, close } = createCounterfactuals(program, sandbox, signal);
    try {
      const levels = await findLevels(calls, run, { pinned, mostWork });
      isWhole &&= levels.flat().length === calls.length;
      found.push(levels);
    } finally {
      await close();
    }
  }
  return { steps: found, ...(!isWhole && { cut: tooLong }) };
}

/**
 * Plays all steps on fresh servers, as written without a schedule, and notes the calls in the order in which they were asked
 * for.
 */
async function runPass(
  schedule: Pick<Schedule, 'steps' | 'cut' | 'directory'> | undefined,
  { sandbox, openServers, signal }: ScheduleMeans,
): Promise<Pass> {
  const servers = await openServers();
  try {
    const { plan } = servers;
    const { own } = plan;
    const pass: Pass = { plan, steps: [] };
    const translation = new Translation(schedule?.directory ?? own.directory, own);
    let seen: JsonObject = {};
    for (let step = 0; ; step += 1) {
      const calls: Made[] = [];
      pass.steps.push({ seen, calls });
      const program = await openStep(plan, sandbox, step, seen, signal);
      try {
        const player = new SchedulePlayer(program, {
          levels: schedule?.steps[step],
          translation,
          cut: schedule?.cut,
          onLeave: (left) => {
            pass.left ??= left;
          },
        });
        let returned = await player.answer([], signal);
        while (returned === undefined) {
          const asked = player.ask(mostParallelCalls).calls;
          const tried = await servers.execute(asked.map((call) => call.own));
          const answered = asked.map((call, at) => {
            const { writes, text, isError, comparable } = tried[at] as TriedCall;
            const result = toCallResult(isError, text);
            const volatile = own.volatile.get(`${call.own.server}.${call.own.tool}`);
            const names = volatile && { names: namesIn(text, volatile) };
            calls.push({ ...call.recorded, ...names, writes, result, comparable });
            return { call, result, text };
          });
          returned = await player.answer(answered, signal);
        }
        const next = lookAhead(plan, step, returned);
        if (!next) return pass;
        seen = next;
      } finally {
        await program.stop();
      }
    }
  } finally {
    await servers.close();
  }
}
