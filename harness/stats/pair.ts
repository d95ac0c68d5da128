/**
 * What two variants gave on the same trial: same scenario, parameters, model and repeat. Keeping them
 * together is what lets a comparison ignore how hard the trial was for both.
 */
export interface Pair<T> {
  readonly reference: T;
  readonly variant: T;
}
