import type { Result } from '../../harness/results/summary.ts';
import type { Trace } from '../page/data.ts';

/** A trial as it is written for readers of other formats. */
export type TracedTrial = {
  /** Folder of the run, and its version of patternbench. */
  run: string;
  version: string;
  /** When the run began, in milliseconds since 1970. */
  startedAt: number;
  repeat: number;
  result: Result;
  trace: Trace;
};

/** Identifies a trial wherever its run goes. */
export function nameTrial({ run, repeat, result }: TracedTrial): string {
  return [run, result.scenario, result.variant, repeat].join('/');
}
