import { join } from 'node:path';
import { findLatencyProfile } from '../../meter/latency.ts';
import { exactly, type TokenCounter } from '../../meter/token-counter.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { startRunAudit } from '../../tools/audit/audit-log.ts';
import { createPinCheck } from '../../tools/pin/check.ts';
import type { TrialEnvironment } from '../trial.ts';
import { createSchedules } from '../trial-schedule.ts';

/** Counts characters, so that expected figures can be seen in the text. */
export const characters: TokenCounter = {
  method: 'characters',
  count: (text) => text.length,
  measure: (text) => exactly(text.length),
};

/** What a trial shares with a run that is kept in a folder; its audit log is to be closed. */
export function trialEnvironment(folder: string, sandbox: Sandbox): TrialEnvironment {
  return {
    counter: characters,
    profile: findLatencyProfile('default'),
    sandbox,
    schedules: createSchedules(() => join(folder, 'schedule.jsonl')),
    timeouts: { connectMs: 20_000, callMs: 20_000 },
    run: 'test',
    audit: startRunAudit(
      join(folder, 'audit.jsonl'),
      { run: 'test', seed: 1, versions: {} },
      { fsync: false },
    ),
    pins: createPinCheck(undefined, 'lock', () => {}),
    signal: new AbortController().signal,
  };
}
