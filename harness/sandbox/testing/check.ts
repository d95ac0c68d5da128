import { expect } from 'vitest';
import { programStatuses } from '../../results/codes.ts';
import type { Attack } from './attacks.ts';
import { CANARY } from './escapes.ts';
import { type Attempt, hostPrototypes } from './harness.ts';

const prototypes = hostPrototypes();

/** What every program must leave as it was. */
export function checkInvariants({ end, calls, text, longestGapMs, audit }: Attempt): void {
  expect(programStatuses).toContain(end.status);
  expect(text).not.toContain(CANARY);
  expect(longestGapMs, 'the parent stayed responsive').toBeLessThan(2000);
  expect(hostPrototypes()).toBe(prototypes);
  expect(audit.problems, 'the audit log verifies').toEqual([]);
  expect(audit.served, 'the servers got what the log says').toBe(audit.logged);
  expect(audit.served).toBe(calls.length);
}

/** The invariants, and how this attack must have ended. */
export function checkAttack(attack: Attack, made: Attempt): void {
  const { end, calls, text } = made;
  checkInvariants(made);
  expect([attack.ends].flat(), text.slice(0, 600)).toContain(end.status);
  expect(end.calls).toBe(calls.length);
  if (attack.crossed) expect(calls.map(({ args }) => args)).toEqual(attack.crossed);
  if (end.status === 'ok') {
    const value: unknown = end.valueJson === undefined ? undefined : JSON.parse(end.valueJson);
    if ('value' in attack) expect(value).toEqual(attack.value);
  } else {
    expect(end.error.message.length).toBeLessThan(10_000);
    if (attack.says && end.status === [attack.ends].flat()[0]) expect(end.error.message).toMatch(attack.says);
  }
}
