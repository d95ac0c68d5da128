import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { describeCounts, type FileCount } from '../../reports/counts.ts';
import { liveModelId } from '../agent/model/live-models.ts';
import { messageOf, UsageError } from '../errors.ts';
import { findModel } from '../meter/catalogue.ts';
import { loadEstimate } from '../meter/estimate.ts';
import { labelOf, preferExact, type TokenCounter, toRange } from '../meter/token-counter.ts';
import { addOptions, type Options } from './add-options.ts';
import { openExactCounts } from './counting.ts';
import { untilInterrupted } from './interrupt.ts';
import type { Act, Io } from './io.ts';

/** The name of standard input among files. */
const standardInput = '-';

/** `count`: how many tokens texts are. */
export function countCommand(io: Io, act: Act): Command {
  const command = new Command('count')
    .description('count the tokens of texts')
    .argument('[file...]', 'files of text; - or none is standard input');
  return addOptions(command, 'count', io).action(
    act((files: string[], options: Options<'count'>) => count(files, options, io)),
  );
}

async function count(files: string[], options: Options<'count'>, io: Io): Promise<number> {
  const model = findModel(liveModelId(options.model) ?? options.model);
  const texts: { file: string; text: string }[] = [];
  for (const file of files.length > 0 ? files : [standardInput]) {
    texts.push({ file, text: await readText(file, io) });
  }
  const estimate = await loadEstimate(model.tokenizer);
  const exact = await openExactCounts(options, model.id, io);
  const counter: TokenCounter = exact ? preferExact(exact, estimate) : estimate;
  await untilInterrupted(io, async (signal) =>
    counter.prepare?.(
      texts.map(({ text }) => text),
      signal,
    ),
  );
  const counts = texts.map(({ file, text }): FileCount => {
    const sum = counter.measure(text);
    const method = exact && labelOf(sum) === 'counted' ? exact.method : `estimated: ${estimate.method}`;
    return { file, ...toRange(sum), method };
  });
  io.stdout.write(
    options.json ? `${JSON.stringify(counts, null, 2)}\n` : `${describeCounts(counts, model.id)}\n`,
  );
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
