import type { CheckName, Level } from './gate-policy.ts';

/** What was looked at: one of the checks, or what kept figures from being compared. */
export type Looked = CheckName | 'missing' | 'new' | 'conditions' | 'prices' | 'weighing' | 'toolSurface';

/**
 * One thing that the gate looked at. `not_comparable` means that there is no figure to judge. `undecided` means that a
 * sample does not show whether a limit was passed: `trials` more of each variant would.
 */
export type Finding = {
  check: Looked;
  status: 'pass' | 'breach' | 'not_comparable' | 'undecided';
  /** What the policy makes of anything but a pass. What is undecided only ever warns. */
  level: Level;
  /** Null for the suite as a whole. */
  scenario: string | null;
  params: string;
  variant: string | null;
  before: number | string | null;
  after: number | string | null;
  trials: number | null;
  /** The figures in words, such as "billed tokens 10,000 → 12,000 (+2,000, +20.0 %; 50 allowed)". */
  message: string;
};

/** One cause of findings, told once: what it moved, then lines of why, and of the figures. */
export type Problem = { level: 'error' | 'warn'; title: string; message: string };

/** What a gate decided, with everything it looked at. */
export type Decision = {
  /** `incomplete`: the run did not measure all it planned, so that nothing can be passed. */
  outcome: 'pass' | 'fail' | 'incomplete';
  title: string;
  message: string;
  /** What people must see, the worst first. */
  problems: Problem[];
  findings: Finding[];
  /** What to do next, with commands; null where nothing is. */
  next: string | null;
};

/** A scenario in whose sample something is undecided, and the fresh trials of each variant that decide it. */
export type Doubt = { scenario: string; trials: number };

export function findDoubts({ findings }: Pick<Decision, 'findings'>): Doubt[] {
  const most = new Map<string, number>();
  for (const { scenario, trials } of findings) {
    if (scenario !== null && trials !== null) most.set(scenario, Math.max(trials, most.get(scenario) ?? 0));
  }
  return [...most].map(([scenario, trials]) => ({ scenario, trials }));
}
