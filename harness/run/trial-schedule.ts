import { toolsByIdentifier } from '../agent/patterns/code.ts';
import { runInOrder } from '../agent/patterns/converse.ts';
import {
  type FreshServers,
  planSchedule,
  type TriedCall,
  writtenSchedule,
} from '../agent/scripted/plan-schedule.ts';
import type { Schedule } from '../agent/scripted/schedule.ts';
import { InfrastructureError } from '../errors.ts';
import { readWorkRecord, writeWorkRecord } from '../results/trace.ts';
import { DEFAULT_LIMITS } from '../sandbox/limits.ts';
import { ScenarioFault } from '../scenario/ask.ts';
import { approvalRulesOf } from '../tools/approvals.ts';
import { createPolicy, explainWrite } from '../tools/policy.ts';
import { createToolCaller } from '../tools/tool-caller.ts';
import { comparableText, fieldsOf, WorkRecorder } from '../tools/work-recorder.ts';
import type { Trial } from './plan.ts';
import type { TrialEnvironment } from './trial.ts';
import { referencePlan } from './trial-model.ts';
import { admitServers, openTrialServers } from './trial-servers.ts';

/** In names of trials in the audit log: what follows counts how often servers were started to find a schedule. */
const inLog = '/schedule/';

/** Whether a name in the audit log is that of calls made to find a schedule. */
export function isScheduling(trial: string): boolean {
  return trial.includes(inLog);
}

type ScheduleEnvironment = Omit<TrialEnvironment, 'counter' | 'profile' | 'schedules'>;

/** The schedules of a run: found once for all trials that do the same work over the same data. */
export type Schedules = (trial: Trial, environment: ScheduleEnvironment) => Promise<Schedule>;

/**
 * Finds schedules when they are first asked for. What the program asked and was answered as it is written goes beside `fileOf`
 * the trial, to be held against what trials are answered. `plays`: whether direct calls are made by a schedule, so that it has
 * to be tried.
 */
export function createSchedules(fileOf: (trial: Trial) => string, plays = true): Schedules {
  const found = new Map<Trial['servers'], Promise<Schedule>>();
  /** How often servers were started to find them: each time has a name of its own in the audit log. */
  const times = new Map<Trial['servers'], number>();
  return (trial, environment) => {
    const { servers } = trial;
    const known = found.get(servers);
    if (known) return known;
    const next = () => {
      times.set(servers, (times.get(servers) ?? 0) + 1);
      return times.get(servers) ?? 0;
    };
    const schedule = findSchedule(trial, environment, { file: fileOf(trial), next, plays });
    found.set(servers, schedule);
    // One that could not be found is looked for again by the next trial that needs it.
    schedule.catch(() => found.delete(servers));
    return schedule;
  };
}

/**
 * Finds how a trial's direct calls are asked for, with servers of its own, started as a trial's are. Their calls are decided
 * on and in the audit log like any other, without approvals: where one is needed, only mocks are called. It may take as long as a
 * trial. Rejects with what starting servers and calling them rejects with, and with an `InfrastructureError` where the time was
 * up.
 */
async function findSchedule(
  trial: Trial,
  environment: ScheduleEnvironment,
  { file, next, plays }: { file: string; next: () => number; plays: boolean },
): Promise<Schedule> {
  if (approvalRulesOf(trial.scenario, environment.approvals) && !(await hasOnlyMocks(trial)))
    return writtenSchedule('calls that must be approved are not tried on servers that are real');
  const { timeoutMs } = environment.models?.limits ?? {};
  // Without direct calls it only says what to look at: it takes no longer than a program may, and fails no trial.
  const programMs = trial.scenario.limits?.wallMs ?? DEFAULT_LIMITS.wallMs;
  const limitMs = plays ? timeoutMs : Math.min(timeoutMs ?? programMs, programMs);
  const limit = limitMs === undefined ? undefined : AbortSignal.timeout(limitMs);
  const signal = limit ? AbortSignal.any([environment.signal, limit]) : environment.signal;
  let isFirst = true;
  try {
    return await planSchedule({
      sandbox: environment.sandbox,
      signal,
      plays,
      openServers: () => {
        const settings = { ...environment, signal, limitMs, interrupt: environment.signal };
        const opened = openServers(trial, next(), settings, isFirst ? file : undefined);
        isFirst = false;
        return opened;
      },
    });
  } catch (error) {
    if (environment.signal.aborted) throw error;
    const isLate = limitMs !== undefined && limit?.aborted && !(error instanceof ScenarioFault);
    if (!plays && (isLate || error instanceof InfrastructureError))
      return writtenSchedule('the program did not come to an end');
    if (!isLate) throw error;
    throw new InfrastructureError(
      `To find when its calls can be asked for took longer than a trial may, ${limitMs / 1000} seconds. Raise --timeout.`,
      { cause: error },
    );
  }
}

/** Whether nothing that is written lasts. */
async function hasOnlyMocks({ servers }: Trial): Promise<boolean> {
  return Object.values(await servers.resolve()).every(({ mock }) => mock);
}

async function openServers(
  trial: Trial,
  time: number,
  settings: ScheduleEnvironment & { limitMs: number | undefined; interrupt: AbortSignal },
  file: string | undefined,
): Promise<FreshServers> {
  const { scenario } = trial;
  const { signal } = settings;
  const servers = await openTrialServers(trial, { ...settings, mocksInProcess: true });
  try {
    const { connections, grant, directory } = servers;
    const { surface, audit } = admitServers(trial, servers, settings, `${scenario.name}${inLog}${time}`);
    const tools = toolsByIdentifier(surface);
    const work = new WorkRecorder({ directory, volatile: scenario.volatile, redact: connections.redact });
    const caller = createToolCaller({
      connections: work.watch(connections),
      recorder: { record: () => {} },
      policy: createPolicy(grant),
      audit,
    });
    return {
      plan: referencePlan(trial, { surface, directory }),
      async close() {
        try {
          audit.counted(await connections.states());
          caller.finish();
          // What was found before the run was resumed came first.
          if (file !== undefined && !readWorkRecord(file)) writeWorkRecord(file, work.read());
        } finally {
          await servers.close();
        }
      },
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
            const volatile = fieldsOf(tool.server, tool.name, scenario.volatile) ?? [];
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
