import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { InfrastructureError, messageOf, UsageError } from '../errors.ts';
import { parseJson } from '../json.ts';
import type { ExactCounter } from './token-counter.ts';

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
  else if (!isWhole) appendText(file, '\n');
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

function append(file: string, lines: readonly object[]): void {
  appendText(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

function appendText(file: string, text: string): void {
  if (text === '') return;
  try {
    appendFileSync(file, text);
  } catch (error) {
    throw new InfrastructureError(`${file} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}
