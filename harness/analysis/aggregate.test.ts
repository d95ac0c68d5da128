import { describe, expect, test } from 'vitest';
import { tallyTrials } from '../results/reading.ts';
import { resultSchema } from '../results/summary.ts';
import { trialResult } from '../run/testing/trial-result.ts';
import { aggregate } from './aggregate.ts';

describe('several trials as one result', () => {
  test('one trial stays as it is, to the byte', () => {
    const trial = trialResult(1);
    expect(aggregate([trial])).toBe(trial.result);
  });

  test('what infrastructure ended lends the others nothing of its own', () => {
    const lost = trialResult(1, {
      status: 'infrastructure_error',
      correct: null,
      tools: 0,
      resultBytes: 7,
    });
    const measured = [trialResult(2, { tools: 4, resultBytes: 100 }), trialResult(3, { tools: 4 })];
    const result = aggregate([lost, ...measured]);
    expect(result.tools).toBe(4);
    expect(result.trials).toBe(3);
    expect(aggregate([lost, measured[0] as typeof lost]).resultBytes).toBe(100);
  });

  test('a number that has no rule of its own is the mean, and left out where a trial lacks it', () => {
    const trials = [trialResult(1, { resultBytes: 100 }), trialResult(2, { resultBytes: 300 })];
    expect(aggregate(trials).resultBytes).toBe(200);
    expect(aggregate([...trials, trialResult(3)])).not.toHaveProperty('resultBytes');
  });

  test('what no model need see is a mean over trials', () => {
    const trials = [
      trialResult(1, { canaries: { returned: 10, reached: 10, bytes: 300 } }),
      trialResult(2, { canaries: { returned: 10, reached: 5, bytes: 100 } }),
    ];
    expect(aggregate(trials).canaries).toEqual({ returned: 10, reached: 7.5, bytes: 200 });
  });

  test('what faults did is a mean over trials, by kind too; silence is a share of them', () => {
    const faults = (met: object, retried: number, silent: number) => ({
      faults: { met, retried, gaveUp: 0, wroteTwice: retried, silent },
    });
    const trials = [
      trialResult(1, faults({ error: 3, cut: 1 }, 4, 0)),
      trialResult(2, faults({ error: 1 }, 1, 1)),
    ];
    expect(aggregate(trials).faults).toEqual({
      met: { cut: 0.5, error: 2 },
      retried: 2.5,
      gaveUp: 0,
      wroteTwice: 2.5,
      silent: 0.5,
    });
    expect(aggregate([...trials, trialResult(3)])).not.toHaveProperty('faults');
  });

  test('figures are means, and the rows of the ledger sum to the mean bill to the last digit', () => {
    const trials = [1000, 1001, 1003, 1007, 1019, 1031, 1033].map((tokens, index) =>
      trialResult(index + 1, { tokens }),
    );
    const result = aggregate(trials);
    expect(resultSchema.parse(result)).toEqual(result);
    expect(result.trials).toBe(7);
    expect(result.ledger.reduce((sum, row) => sum + row.tokens, 0)).toBe(result.tokens.billed);
    expect(result.tokens.billed).toBe(result.tokens.input + result.tokens.output);
    expect(result.tokens.input).toBeCloseTo(7094 / 7, 2);
    expect(result.costUsd?.cached).toBeCloseTo(7094 / 7 / 1e5, 8);
  });

  test('what mistakes take is a mean over trials, of the kinds that all of them have', () => {
    const assumed = (usd: number) => ({
      costUsd: { cached: usd, uncached: usd },
      billed: usd,
      modelledMs: 1,
      largestRequest: 1,
    });
    const made = [1, 2, 3].map(assumed);
    const otherwise = { assumed: {}, sizes: [] };
    const result = aggregate([
      trialResult(1, { otherwise: { ...otherwise, mistakes: { failedProgram: made, wastedLookUp: made } } }),
      trialResult(2, { otherwise: { ...otherwise, mistakes: { failedProgram: [3, 4, 5].map(assumed) } } }),
    ]);
    expect(result.otherwise?.mistakes).toEqual({ failedProgram: [2, 3, 4].map(assumed) });
  });

  test('what a provider counted keeps its remainder beside the rows', () => {
    const trials = [50, -20, 7].map((remainder, index) => {
      const trial = trialResult(index + 1);
      const { tokens } = trial.result;
      const billed = { ...tokens, input: tokens.input + remainder, billed: tokens.billed + remainder };
      return { ...trial, result: { ...trial.result, tokens: billed, remainder } };
    });
    const result = aggregate(trials);
    const rows = result.ledger.reduce((sum, row) => sum + row.tokens, 0);
    expect(rows + (result.remainder ?? 0)).toBe(result.tokens.billed);
    expect(result.remainder).toBeCloseTo(37 / 3, 2);
  });

  test('ends of programs, refused and stopped calls are means too, whichever trials have them', () => {
    const result = aggregate([
      trialResult(1, {
        programs: 2,
        programEnds: { ok: 1, timeout_cpu: 1 },
        stoppedCalls: { unknown_tool: 4 },
      }),
      trialResult(2, { programs: 1, programEnds: { ok: 1 }, sentAgain: { input: 3 } }),
      trialResult(3, { refusals: 3, refusalCodes: { not_allowed: 3 } }),
      trialResult(4, { status: 'infrastructure_error', correct: null, programs: 9, programEnds: { oom: 9 } }),
    ]);
    expect(result.programs).toBe(1);
    expect(result.programEnds).toEqual({ ok: 2 / 3, timeout_cpu: 1 / 3 });
    expect(result.stoppedCalls).toEqual({ unknown_tool: 4 / 3 });
    expect(result.refusalCodes).toEqual({ not_allowed: 1 });
    expect(result.sentAgain).toEqual({ input: 1 });
    const without = aggregate([
      trialResult(1, { status: 'infrastructure_error', programEnds: { ok: 1 } }),
      trialResult(2),
    ]);
    expect(without).not.toHaveProperty('programEnds');
  });

  test('what infrastructure ended is counted and is in no mean', () => {
    const result = aggregate([
      trialResult(1, { tokens: 1000 }),
      trialResult(2, { tokens: 0, status: 'infrastructure_error', correct: null, reason: 'It crashed.' }),
      trialResult(3, { tokens: 3000, correct: 0, reason: 'Expected 1, got 2.' }),
    ]);
    expect(result).toMatchObject({
      trials: 3,
      status: 'completed',
      outcomes: { completed: 2, infrastructure_error: 1 },
      correct: 0.5,
      reason: 'Expected 1, got 2.',
    });
    expect(result.tokens.input).toBe(2000);
    expect(tallyTrials({ planned: 4, results: [result] })).toEqual({
      planned: 4,
      correct: 1,
      wrong: 1,
      errored: 1,
      notRun: 1,
    });
  });

  test('one trial without a price leaves the mean without one', () => {
    const result = aggregate([trialResult(1), trialResult(2, { costUsd: null, unpriced: true })]);
    expect(result).toMatchObject({ costUsd: null, unpriced: true });
  });
});
