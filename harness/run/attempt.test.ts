import { describe, expect, test } from 'vitest';
import type { Outcome, ProgramReport } from '../agent/patterns/converse.ts';
import { findVariant } from '../agent/variants.ts';
import { findModel } from '../meter/catalogue.ts';
import type { Meter, Overflow, Reading } from '../meter/meter.ts';
import type { ToolCaller } from '../tools/tool-caller.ts';
import { type Attempt, toResult, usageOf } from './attempt.ts';
import type { Trial } from './plan.ts';

const trial = {
  scenario: { name: 'scene' },
  params: { items: 3 },
  variant: findVariant('code'),
  model: findModel('claude-sonnet-5'),
  repeat: 1,
} as unknown as Trial;

/** What the meter read, where `billed` tokens were billed. */
const read = (billed: number): Reading =>
  ({
    roundTrips: 2,
    tokens: { billed },
    ledger: [],
    costUsd: { cached: billed / 1e6, uncached: billed / 1e6 },
    modelledMs: 1_000,
    prefixTokens: 10,
  }) as unknown as Reading;

const meterOf = (overflow?: Overflow & { hypothetical: Reading }): Meter =>
  ({
    reading: () => read(100),
    overflow: () => overflow,
    counts: () => [],
    otherwise: () => undefined,
  }) as unknown as Meter;

/** A program that ran for so long, from its start on. */
const program = (wallMs: number): ProgramReport =>
  ({ status: 'ok', calls: 1, stoppedCalls: {}, measured: { startMs: 5, wallMs, cpuMs: 1 } }) as ProgramReport;

/** A caller that made calls; programs waited `ms` for theirs. */
const callerOf = (calls: number, ms: number): ToolCaller =>
  ({
    ...{ calls: () => calls, sentAgain: () => 0, refusals: () => ({ not_allowed: 1 }), busyMs: () => ms },
  }) as unknown as ToolCaller;

const attemptOf = (outcome: Outcome | undefined, change: Partial<Attempt> = {}): Attempt => ({
  outcome,
  grades: undefined,
  surface: [],
  serverStartMs: 12,
  programs: [program(50)],
  caller: callerOf(7, 30),
  findings: { evidence: 'scripted' },
  ...change,
});

const graded = (correct: boolean) => ({
  correct,
  grades: [
    { grader: 'state', correct: true, reason: 'The state is right.' },
    { grader: 'answer', correct, reason: correct ? 'The answer is right.' : 'The answer is 4.' },
  ],
});
const completed: Outcome = { status: 'completed', answer: '3' };
const overflow = { roundTrip: 2, inputTokens: 900, contextWindow: 800 };

describe('a result', () => {
  test('of an answer is right where all graders say so, and tells what was asked and billed', () => {
    const result = toResult(trial, attemptOf(completed, { grades: graded(true) }), meterOf(), 100.04);
    expect(result).toMatchObject({
      ...{ scenario: 'scene', params: { items: 3 }, variant: 'code', pattern: 'code', trials: 1 },
      ...{ status: 'completed', correct: 1, toolCalls: 7, refusals: 1, programs: 1 },
      refusalCodes: { not_allowed: 1 },
      programEnds: { ok: 1 },
      tokens: { billed: 100 },
      measured: { toolsMs: 30, sandboxMs: 25, serverStartMs: 12, totalMs: 100 },
    });
  });

  test('of a wrong answer gives the reason of the grader that found it wrong', () => {
    const result = toResult(trial, attemptOf(completed, { grades: graded(false) }), meterOf(), 1);
    expect(result).toMatchObject({ correct: 0, reason: 'The answer is 4.' });
  });

  test('of a trial that did not end is neither right nor wrong', () => {
    const result = toResult(trial, attemptOf(undefined), meterOf(), 1);
    expect(result).toMatchObject({
      status: 'infrastructure_error',
      reason: 'The trial did not end.',
      correct: null,
    });
  });

  test('keeps no secret of a server in its reason', () => {
    const redact = (text: string) => text.replaceAll('sk-canary', '[redacted]');
    const outcome: Outcome = { status: 'infrastructure_error', error: 'It said sk-canary.' };
    const { reason } = toResult(trial, attemptOf(outcome, { redact }), meterOf(), 1);
    expect(reason).toBe('It said [redacted].');
  });

  test('of an overflow stops at it, and has what the whole job would have come to beside', () => {
    const attempt = attemptOf(
      { status: 'context_overflow', ...overflow },
      { grades: graded(true), atOverflow: usageOf({ caller: callerOf(2, 10), programs: [] }) },
    );
    const result = toResult(trial, attempt, meterOf({ ...overflow, hypothetical: read(5_000) }), 1);
    expect(result).toMatchObject({
      ...{ status: 'context_overflow', correct: 0, toolCalls: 2, programs: 0, overflow },
      tokens: { billed: 100 },
      hypothetical: { toolCalls: 7, correct: 1, tokens: { billed: 5_000 } },
    });
  });

  test('of a prompt that the provider refused has no such whole job', () => {
    const result = toResult(trial, attemptOf({ status: 'context_overflow', ...overflow }), meterOf(), 1);
    expect(result.overflow).toEqual(overflow);
    expect(result.hypothetical).toBeUndefined();
  });
});

test('time in which programs wait for their calls is the tools’, and never counted below zero', () => {
  expect(usageOf({ caller: callerOf(1, 40), programs: [program(50)] }).sandboxMs).toBe(15);
  expect(usageOf({ caller: callerOf(1, 400), programs: [program(50)] }).sandboxMs).toBe(0);
  expect(usageOf({ programs: [] })).toMatchObject({ calls: 0, refusals: {}, toolsMs: 0, sandboxMs: 0 });
});
