import { watchTexts } from '../agent/exposure.ts';
import type { Meter } from '../meter/meter.ts';
import type { ModelMiddleware } from '../meter/model.ts';
import type { WallClock } from '../sandbox/limits.ts';
import { type Approver, approvalRulesOf, createApprovals, scriptedApprover } from '../tools/approvals.ts';
import type { TrialAudit } from '../tools/audit/trial-audit.ts';
import { Canaries } from '../tools/canaries.ts';
import { FaultDial } from '../tools/faults.ts';
import { createPolicy } from '../tools/policy.ts';
import { createToolCaller } from '../tools/tool-caller.ts';
import { WorkRecorder } from '../tools/work-recorder.ts';
import type { Attempt } from './attempt.ts';
import { type Trial, trialName } from './plan.ts';
import { ResultSizeMeter } from './tool-record.ts';
import type { Books, TrialEnvironment } from './trial.ts';
import type { TrialServers } from './trial-servers.ts';

/**
 * Opens the way of a trial's calls: result sizes, policy, approvals and audit log, faults, then the record of work and canaries,
 * nearest to the servers. The attempt keeps what each of them knows.
 */
export function openCalls(
  trial: Trial,
  environment: Pick<TrialEnvironment, 'approvals' | 'counter'>,
  means: Books & { servers: TrialServers; audit: TrialAudit; clock: WallClock },
  attempt: Attempt,
) {
  const { scenario, conditions, dataSeed } = trial;
  const { recorder, meter, further, audit, clock } = means;
  const { connections, grant, directory } = means.servers;
  const canaries = scenario.canaries && new Canaries(scenario.canaries);
  const work = new WorkRecorder({ directory, volatile: scenario.volatile, redact: connections.redact });
  const watched = work.watch(canaries?.watch(connections) ?? connections);
  const seeds = { data: dataSeed, trial: trial.seed };
  const dial = conditions?.faults && new FaultDial({ faults: conditions.faults, seeds, directory });
  const rules = approvalRulesOf(scenario, environment.approvals);
  const approvals =
    rules &&
    createApprovals(rules, {
      trial: trialName(trial),
      approver: whileStopped(clock, environment.approvals?.approver ?? scriptedApprover),
      audit,
      recorder,
      onWait: (ms) => {
        meter.waited(ms);
        further.waited(ms);
      },
    });
  const caller = createToolCaller({
    connections: dial?.over(watched, connections.restart) ?? watched,
    recorder,
    policy: createPolicy(grant),
    approvals,
    audit,
  });
  const resultSizes = new ResultSizeMeter(environment.counter);
  Object.assign(attempt, { canaries, work, dial, approvals, caller, resultSizes } satisfies Partial<Attempt>);
  return {
    caller,
    approvals,
    callTool: further.watch(resultSizes.watch(caller.callTool)),
    /** Where the scenario declares canaries: counts what of them each request brings into the prompt. */
    watchModel: canaries && watchCanaries(trial, canaries, meter),
  };
}

/** An approver whose answers take none of the trial's time. */
function whileStopped(clock: WallClock, { by, ask }: Approver): Approver {
  return {
    by,
    async ask(...question) {
      clock.stop();
      try {
        return await ask(...question);
      } finally {
        clock.start();
      }
    },
  };
}

/** Shows canaries what each request brings into the prompt, as far as the window holds it. */
function watchCanaries({ model, variant }: Trial, canaries: Canaries, meter: Meter): ModelMiddleware {
  return watchTexts(model, variant.toolCategories, {
    onRequest(_, texts) {
      if (!meter.hasOverflowed) canaries.request(texts.map(({ text }) => text));
    },
  });
}
