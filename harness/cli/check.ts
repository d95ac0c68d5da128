import { toJson } from '../../reports/exporters.ts';
import { UsageError } from '../errors.ts';
import { defaultModelId, findModel } from '../meter/catalogue.ts';
import { findLatencyProfile } from '../meter/latency.ts';
import { sameState } from '../results/trace.ts';
import { type CheckSettings, checkScenario, type ScenarioCheck } from '../run/check-scenario.ts';
import { listScenarios, refuseUnknownParams } from '../scenario/find.ts';
import { loadScenarios } from '../scenario/load.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { findLock } from '../tools/pin/lock-file.ts';
import { showMessage } from '../visible.ts';
import type { Asked } from './add-options.ts';
import { untilInterrupted } from './interrupt.ts';
import type { Io } from './io.ts';
import { approvalsOf } from './prompt.ts';
import { findWanted, serversHere } from './scenarios.ts';

/** `check`: whether scenarios measure what they say. */
export async function check(wanted: string[], { options }: Asked<'check'>, io: Io): Promise<number> {
  const named = findWanted(wanted, options, io);
  const { findings, scenarios } = await loadEach(named.length > 0 ? named : listScenarios(), io);
  refuseUnknownParams(scenarios, options.param);
  const { interruptedBy } = await untilInterrupted(io, async (signal) => {
    const settings: CheckSettings = {
      model: findModel(defaultModelId),
      profile: findLatencyProfile('default'),
      seed: options.seed,
      ...serversHere(options, io),
      lock: findLock(options.lock, options.mcpConfig, io.cwd),
      approvals: approvalsOf(options, scenarios, io),
      givenParams: options.param,
      sandbox: io.sandbox,
      mocksInProcess: io.mocksInProcess,
      signal,
    };
    for (const scenario of scenarios) {
      if (signal.aborted) return;
      const found = await checkScenario(scenario, settings).catch((error: unknown) => {
        if (signal.aborted) return undefined;
        throw error;
      });
      if (!found) return;
      findings.push(found);
      if (!options.json) io.stdout.write(describe(found));
    }
  });
  if (options.json) io.stdout.write(toJson(findings));
  return interruptedBy ?? exitCode(findings);
}

/** Loads each by itself, so that one that does not load is a finding and does not keep the others from being checked. */
async function loadEach(
  wanted: string[],
  io: Io,
): Promise<{ findings: ScenarioCheck[]; scenarios: Scenario[] }> {
  const findings: ScenarioCheck[] = [];
  const scenarios: Scenario[] = [];
  for (const name of wanted) {
    try {
      scenarios.push(...(await loadScenarios([name], io.cwd)));
    } catch (error) {
      // What does not exist was asked for wrongly; what exists and does not load is defective.
      const isThere =
        error instanceof UsageError && !/^(Unknown scenario|Scenario folder)/.test(error.message);
      if (!isThere) throw error;
      const found = {
        scenario: name,
        defects: [`it does not load: ${error.message}`],
        state: [],
        infrastructure: undefined,
      };
      findings.push(found);
      io.stderr.write(describe(found));
    }
  }
  return { findings, scenarios };
}

function describe({ scenario, defects, state, infrastructure }: ScenarioCheck): string {
  const different = state.map(
    ({ server, tool, variants, difference }) =>
      `  - ${server}.${tool} in ${variants.join(' and ')}: ${difference}\n`,
  );
  const found = [
    ...(different.length > 0
      ? [`${scenario}: state differs between trials\n`, ...different, `${sameState}\n`]
      : []),
    ...(defects.length > 0
      ? [`${scenario}: defective\n`, ...defects.map((defect) => `  - ${showMessage(defect)}\n`)]
      : []),
  ];
  if (found.length > 0) return found.join('');
  return infrastructure === undefined
    ? `${scenario}: ok\n`
    : `${scenario}: not checked: ${showMessage(infrastructure)}\n`;
}

function exitCode(findings: ScenarioCheck[]): number {
  if (findings.some(({ defects, state }) => defects.length + state.length > 0)) return 1;
  return findings.some(({ infrastructure }) => infrastructure !== undefined) ? 3 : 0;
}
