import { messageOf } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import { ModelStopped } from '../../meter/model.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { writeProgram } from '../../scenario/program-source.ts';
import type { Surface } from '../../tools/mcp/surface.ts';
import { explainWrite } from '../../tools/policy.ts';
import { toApi } from '../patterns/code.ts';
import { toCallResult } from './classic-model.ts';
import { createCounterfactuals } from './counterfactual.ts';
import { SchedulePlayer } from './player.ts';
import { lookAhead, type ReferencePlan, RunningProgram } from './reference-plan.ts';
import {
  findLevels,
  keyOf,
  type MadeCall,
  type Schedule,
  type ScheduledCall,
  toScheduled,
} from './schedule.ts';

/** A call made while a schedule was tried: its result, and the text by which it is compared with another time. */
export type TriedCall = { writes: boolean; text: string; isError: boolean; comparable: string };

/** Servers in the state that every trial starts from. */
export type FreshServers = {
  surface: Surface;
  /** Makes the calls of one message, as a client would. */
  execute(calls: readonly ScheduledCall[]): Promise<TriedCall[]>;
  close(): Promise<void>;
};

export type ScheduleMeans = {
  sandbox: Sandbox;
  openServers(): Promise<FreshServers>;
  /** Calls in one message. */
  most: number;
  /** Whether direct calls will be made by the schedule, so that it has to be tried. */
  plays: boolean;
  signal: AbortSignal;
};

/** Simulated calls that finding the schedule of one step may take: about two seconds. */
const mostSimulatedCalls = 500_000;

type Made = MadeCall & { comparable: string };
/** What a program asked for and was answered when all its steps ran once. */
type Pass = { plan: ReferencePlan; steps: { seen: JsonObject; calls: Made[] }[] };

/** The plan that the scripted model follows over these servers. */
type PlanFor = (surface: Surface) => ReferencePlan;

/**
 * Finds how the direct calls of a scenario are asked for, alike for every style of its program. The program runs once as it is
 * written, on fresh servers. From what it asked for the earliest honest schedule is found, and where anything was written, that
 * is played on fresh servers too. Where a result is not what it was the first time, the reads of that tool are kept behind
 * writes and it is tried again, in the end as written. Rejects only for infrastructure and faults of the scenario's servers.
 */
export async function planSchedule(planFor: PlanFor, means: ScheduleMeans): Promise<Schedule> {
  let first: Pass;
  try {
    first = await runPass(planFor, [], means);
  } catch (error) {
    if (error instanceof ModelStopped) return written(messageOf(error), []);
    throw error;
  }
  const pinned = new Set<string>();
  let steps = await schedule(first, pinned, means);
  const looks = first.steps.map(({ calls }, step) => findLooks(first.plan, calls, steps?.[step]));
  const writes = means.plays && first.steps.some(({ calls }) => calls.some((call) => call.writes));
  // Ends: each time at least one more tool is pinned.
  for (; steps; steps = await schedule(first, pinned, means)) {
    let differing: DifferingTool[] = [];
    try {
      if (writes) differing = await play(planFor, first, steps, means);
    } catch (error) {
      if (error instanceof ModelStopped) return written(`${messageOf(error)} in another order`, looks);
      throw error;
    }
    if (differing.length === 0) {
      if (pinned.size === 0) return { played: 'ahead', steps, looks };
      const reason = `${[...pinned].join(', ')} answers otherwise before a write`;
      return { played: 'pinned', reason, steps, looks };
    }
    const more = differing.filter(({ tool, writes }) => !writes && !pinned.has(tool));
    if (more.length === 0) {
      const tools = differing.map(({ tool }) => tool).join(', ');
      return written(`${tools} answers otherwise in another order`, looks);
    }
    for (const { tool } of more) pinned.add(tool);
  }
  return written(
    'the program makes too many calls one after another for a schedule to be found in seconds',
    looks,
  );
}

function written(reason: string, looks: ScheduledCall[][][]): Schedule {
  return { played: 'written', reason, steps: [], looks };
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

type DifferingTool = { tool: string; writes: boolean };

/** The tools whose results differ from those of the first time, when the schedule is played on fresh servers. */
async function play(
  planFor: PlanFor,
  first: Pass,
  steps: ScheduledCall[][][],
  means: ScheduleMeans,
): Promise<DifferingTool[]> {
  const played = await runPass(planFor, steps, means);
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
  const groups = Map.groupBy(
    steps.flatMap(({ calls }) => calls),
    keyOf,
  );
  return new Map(
    [...groups].map(([key, calls]) => [key, calls.map(({ comparable }) => comparable).join('\n')]),
  );
}

/** The levels of each step of a program as it was recorded; undefined where one takes too long to find. */
async function schedule(
  { plan, steps }: Pass,
  pinned: ReadonlySet<string>,
  { sandbox, signal }: ScheduleMeans,
): Promise<ScheduledCall[][][] | undefined> {
  const found: ScheduledCall[][][] = [];
  for (const [step, { seen, calls }] of steps.entries()) {
    const source = plan.sources[step];
    if (!source) throw new Error(`The reference program has no step ${step + 1}.`);
    const program = {
      source: writeProgram(source, { ...plan.input, ...seen }),
      api: toApi(plan.surface),
      calls,
    };
    const { run, close } = createCounterfactuals(program, sandbox, signal);
    try {
      const levels = await findLevels(calls, run, { pinned, mostCalls: mostSimulatedCalls });
      if (!levels) return undefined;
      found.push(levels);
    } finally {
      await close();
    }
  }
  return found;
}

/** Plays all steps on fresh servers, and notes the calls in the order in which the program made them. */
async function runPass(
  planFor: PlanFor,
  levels: readonly ScheduledCall[][][],
  { sandbox, openServers, most, signal }: ScheduleMeans,
): Promise<Pass> {
  const servers = await openServers();
  try {
    const plan = planFor(servers.surface);
    const pass: Pass = { plan, steps: [] };
    let seen: JsonObject = {};
    for (let step = 0; ; step += 1) {
      const calls: Made[] = [];
      pass.steps.push({ seen, calls });
      const program = await RunningProgram.open(plan, sandbox, step, seen, signal);
      try {
        const player = new SchedulePlayer(program, levels[step]);
        let returned = await player.start(signal);
        while (returned === undefined) {
          const asked = player.ask(most).calls;
          const tried = await servers.execute(asked);
          const answered = asked.map((call, at) => {
            const { writes, text, isError, comparable } = tried[at] as TriedCall;
            const result = toCallResult(isError, text);
            calls.push({ ...call, writes, result, comparable });
            return { call, result };
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
