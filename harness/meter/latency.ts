import { findNamed } from '../nearest.ts';
import type { RequestBill } from './ledger.ts';

/** How fast a model is taken to be where its time was not measured. Rates in tokens per second. */
export type LatencyProfile = {
  name: string;
  overheadSeconds: number;
  prefillRate: number;
  cachedPrefillRate: number;
  decodeRate: number;
};

/** Published figures for one model differ two to four times between sources; these span them. */
const profiles: LatencyProfile[] = [
  { name: 'fast', overheadSeconds: 0.3, prefillRate: 25_000, cachedPrefillRate: 200_000, decodeRate: 130 },
  { name: 'default', overheadSeconds: 0.8, prefillRate: 10_000, cachedPrefillRate: 90_000, decodeRate: 75 },
  { name: 'slow', overheadSeconds: 2, prefillRate: 4_000, cachedPrefillRate: 40_000, decodeRate: 45 },
];

/** The profile of a name. Throws a `UsageError` that lists the known ones. */
export function findLatencyProfile(name: string): LatencyProfile {
  return findNamed('latency profile', name, profiles, (profile) => profile.name, 1);
}

/**
 * Modelled milliseconds of one round trip: overhead + uncached input / prefill + cached input / cached prefill + output /
 * decode. What is written to the cache is prefilled like any other input.
 */
export function modelledMs(profile: LatencyProfile, bill: RequestBill): number {
  const seconds =
    profile.overheadSeconds +
    (bill.fresh + bill.cacheWrite) / profile.prefillRate +
    bill.cacheRead / profile.cachedPrefillRate +
    bill.output / profile.decodeRate;
  return seconds * 1000;
}
