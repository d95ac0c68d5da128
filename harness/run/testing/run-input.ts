import { join } from 'node:path';
import { findModel } from '../../meter/catalogue.ts';
import { findLatencyProfile } from '../../meter/latency.ts';
import { nowhere } from '../../testing/scenario-files.ts';
import type { RunInput } from '../open-run.ts';

/** A run of these trials into the folder `out` below another, with nothing but what a run must have. */
export function runInput(
  folder: string,
  trials: RunInput['trials'],
  change: Partial<RunInput> & Pick<RunInput, 'sandbox'>,
): RunInput {
  return {
    trials,
    model: findModel('claude-sonnet-5'),
    profile: findLatencyProfile('default'),
    seed: 1,
    out: join(folder, 'out'),
    places: nowhere,
    timeouts: { connectMs: 20_000, callMs: 20_000 },
    auditFsync: false,
    lock: { file: join(folder, 'lock.json'), lock: undefined },
    trust: { admit: () => {} },
    sayVerdict: () => 'Said by a test.',
    signal: new AbortController().signal,
    onEvent: () => {},
    ...change,
  };
}
