import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findVariant } from '../../harness/agent/variants.ts';
import { defaultModelId, findModel } from '../../harness/meter/catalogue.ts';
import { loadEstimate } from '../../harness/meter/estimate.ts';
import { findLatencyProfile } from '../../harness/meter/latency.ts';
import { plan } from '../../harness/run/plan.ts';
import { runTrial, type TrialEnvironment } from '../../harness/run/trial.ts';
import { createSchedules } from '../../harness/run/trial-schedule.ts';
import { createSandbox } from '../../harness/sandbox/create.ts';
import { loadScenarios } from '../../harness/scenario/load.ts';
import { openAuditLog } from '../../harness/tools/audit/audit-log.ts';
import { createPinCheck } from '../../harness/tools/pin/check.ts';
import { alternate, type Medians } from './alternate.ts';
import { connectBare, crmServer, inFlight, seed } from './bare-client.ts';

const contacts = 5000;

/**
 * A whole classic trial of crm-top-customers, from starting its server to grading, against a bare client that starts the
 * same server and makes the same calls, ten at a time. The counter is loaded beforehand.
 */
export async function measureClassicTrial(
  rounds: number,
): Promise<{ medians: Medians; calls: number; roundTrips: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'patternbench-micro-'));
  const model = findModel(defaultModelId);
  const [trial] = plan({
    scenarios: await loadScenarios(['crm-top-customers']),
    givenParams: { contacts: String(contacts) },
    variants: [findVariant('classic')],
    model,
    seed,
    places: { mcpConfigFile: undefined, folder: process.cwd(), env: process.env },
  });
  if (!trial) throw new Error('There is nothing to measure.');
  const counter = await loadEstimate(model.tokenizer);
  counter.count('load');
  const sandbox = await createSandbox({});
  const server = await crmServer(contacts);
  const audit = openAuditLog(join(folder, 'audit.jsonl'), { fsync: false });

  let [calls, roundTrips] = [0, 0];
  const callBare = async () => {
    const client = await connectBare(server);
    let cursor: string | null = null;
    calls = 0;
    do {
      const page = await client.callTool({
        name: 'list_contacts',
        arguments: { limit: 200, ...(cursor && { cursor }) },
      });
      const listed = page.structuredContent as { contacts: { id: string }[]; nextCursor: string | null };
      cursor = listed.nextCursor;
      calls += 1 + listed.contacts.length;
      for (let at = 0; at < listed.contacts.length; at += 10) {
        await inFlight(listed.contacts.slice(at, at + 10), 10, ({ id }) =>
          client.callTool({ name: 'get_last_order', arguments: { contactId: id } }),
        );
      }
    } while (cursor);
    await client.close();
  };
  const environment: TrialEnvironment = {
    counter,
    profile: findLatencyProfile('default'),
    sandbox,
    schedules: createSchedules(() => join(folder, 'schedule.jsonl')),
    timeouts: { connectMs: 20_000, callMs: 60_000 },
    run: 'micro',
    audit,
    pins: createPinCheck(undefined, '', () => {}),
    signal: new AbortController().signal,
  };
  // Found once for all trials of a run, so no part of any of them.
  await environment.schedules(trial, environment);
  const runOurs = async () => {
    const result = await runTrial(trial, join(folder, 'trace.jsonl'), environment);
    // The conversation is larger than a context window; what is timed is all of it.
    const whole = result.hypothetical;
    if (whole?.correct !== 1 || whole.toolCalls !== calls) {
      throw new Error(`The trial made ${whole?.toolCalls} calls, the bare client ${calls}: ${result.reason}`);
    }
    roundTrips = whole.roundTrips;
  };
  try {
    const sides = [
      { name: 'bare client', run: callBare },
      { name: 'classic trial', run: runOurs },
    ];
    return { medians: await alternate(sides, rounds), calls, roundTrips };
  } finally {
    await sandbox.close();
    audit.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
