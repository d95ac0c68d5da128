import type { Ended } from './command.ts';
import type { Finding } from './part.ts';

/** A run takes some 250 MiB; a fault may make it take as much again and more, but not without bound. */
const usualMostMiB = 700;
/** Bytes on standard output and standard error together: a table, progress and messages; texts of servers are capped. */
const mostPrinted = 256 * 1024;

/** What a command may come to. */
export type Bounds = {
  /** Exit codes that are right for this fault. */
  exits: readonly number[];
  /** 700 where nothing is said. */
  mostMiB?: number | undefined;
  /** Characters of standard error. */
  mostMessage?: number;
  /** True where the fault itself starts processes in a group of their own, which outlive it: a documented limit. */
  mayLeave?: boolean | undefined;
};

const rawStack = /^\s+at .*(?:file:|node:|\.[cm]?[jt]s:\d+)|^node:internal|^\s*throw (?:new |err)/m;
/** Control characters but line feed and tab, and characters that turn the direction of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const steering = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;
/** Four words in a row: a sentence, not a code. */
const sentence = /\p{L}{2,}\P{L}+\p{L}{2,}\P{L}+\p{L}{2,}\P{L}+\p{L}{2,}/u;

/** What a run says at its end, with any result. */
const afterwards = /^(Run directory|Resume|Every pattern failed)|--help shows|--resume/;

/** What is wrong with how a command ended, in words; empty where nothing is. */
export function findProblems(ended: Ended, bounds: Bounds): string[] {
  const { code, signal, stdout, stderr, printed, peakMiB, late, left } = ended;
  const problems: string[] = [];
  if (late) problems.push('it was not over in time');
  else if (code === null) problems.push(`it died of ${signal}`);
  else if (!bounds.exits.includes(code))
    problems.push(`it ended with exit code ${code}, not ${bounds.exits.join(' or ')}`);
  if (rawStack.test(stderr) || rawStack.test(stdout)) problems.push('it shows a raw stack');
  if (steering.test(stderr) || steering.test(stdout)) problems.push('it prints raw control characters');
  if (code !== 0 && !late && !sentence.test(stderr)) problems.push('it gives no reason');
  if (printed > mostPrinted) problems.push(`it printed ${printed} bytes`);
  if (bounds.mostMessage !== undefined && stderr.length > bounds.mostMessage) {
    problems.push(`its message has ${stderr.length} characters`);
  }
  if (peakMiB > (bounds.mostMiB ?? usualMostMiB)) problems.push(`it took ${peakMiB} MiB`);
  if (left.length > 0 && !bounds.mayLeave) problems.push(`it left ${left.length} processes: ${left[0]}`);
  return problems;
}

/**
 * What became of a fault after one command or several, of which the costliest counts and the last says how it ended: `BAD` where
 * there are problems, else `survived` or `told`. `why` is what was told, where nothing else is said.
 */
export function toFinding(
  all: readonly [Ended, ...Ended[]],
  problems: readonly string[],
  { done, why }: { done?: boolean; why?: string } = {},
): Finding {
  const last = all.at(-1) ?? all[0];
  const hasWorked = done ?? last.code === 0;
  const said = why ?? (hasWorked && problems.length === 0 ? '' : lastSentence(last.stderr));
  return {
    outcome: problems.length > 0 ? 'BAD' : hasWorked ? 'survived' : 'told',
    why: problems.length > 0 ? `${problems.join('; ')}. ${said}` : said,
    seconds: Math.max(...all.map(({ seconds }) => seconds)),
    peakMiB: Math.max(...all.map(({ peakMiB }) => peakMiB)),
    code: last.code,
    left: last.left.length,
  };
}

/** The last line that says something, shortened, for a list of what was told. */
export function lastSentence(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => sentence.test(line) && !afterwards.test(line));
  return shorten(lines.at(-1) ?? stderr.trim(), 160);
}

/** Text in one line, of at most so many characters. */
export function shorten(text: string, most: number): string {
  const line = text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
