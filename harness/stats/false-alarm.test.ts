import { expect, test } from 'vitest';
import { compareMeans } from './equivalence.ts';
import { falseAlarmRate } from './false-alarm.ts';
import { randomStream } from './random.ts';

test('the rate counts claimed differences among all comparisons and reports the undecided apart', () => {
  const decisions = (['different', 'equivalent', 'insufficient', 'insufficient'] as const).map(
    (decision) => ({ decision }),
  );
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

test('a variant compared with itself raises an alarm in fewer than one comparison in twenty', () => {
  const random = randomStream(5);
  const cost = () => 1 + random() / 2 ** 32;
  const comparisons = Array.from({ length: 200 }, (_, seed) => {
    const pairs = Array.from({ length: 10 }, () => ({ reference: cost(), variant: cost() }));
    return compareMeans(pairs, { margin: 0.05, seed, resamples: 500 });
  });
  const { rate } = falseAlarmRate(comparisons);
  expect(rate.status === 'interval' && rate.value).toBeLessThan(0.05);
});
