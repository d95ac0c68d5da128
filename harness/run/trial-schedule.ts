import { toolsByIdentifier } from '../agent/patterns/code.ts';
import { runInOrder } from '../agent/patterns/converse.ts';
import { type FreshServers, planSchedule, type TriedCall } from '../agent/scripted/plan-schedule.ts';
import type { Schedule } from '../agent/scripted/schedule.ts';
import { mostParallelCalls } from '../agent/variants.ts';
import { auditTrial } from '../tools/audit/trial-audit.ts';
import { createPolicy, explainWrite } from '../tools/policy.ts';
import { createToolCaller } from '../tools/tool-caller.ts';
import { comparableText } from '../tools/work-recorder.ts';
import type { Trial } from './plan.ts';
import type { TrialEnvironment } from './trial.ts';
import { referencePlan } from './trial-model.ts';
import { findSurface, openTrialServers } from './trial-servers.ts';

/** What finding the schedules of a run's trials takes. */
type ScheduleEnvironment = Pick<
  TrialEnvironment,
  'sandbox' | 'mcpConfigFile' | 'timeouts' | 'run' | 'audit' | 'onMissingTool' | 'signal'
>;

/** The schedules of a run: found once for all trials that do the same work over the same data. */
export type Schedules = (trial: Trial, environment: ScheduleEnvironment) => Promise<Schedule>;

export function createSchedules(): Schedules {
  const found = new Map<string, Promise<Schedule>>();
  return (trial, environment) => {
    const { scenario, params, dataSeed } = trial;
    const key = JSON.stringify([scenario.name, params, dataSeed]);
    const known = found.get(key);
    if (known) return known;
    const schedule = findSchedule(trial, environment);
    found.set(key, schedule);
    // One that could not be found is looked for again by the next trial that needs it.
    schedule.catch(() => found.delete(key));
    return schedule;
  };
}

/**
 * Finds how a trial's direct calls are asked for, with servers of its own, started as a trial's are. Their calls are decided
 * on and in the audit log like any other. Rejects with what starting servers and calling them rejects with.
 */
async function findSchedule(trial: Trial, environment: ScheduleEnvironment): Promise<Schedule> {
  const { sandbox, signal } = environment;
  let times = 0;
  return planSchedule((surface) => referencePlan(trial, surface), {
    sandbox,
    signal,
    most: mostParallelCalls,
    openServers: () => {
      times += 1;
      return openServers(trial, times, environment);
    },
  });
}

async function openServers(
  trial: Trial,
  time: number,
  { mcpConfigFile, timeouts, run, audit, onMissingTool, signal }: ScheduleEnvironment,
): Promise<FreshServers> {
  const { scenario, params, dataSeed } = trial;
  const settings = { mcpConfigFile, timeouts, signal, interrupt: signal };
  const servers = await openTrialServers(scenario, { params, seed: dataSeed }, settings);
  try {
    const { connections, directory } = servers;
    const surface = findSurface(trial, connections.surface, onMissingTool);
    const tools = toolsByIdentifier(surface);
    const policy = createPolicy({ tools: scenario.tools, writes: scenario.writes });
    const about = { run, trial: `${scenario.name}/schedule/${time}`, pattern: trial.variant.pattern };
    const { redact } = connections;
    const caller = createToolCaller({
      connections,
      recorder: { record: () => {} },
      policy,
      audit: auditTrial(audit, { ...about, model: trial.model.id, seed: trial.seed, redact }),
    });
    return {
      surface,
      close: () => servers.close(),
      execute: (calls) =>
        runInOrder(
          calls.map((call) => {
            const tool = tools.get(call.server)?.get(call.tool);
            if (!tool) throw new Error(`There is no ${call.server}.${call.tool}.`);
            return { tool, args: call.args };
          }),
          ({ tool }) => explainWrite(tool) !== undefined,
          async ({ tool, args }): Promise<TriedCall> => {
            const result = await caller.callTool(tool, args, { kind: 'model' }, signal);
            const volatile = scenario.volatile?.[tool.server]?.[tool.name] ?? [];
            return {
              writes: explainWrite(tool) !== undefined,
              text: result.text,
              isError: result.isError,
              comparable: comparableText(result, volatile).replaceAll(directory, '<trial>'),
            };
          },
        ),
    };
  } catch (error) {
    await servers.close().catch(() => undefined);
    throw error;
  }
}
