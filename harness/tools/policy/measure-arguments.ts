import { mostArguments } from '../../results/codes.ts';

/** The size of a call's arguments, measured once for the policy and the audit log. */
export type MeasuredArguments = {
  /** Their JSON text; undefined where they are nested too deeply to be written, or no JSON at all. */
  json: string | undefined;
  /** Bytes of that text in UTF-8; 0 where there is none. */
  bytes: number;
};

/** Measures what a model or a program wants to send. Never throws. */
export function measureArguments(args: unknown): MeasuredArguments {
  if (!isWithin(args, mostArguments.levels)) return { json: undefined, bytes: 0 };
  try {
    const json = JSON.stringify(args) as string | undefined;
    return { json, bytes: json === undefined ? 0 : Buffer.byteLength(json) };
  } catch {
    // A BigInt, a getter that throws, or text longer than a string can be.
    return { json: undefined, bytes: 0 };
  }
}

/** True where a value has at most so many levels; looks no deeper. */
function isWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  const members: unknown[] = Array.isArray(value) ? value : Object.values(value);
  return members.every((member) => isWithin(member, levels - 1));
}
