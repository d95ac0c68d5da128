import { number } from '../numbers.ts';
import type { WorkRecord } from '../results/trace.ts';
import type { UnequalCall } from '../results/verdict.ts';
import { toLine } from '../visible.ts';

/** What one trial asked and was answered. */
export type TrialWork = {
  variant: string;
  repeat: number;
  /** Where the servers' data come from: only trials of the same data do the same work. */
  dataSeed: number;
  /** Whether the decisions were computed, so that all trials make the same calls in the same order. */
  isComputed: boolean;
  work: WorkRecord;
};

type Call = {
  tool: number;
  args: string;
  result: string;
  bytes: number;
  /** Whether the trial had written anything before. */
  hasWritten: boolean;
};
type Seen = { trial: TrialWork; calls: Call[] };

/**
 * The first call of each tool whose result was not the same in all trials. What is compared are calls of the same tool with
 * the same arguments:
 *
 * - reads before the trial has written anything, in their order, since the state is still the one it started from;
 * - where all decisions were computed, writes and later reads too, if the trials made as many of them. A read that one trial makes
 *   before its writes and another after them is compared as well: it was only moved because its result is the same. Trials that
 *   were sampled may have changed the state each in its own way, so that only their first write is compared.
 */
export function findUnequalWork(trials: readonly TrialWork[]): UnequalCall[] {
  const known = new Map<string, Seen>();
  const unequal = new Map<string, UnequalCall>();
  const areComputed = trials.every(({ isComputed }) => isComputed);
  for (const trial of trials) {
    for (const [key, calls] of groupCalls(trial, areComputed)) {
      const before = known.get(key);
      if (!before) {
        known.set(key, { trial, calls });
        continue;
      }
      const [first] = calls;
      const name = first && nameOf(trial.work, first);
      if (name === undefined || unequal.has(name)) continue;
      const found = findDifference(before, { trial, calls });
      if (found) unequal.set(name, found);
    }
  }
  return [...unequal.values()];
}

/** A trial's calls by what they may be compared with; up to its first write unless decisions were computed. */
function groupCalls({ work, dataSeed }: TrialWork, areComputed: boolean): Map<string, Call[]> {
  const calls = work.calls.map(
    ([tool, args, result, bytes, hasWritten]): Call => ({ tool, args, result, bytes, hasWritten }),
  );
  const end = areComputed ? -1 : calls.findIndex(({ hasWritten }) => hasWritten);
  return Map.groupBy(
    end < 0 ? calls : calls.slice(0, end),
    (call) => `${dataSeed} ${nameOf(work, call)} ${call.args}`,
  );
}

function findDifference(a: Seen, b: Seen): UnequalCall | undefined {
  const isAsOften = a.calls.length === b.calls.length;
  const isRead = ({ trial, calls: [call] }: Seen) =>
    call !== undefined && trial.work.tools[call.tool]?.readOnly === true;
  if (!isAsOften && !isRead(a)) return undefined;
  const most = Math.min(a.calls.length, b.calls.length);
  for (let index = 0; index < most; index += 1) {
    const [one, other] = [a.calls[index], b.calls[index]];
    if (!one || !other || one.result === other.result) continue;
    // After writes, the same place among more calls may be another place in the work.
    if (!isAsOften && (one.hasWritten || other.hasWritten)) break;
    const { server = '', tool = '' } = a.trial.work.tools[one.tool] ?? {};
    const isSame = a.trial.variant === b.trial.variant;
    const nameTrial = ({ trial: { variant, repeat } }: Seen) =>
      isSame ? `${variant} (trial ${repeat})` : variant;
    const variants: [string, string] = [nameTrial(a), nameTrial(b)];
    return { server, tool, occurrence: index + 1, variants, difference: describe(a, one, b, other) };
  }
  return undefined;
}

function nameOf({ tools }: WorkRecord, { tool }: Call): string {
  const { server, tool: name } = tools[tool] ?? {};
  return `${server}.${name}`;
}

/** Characters shown of arguments and of each result, and how many of them before the difference. */
const mostArguments = 120;
const mostShown = 60;
const lead = 20;

function describe(a: Seen, one: Call, b: Seen, other: Call): string {
  const args = a.trial.work.texts[one.args];
  const asked = args === undefined ? '' : `asked with ${toLine(args, mostArguments)}: `;
  const sizes = `${number(one.bytes)} and ${number(other.bytes)} bytes`;
  const [left, right] = [a.trial.work.texts[one.result], b.trial.work.texts[other.result]];
  if (left === undefined || right === undefined) return `${asked}${sizes}, their text is not kept`;
  if (left === right) return `${asked}alike in their first ${number(left.length)} characters, ${sizes}`;
  let at = 0;
  while (left[at] === right[at]) at += 1;
  const from = Math.max(0, at - lead);
  const cut = (text: string) => {
    if (text.length <= from) return from === 0 ? 'nothing' : 'nothing more';
    return `${from > 0 ? '…' : ''}${toLine(text.slice(from).toWellFormed(), mostShown)}`;
  };
  return `${asked}${cut(left)} and ${cut(right)} (${sizes})`;
}
