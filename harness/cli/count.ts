import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { toJson } from '../../reports/exporters.ts';
import { onScreen } from '../../reports/text/terminal.ts';
import { describeCounts, type FileCount } from '../../reports/tools.ts';
import { liveModelId } from '../agent/model/live-models.ts';
import { messageOf, UsageError } from '../errors.ts';
import { findModel, type ModelEntry } from '../meter/catalogue.ts';
import { loadEstimate } from '../meter/estimate.ts';
import { PromptParts } from '../meter/prompt-parts.ts';
import {
  addCounts,
  fixed,
  labelOf,
  preferExact,
  type TokenCounter,
  toRange,
} from '../meter/token-counter.ts';
import type { Asked } from './add-options.ts';
import { openExactCounts } from './counting.ts';
import { untilInterrupted } from './interrupt.ts';
import { type Io, screenFor } from './io.ts';
import { writeOutputs } from './outputs.ts';

/** What is counted of a file: texts, and tokens of what stands around them in a prompt. */
type CountedPart = { text: string; markup: number };

/** The name of standard input among files. */
const standardInput = '-';

/** `count`: how many tokens texts are, or what tools add to a prompt. */
export async function count(files: string[], { options }: Asked<'count'>, io: Io): Promise<number> {
  const model = findModel(liveModelId(options.model) ?? options.model);
  const read: { file: string; parts: CountedPart[] }[] = [];
  for (const file of files.length > 0 ? files : [standardInput]) {
    const text = await readText(file, io);
    read.push({ file, parts: options.tools ? readTools(file, text, model) : [{ text, markup: 0 }] });
  }
  const estimate = await loadEstimate(model.tokenizer);
  const exact = await openExactCounts(options, model.id, io);
  const counter: TokenCounter = exact ? preferExact(exact, estimate) : estimate;
  await untilInterrupted(io, async (signal) =>
    counter.prepare?.(
      read.flatMap(({ parts }) => parts.map(({ text }) => text)),
      signal,
    ),
  );
  const counts = read.map(({ file, parts }): FileCount => {
    const sum = addCounts(parts.flatMap(({ text, markup }) => [counter.measure(text), fixed(markup)]));
    const label = exact ? labelOf(sum) : 'estimated';
    const method =
      exact && label === 'counted'
        ? exact.method
        : `${label}: ${label === 'estimated' ? estimate.method : counter.method}`;
    return { file, ...toRange(sum), method };
  });
  const md = (found: FileCount[]) => `${describeCounts(found, model.id)}\n`;
  const screen = screenFor(io.stdout, io.env);
  writeOutputs(counts, options, {
    text: (found) => onScreen(md(found), screen),
    writers: { json: toJson, md },
    io,
  });
  return 0;
}

async function readText(file: string, { stdin, cwd }: Io): Promise<string> {
  if (file !== standardInput) {
    try {
      return readFileSync(resolve(cwd, file), 'utf8');
    } catch (error) {
      throw new UsageError(`${file} cannot be read: ${messageOf(error)}.`, { cause: error });
    }
  }
  const pieces: Buffer[] = [];
  for await (const piece of stdin ?? []) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString('utf8');
}

/** Tools as `tools/list` answers, with or without the JSON-RPC message around it. */
const listedTools = z.array(
  z.object({
    name: z.string(),
    description: z.string().optional(),
    inputSchema: z.record(z.string(), z.unknown()),
  }),
);
const listing = z.union([
  listedTools,
  z.object({ tools: listedTools }).transform(({ tools }) => tools),
  z.object({ result: z.object({ tools: listedTools }) }).transform(({ result }) => result.tools),
]);

/** What the tools of a listing add to a prompt, the provider's own prompt on tools included. */
function readTools(file: string, text: string, model: ModelEntry): CountedPart[] {
  const refuse = (reason: string, cause?: unknown) =>
    new UsageError(`${file} is not an answer to tools/list: ${reason}. Save it as { "tools": [...] }.`, {
      cause,
    });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw refuse(messageOf(error), error);
  }
  const parsed = listing.safeParse(json);
  if (!parsed.success) throw refuse('it has no list of tools with names and input schemas');
  const tools = parsed.data.map(({ name, description, inputSchema }) => ({
    name,
    ...(description !== undefined && { description }),
    input_schema: { ...inputSchema, type: 'object' as const },
  }));
  return new PromptParts(model, {}).prefix({ tools });
}
