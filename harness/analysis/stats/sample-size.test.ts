import fc from 'fast-check';
import { expect, test } from 'vitest';
import { trialsForShare } from './enough.ts';
import { normalQuantile } from './normal.ts';
import reference from './reference.json' with { type: 'json' };
import { wilsonHalfWidth } from './share.ts';

test('the trials for a share are the fewest whose Wilson interval is narrow enough', () => {
  const z = normalQuantile(0.975);
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(share, fc.double({ min: 0.005, max: 0.45, noNaN: true }), (p, halfWidth) => {
      const trials = trialsForShare(p, halfWidth);
      expect(wilsonHalfWidth(p, trials, z)).toBeLessThanOrEqual(halfWidth * (1 + 1e-9));
      if (trials > 1) expect(wilsonHalfWidth(p, trials - 1, z)).toBeGreaterThan(halfWidth * (1 - 1e-9));
    }),
  );
});

test.each(reference.trialsForShare as [number, number, number][])(
  'a share of %d to ± %d takes as many trials as a search with statsmodels finds',
  (share, halfWidth, trials) => {
    expect(trialsForShare(share, halfWidth)).toBe(trials);
  },
);

test('a half-width of nothing is refused', () => {
  expect(() => trialsForShare(0.5, 0)).toThrow(RangeError);
});
