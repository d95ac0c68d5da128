import { join } from 'node:path';
import type { ScheduledCall } from '../../harness/agent/scripted/schedule.ts';
import { findVariant } from '../../harness/agent/variants.ts';
import { canonicalJson } from '../../harness/json.ts';
import { defaultModelId, findModel } from '../../harness/meter/catalogue.ts';
import { plan } from '../../harness/run/plan.ts';
import { createSchedules } from '../../harness/run/trial-schedule.ts';
import type { Sandbox } from '../../harness/sandbox/sandbox.ts';
import type { Scenario } from '../../harness/scenario/scenario.ts';
import { openAuditLog } from '../../harness/tools/audit/audit-log.ts';
import { createPinCheck } from '../../harness/tools/pin/check.ts';
import { restyle } from './restyle.ts';

/**
 * How a workflow's direct calls are asked for where its program is written in a style, as text that can be compared: what was
 * played, and the calls that became ready together, whose order is the style's. Undefined where the program has nothing to write
 * in another style.
 */
export async function planInStyle(
  scenario: Scenario,
  style: string,
  { sandbox, folder, params = {} }: { sandbox: Sandbox; folder: string; params?: Record<string, string> },
): Promise<string | undefined> {
  const bodies = scenario.sources.map(({ body }) => restyle(body, style));
  if (bodies.every((body) => body === undefined)) return undefined;
  const sources = scenario.sources.map((source, at) => ({ ...source, body: bodies[at] ?? source.body }));
  const [trial] = plan({
    scenarios: [{ ...scenario, sources }],
    givenParams: params,
    variants: [findVariant('classic')],
    model: findModel(defaultModelId),
    seed: 1,
    places: { mcpConfigFile: undefined, folder: process.cwd(), env: process.env },
  });
  if (!trial) return undefined;
  const audit = openAuditLog(join(folder, `${scenario.name}-${style}.jsonl`), { fsync: false });
  try {
    const file = join(folder, `${scenario.name}-${style}.json`);
    const { played, steps, directory } = await createSchedules(() => file)(trial, {
      sandbox,
      timeouts: { connectMs: 20_000, callMs: 60_000 },
      run: 'styles',
      audit,
      pins: createPinCheck(undefined, '', () => {}),
      signal: new AbortController().signal,
    });
    const nameOf = ({ server, tool, args }: ScheduledCall) =>
      canonicalJson({ server, tool, args }).replaceAll(directory, '<trial>');
    return canonicalJson({
      played,
      steps: steps.map((levels) => levels.map((calls) => calls.map(nameOf).sort())),
    });
  } finally {
    audit.close();
  }
}
