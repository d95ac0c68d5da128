import type { CheckName, Level } from './policy.ts';

/** What was looked at: one of the checks, or what kept figures from being compared. */
export type Looked = CheckName | 'missing' | 'new' | 'conditions' | 'prices' | 'weighing' | 'toolSurface';

/**
 * One thing that the gate looked at. `pass` and `breach` are what they say; `not_comparable` means that there is no figure
 * to judge, and why is in the message; `undecided` that live trials were too few or too uneven to say.
 */
export type Finding = {
  check: Looked;
  status: 'pass' | 'breach' | 'not_comparable' | 'undecided';
  /** What the policy makes of anything but a pass. */
  level: Level;
  /** Null for the suite as a whole. */
  scenario: string | null;
  params: string;
  variant: string | null;
  before: number | string | null;
  after: number | string | null;
  /** One line. */
  title: string;
  /** What changed, by how much, what was allowed, and which tool, field or category it came from. */
  message: string;
};

/** What a gate decided, with everything it looked at. */
export type Decision = {
  /** `incomplete`: the run did not measure all it planned, so that nothing can be passed. */
  outcome: 'pass' | 'fail' | 'incomplete';
  title: string;
  message: string;
  findings: Finding[];
};

/** Findings that people must see, the worst first. */
export function problemsOf({ findings }: Decision): Finding[] {
  const shown = findings.filter((finding) => finding.status !== 'pass' && finding.level !== 'off');
  return [
    ...shown.filter((finding) => finding.level === 'error'),
    ...shown.filter((finding) => finding.level === 'warn'),
  ];
}
