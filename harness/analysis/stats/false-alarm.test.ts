import { expect, test } from 'vitest';
import { falseAlarmRate } from './false-alarm.ts';

test('the rate counts claimed differences among all comparisons and reports the undecided apart', () => {
  const decisions = (['lower', 'equivalent', 'insufficient', 'insufficient'] as const).map((decision) => ({
    decision,
  }));
  expect(falseAlarmRate(decisions)).toMatchObject({
    rate: { status: 'interval', value: 0.25, n: 4 },
    claimed: 1,
    undecided: 2,
    comparisons: 4,
  });
});

test('no comparison gives no rate', () => {
  expect(falseAlarmRate([]).rate).toMatchObject({ status: 'none', value: null });
});
