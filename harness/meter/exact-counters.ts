/** Sources of exact counts: a module or a command that a user brings, and a file in which counts are kept. */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { describeThrown, explainFailure, InfrastructureError, messageOf, UsageError } from '../errors.ts';
import { parseJson } from '../json.ts';
import type { ExactCounter } from './token-counter.ts';

/** Longest wait for the answer to one text, in milliseconds: a first one may load a vocabulary. */
const answerMs = 60_000;

const tokenCount = z.int().nonnegative().nullish();
const answerLine = z.strictObject({ tokens: tokenCount });

/**
 * A counter that a user brings for a model: the path of a module, or a command. A module exports by default a function
 * `(texts, { model, signal }) => counts`, or a promise of them; a count is a whole number, or undefined where it does not know. A
 * command gets a line `{"model", "text"}` for each text and answers each, in order, with a line `{"tokens"}`, null where it does
 * not know. Throws a `UsageError` for a module that cannot be loaded; counting rejects with an `InfrastructureError`.
 */
export async function openOwnCounter(given: string, model: string, cwd: string): Promise<ExactCounter> {
  return /^\S+\.[cm]?[jt]s$/.test(given) ? loadModule(given, model, cwd) : startCommand(given, model, cwd);
}

async function loadModule(given: string, model: string, cwd: string): Promise<ExactCounter> {
  const file = resolve(cwd, given);
  let loaded: { default?: unknown };
  try {
    loaded = await import(pathToFileURL(file).href);
  } catch (error) {
    throw new UsageError(`The counter ${file} cannot be loaded: ${describeThrown(error)}.`, { cause: error });
  }
  const { default: count } = loaded;
  if (typeof count !== 'function') {
    throw new UsageError(
      `The counter ${file} must export by default a function of texts that returns counts.`,
    );
  }
  return {
    method: `counted by ${given}`,
    async count(texts, signal) {
      let counts: unknown;
      try {
        counts = await count(texts, { model, signal });
      } catch (error) {
        signal.throwIfAborted();
        throw new InfrastructureError(`The counter ${file} failed: ${describeThrown(error)}.`, {
          cause: error,
        });
      }
      const parsed = z.array(tokenCount).length(texts.length).safeParse(counts);
      if (parsed.success) return parsed.data.map((tokens) => tokens ?? undefined);
      throw new InfrastructureError(
        `The counter ${file} must return ${texts.length} whole numbers or undefined: ${z.prettifyError(parsed.error)}`,
      );
    },
  };
}

type Waiting = { resolve: (line: string) => void; reject: (error: Error) => void };

function startCommand(command: string, model: string, cwd: string): ExactCounter {
  let started: ReturnType<typeof openLines> | undefined;
  /** One batch at a time: answers come in the order of the lines. */
  let last: Promise<unknown> = Promise.resolve();
  const countAll = async (texts: readonly string[], signal: AbortSignal) => {
    signal.throwIfAborted();
    started ??= openLines(command, cwd);
    const lines = await started.ask(
      texts.map((text) => JSON.stringify({ model, text })),
      signal,
    );
    return lines.map((line) => {
      try {
        return answerLine.parse(JSON.parse(line)).tokens ?? undefined;
      } catch (error) {
        throw new InfrastructureError(
          `The counter "${command}" must answer each line with {"tokens": n}; it wrote ${JSON.stringify(line.slice(0, 200))}.`,
          { cause: error },
        );
      }
    });
  };
  return {
    method: `counted by ${command}`,
    count(texts, signal) {
      const counts = last.then(() => countAll(texts, signal));
      last = counts.catch(() => {});
      return counts;
    },
  };
}

/** A command that answers lines with lines. While nothing is asked, it does not keep this process from ending, which ends it. */
function openLines(command: string, cwd: string) {
  // In a group of its own, so that what its shell started ends with it.
  const child: ChildProcessWithoutNullStreams = spawn(command, {
    cwd,
    shell: true,
    stdio: 'pipe',
    detached: process.platform !== 'win32',
  });
  const waiting: Waiting[] = [];
  let failure: Error | undefined;
  let said = '';
  const fail = (what: string) => {
    failure ??= new InfrastructureError(
      `The counter "${command}" ${what}.${said && ` It said: ${said.trim()}`}`,
    );
    for (const { reject } of waiting.splice(0)) reject(failure);
  };
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-500);
  });
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.resolve(line));
  child.once('error', (error) => fail(`cannot be started: ${messageOf(error)}`));
  child.once('close', (code) => fail(`ended with exit code ${code} and answers nothing more`));
  // What was written to a command that ended is reported by its end.
  child.stdin.on('error', () => {});
  const streams = [child, child.stdin, child.stdout, child.stderr] as { ref?(): void; unref?(): void }[];
  const hold = (isHeld: boolean) => {
    for (const each of streams) isHeld ? each.ref?.() : each.unref?.();
  };

  async function ask(lines: readonly string[], signal: AbortSignal): Promise<string[]> {
    if (failure) throw failure;
    hold(true);
    const stop = () => {
      endGroup(child);
      child.stdin.destroy();
    };
    signal.addEventListener('abort', stop, { once: true });
    let timer = setTimeout(stop, answerMs);
    try {
      const answers = lines.map(
        () => new Promise<string>((resolve, reject) => waiting.push({ resolve, reject })),
      );
      for (const answer of answers) answer.catch(() => {});
      child.stdin.write(lines.map((line) => `${line}\n`).join(''));
      const found: string[] = [];
      for (const answer of answers) {
        found.push(await answer);
        clearTimeout(timer);
        timer = setTimeout(stop, answerMs);
      }
      return found;
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      hold(false);
    }
  }
  return { ask };
}

function endGroup({ pid }: ChildProcessWithoutNullStreams): void {
  try {
    if (pid !== undefined) process.kill(process.platform === 'win32' ? pid : -pid);
  } catch {
    // It has ended by itself.
  }
}

/** Where counts are kept unless told otherwise, in the folder that a command starts in. */
export const countsFileName = 'token-counts.jsonl';

export const countsFormat = 'patternbench.counts/v1';

const header = z.object({ format: z.literal(countsFormat) });
const countLine = z.object({
  model: z.string(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('SHA-256 of the text in UTF-8.'),
  tokens: z.int().positive().describe('Tokens of the text alone, without the frame of a message.'),
});

/** Any line of a file of counts: the first names the format, each other one is a text's count. */
export const countsRecord = z.union([header, countLine]);

/** Counts by model and text. */
type Counts = Map<string, number>;

const keyOf = (model: string, text: string): string => `${model} ${hashOf(text)}`;
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Goes by the counts that a file holds of a model. Throws a `UsageError` where the file cannot be read. */
export function readCounts(file: string, model: string): ExactCounter {
  const { counts } = parseCounts(file);
  return {
    method: `counted (${basename(file)})`,
    count: async (texts) => texts.map((text) => counts.get(keyOf(model, text))),
  };
}

/** As many counts are asked for before they are written; an interrupt loses no more. */
const keptAtOnce = 32;

/**
 * Goes by the counts of a file and asks `source` for the others, which it adds to the file. Any number of processes may add to
 * one file.
 */
export function keepCounts(file: string, model: string, source: ExactCounter): ExactCounter {
  const { counts, isWhole } = existsSync(file) ? parseCounts(file) : { counts: new Map(), isWhole: true };
  if (!existsSync(file)) append(file, [{ format: countsFormat }]);
  // What a killed process left of its last line ends here.
  else if (!isWhole) append(file, [], '\n');
  return {
    // The same as where the file is only read: runs with and without a key are compared.
    method: `counted (${basename(file)})`,
    async count(texts, signal) {
      const missing = texts.filter((text) => !counts.has(keyOf(model, text)));
      for (let from = 0; from < missing.length; from += keptAtOnce) {
        const some = missing.slice(from, from + keptAtOnce);
        const found = await source.count(some, signal);
        const lines = some.flatMap((text, at) => {
          const tokens = found[at];
          if (tokens === undefined) return [];
          counts.set(keyOf(model, text), tokens);
          return [{ model, sha256: hashOf(text), tokens }];
        });
        append(file, lines);
      }
      return texts.map((text) => counts.get(keyOf(model, text)));
    },
  };
}

function parseCounts(file: string): { counts: Counts; isWhole: boolean } {
  const advice = `Count again with --count provider, or name another file.`;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read as token counts: ${messageOf(error)}. ${advice}`, {
      cause: error,
    });
  }
  const counts: Counts = new Map();
  const [first = '', ...lines] = text.split('\n');
  if (!header.safeParse(parseJson(first)).success) {
    throw new UsageError(`${file} does not begin with the line {"format":"${countsFormat}"}. ${advice}`);
  }
  for (const [index, line] of lines.entries()) {
    // A file that two branches added to may hold the first line again; a killed process leaves a part of a line.
    const json = parseJson(line);
    if (json === undefined || header.safeParse(json).success) continue;
    const parsed = countLine.safeParse(json);
    if (!parsed.success) {
      throw new UsageError(`${file}, line ${index + 2}: ${z.prettifyError(parsed.error)} ${advice}`);
    }
    counts.set(`${parsed.data.model} ${parsed.data.sha256}`, parsed.data.tokens);
  }
  return { counts, isWhole: text.endsWith('\n') };
}

function append(file: string, lines: readonly object[], before = ''): void {
  const text = before + lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  if (text === '') return;
  explainFailure(InfrastructureError, `${file} cannot be written`, () => appendFileSync(file, text));
}
