import type { Result } from './summary.ts';

/** How a trial ended, in words. What a scenario's own code did wrong is no fault of the infrastructure, though files class it there. */
export function describeStatus({ status, scenarioFault }: Pick<Result, 'status' | 'scenarioFault'>): string {
  if (status === 'infrastructure_error' && scenarioFault) return "the scenario's own code failed";
  return status.replaceAll('_', ' ');
}
