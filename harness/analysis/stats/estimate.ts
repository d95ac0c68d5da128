/**
 * What a number from a sample may claim. Consumers switch on `status`, so a bound can be read only where
 * there is one. `n` counts the observations (trials or pairs) behind the value.
 */
export type Estimate = IntervalEstimate | LowerBoundEstimate | PointEstimate | NoEstimate;

/** A value with both bounds, at two-sided `confidence` (0.95 means 95 %). */
export interface IntervalEstimate {
  readonly status: 'interval';
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
  readonly n: number;
}

/**
 * A value with a floor but no ceiling: the data do not rule out a denominator of zero, as with the cost per
 * correct trial when few trials were correct. `low` is the lower end of the two-sided interval.
 */
export interface LowerBoundEstimate {
  readonly status: 'lower_bound';
  readonly value: number;
  readonly low: number;
  readonly confidence: number;
  readonly n: number;
}

/** A value whose uncertainty the data cannot show. */
export type PointEstimate = TooFewEstimate | NoVariationEstimate;

/**
 * Fewer observations than an interval at the asked confidence can be built from; `needed` are enough for
 * one.
 */
export interface TooFewEstimate {
  readonly status: 'point';
  readonly reason: 'too_few';
  readonly value: number;
  readonly n: number;
  readonly needed: number;
}

/**
 * Two or more observations that all say the same. For a computed figure that is certainty, for a sampled one
 * it only means that nothing has varied yet; the evidence decides, so no zero-width interval is offered.
 */
export interface NoVariationEstimate {
  readonly status: 'point';
  readonly reason: 'no_variation';
  readonly value: number;
  readonly n: number;
}

/** No value at all. `value` is there, as null, so that a serialised estimate always has the key. */
export interface NoEstimate {
  readonly status: 'none';
  readonly reason: 'no_observations' | 'zero_denominator';
  readonly value: null;
  readonly n: number;
}
