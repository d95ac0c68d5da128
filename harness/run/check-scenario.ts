import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { controls, findVariant } from '../agent/variants.ts';
import { rightOtherwise } from '../analysis/verdict/measure.ts';
import { InfrastructureError, messageOf } from '../errors.ts';
import { isMeasured } from '../results/reading.ts';
import type { Result } from '../results/summary.ts';
import { sameState } from '../results/trace.ts';
import type { UnequalCall } from '../results/verdict.ts';
import { askGiven, askTask, askTruth, ScenarioFault } from '../scenario/ask.ts';
import { resolveParams } from '../scenario/find.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { serversOf } from '../scenario/servers.ts';
import { allowedSurface, refuseMissingTools } from '../scenario/tool-uses.ts';
import { UntrustedServer } from '../scenario/trust.ts';
import { LoginNeeded } from '../tools/mcp/auth/grant.ts';
import { executeRun } from './execute-run.ts';
import type { RunInput } from './open-run.ts';
import { plan } from './plan.ts';
import { openTrialServers } from './trial-servers.ts';

/**
 * What is wrong with a scenario: defects of its own, or calls that gave different results in its trials, because these did not
 * start from the same state. `infrastructure` where it could not be told because something else failed.
 */
export type ScenarioCheck = {
  scenario: string;
  defects: string[];
  state: UnequalCall[];
  infrastructure: string | undefined;
};

/** How scenarios are checked: as they would be run. */
export type CheckSettings = Omit<RunInput, 'trials' | 'out' | 'auditFsync' | 'sayVerdict' | 'onEvent'> & {
  givenParams: Record<string, string>;
};

/** In both patterns the reference program must be right; none of the controls may be. */
const references = ['classic', 'code'];

/**
 * Checks that a scenario measures what it says: its own functions do not throw, its truth can be computed, the tools that its
 * program names exist, its reference program is right in both patterns, no negative control is, and all trials do the same
 * work. Whether it loads was checked before.
 */
export async function checkScenario(scenario: Scenario, settings: CheckSettings): Promise<ScenarioCheck> {
  const check: ScenarioCheck = { scenario: scenario.name, defects: [], state: [], infrastructure: undefined };
  const params = resolveParams(scenario, settings.givenParams);
  const context = { params, seed: settings.seed };
  const attempt = async (what: string, work: () => unknown): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (error) {
      if (settings.signal.aborted) throw settings.signal.reason;
      const reason = messageOf(error);
      check.defects.push(error instanceof ScenarioFault ? reason : `${what}: ${reason}`);
      return false;
    }
  };
  const { signal } = settings;
  const servers = serversOf(scenario, context, settings.places);
  await attempt('its task', () => askTask(scenario, context));
  await attempt('what it gives', () => askGiven(scenario, context));
  await attempt('its truth', () => askTruth(scenario, context, { signal }));
  try {
    settings.trust.admit([{ scenario, targets: servers.targets() }]);
    const trial = { scenario, params, dataSeed: settings.seed, servers };
    const opened = await openTrialServers(trial, { ...settings, interrupt: signal });
    try {
      await attempt('its tools', () =>
        refuseMissingTools(scenario, allowedSurface(scenario, opened.connections.surface)),
      );
    } finally {
      await opened.close();
    }
  } catch (error) {
    const isUsers = error instanceof UntrustedServer || error instanceof LoginNeeded;
    if (settings.signal.aborted || !(error instanceof Error) || isUsers) throw error;
    if (error instanceof ScenarioFault) check.defects.push(error.message);
    else if (!(error instanceof InfrastructureError)) check.defects.push(`its servers: ${error.message}`);
    else check.infrastructure = error.message;
    return check;
  }
  if (check.defects.length > 0) return check;
  await attempt('it cannot be run', async () => {
    const { results, unequal } = await runAll(scenario, settings);
    check.state = unequal;
    if (scenario.canaries && results.every(({ canaries }) => canaries?.returned === 0))
      check.defects.push('its canaries name fields that no result of its program has');
    // Whether answers are right says nothing where trials did not do the same work.
    for (const result of results) judge(result, check);
    if (
      scenario.writes &&
      unequal.length === 0 &&
      !results.some((result) => references.includes(result.variant) && wasRight(result))
    ) {
      check.defects.push(`if the program is right, an earlier run changed its servers' state. ${sameState}`);
    }
  });
  return check;
}

async function runAll(
  scenario: Scenario,
  settings: CheckSettings,
): Promise<{ results: Result[]; unequal: UnequalCall[] }> {
  const { givenParams, ...run } = settings;
  const folder = mkdtempSync(join(tmpdir(), 'patternbench-check-'));
  const variants = [...references, ...controls.map(({ name }) => name)].map(findVariant);
  const trials = plan({ ...run, scenarios: [scenario], givenParams, variants });
  const out = join(folder, 'run');
  try {
    // A check reads results and figures, so its verdict needs no words.
    const silent = { auditFsync: false, sayVerdict: () => '', onEvent: () => {} };
    const { results, verdicts } = await executeRun({ ...run, ...silent, trials, out });
    const because = verdicts[0]?.because;
    return { results, unequal: because?.kind === 'unequal_work' ? because.calls : [] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function judge(result: Result, check: ScenarioCheck): void {
  const { variant, reason } = result;
  const isRight = wasRight(result);
  if (result.scenarioFault) {
    // Every variant meets the same fault.
    if (!check.defects.includes(reason)) check.defects.push(reason);
  } else if (!isMeasured(result)) {
    check.infrastructure ??= reason;
  } else if (references.includes(variant) && !isRight) {
    if (check.state.length === 0)
      check.defects.push(`its reference program is not right in ${variant}: ${reason}`);
  } else if (!references.includes(variant) && isRight) {
    check.defects.push(`${variant} is right on it: ${reason}`);
  }
}

/** A job that does not fit the window is no fault of the scenario, if the answer would have been right without one. */
function wasRight(result: Result): boolean {
  return result.correct === 1 || rightOtherwise(result);
}
