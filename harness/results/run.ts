import { basename, join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../files.ts';
import { evidences, measures } from './codes.ts';
import { type Point, paramsSchema } from './point.ts';
import { resultSchema, type Summary, summarySchema } from './summary.ts';
import { itemFlipSchema } from './verdict.ts';
import { conditionsSchema, connectedServerSchema } from './world.ts';

export const runFormat = 'patternbench.run/v1';

/** A name that is also one of a folder: a file of somebody else must not lead out of the one that it is put into. */
const folderName = z
  .string()
  .refine((name) => name !== '' && name !== '.' && name !== '..' && basename(name) === name, {
    error: 'It names a folder, so it has no / and is not ".." or ".".',
  });

/** What a run was asked for, and what it measured: two files of its directory. */
export const runFileName = 'run.json';
export const summaryFileName = 'summary.json';

/** The log of every call to a server, beside `run.json`. */
export const auditFileName = 'audit.jsonl';

/** The outcome of every trial, beside `run.json`. */
export const journalFileName = 'results.jsonl';

/** In a merged run, what each of the runs that it was merged from says of itself: a folder for each, from 1. */
export const partsFolderName = 'parts';

/** Where the further runs are, inside the directory of the run: a folder for each scenario. */
export const breakEvenFolderName = 'break-even';

/** `run.json`: what is needed to understand and repeat a run. */
export const runSchema = z.object({
  format: z.literal(runFormat),
  status: z.enum(['complete', 'partial']),
  versions: z.record(z.string(), z.string()),
  seed: z.int(),
  model: z.looseObject({ id: z.string() }),
  evidence: z.enum(evidences),
  latencyProfile: z.looseObject({ name: z.string() }),
  variants: z.array(z.string()),
  conditions: conditionsSchema.optional().describe('What was added to the world of the workflows.'),
  isolation: z.string(),
  scenarios: z
    .array(z.object({ name: folderName, params: paramsSchema, hash: z.string() }))
    .describe('Name, parameters and SHA-256 over the files of every scenario.'),
  config: z
    .object({ scenarios: z.array(z.string()), options: z.record(z.string(), z.unknown()) })
    .optional()
    .describe('What the run was asked for, as the command line read it: all that a resumed run needs.'),
  shard: z
    .object({
      index: z.int().positive(),
      of: z.int().positive(),
      scenarios: z.array(z.string()),
      trials: z.int().nonnegative(),
    })
    .optional()
    .describe('Present where the run executed one part of a plan: which, and what the whole plan is.'),
  playedAs: z
    .string()
    .optional()
    .describe(
      'The model of the run beside it whose conversations it bills; that run has the log of their calls.',
    ),
  authorization: z
    .array(
      z.object({
        server: z.string(),
        issuer: z.string(),
        declared: z.array(z.string()).describe('The scopes that scenarios declare by what they use.'),
        held: z.array(z.string()).describe('The scopes of the token that was used last.'),
        demanded: z.array(z.string()).describe('The scopes that the server named when it refused a request.'),
      }),
    )
    .optional()
    .describe('For each server that wanted OAuth tokens: who issued them, and their scopes.'),
  servers: z
    .array(connectedServerSchema)
    .optional()
    .describe('The servers that trials were connected to, and the MCP that was spoken with each.'),
  forced: z.array(z.string()).optional().describe('What had changed when the run was resumed nevertheless.'),
  measured: z.looseObject({ startedAt: z.string() }),
});

/** What several runs, or the parts of one, held of servers, each once. */
export function joinAuthorizations(
  lists: readonly RunRecord['authorization'][],
): Pick<RunRecord, 'authorization'> {
  const each = new Map(lists.flatMap((list) => list ?? []).map((entry) => [JSON.stringify(entry), entry]));
  return each.size > 0 ? { authorization: [...each.values()] } : {};
}

export type RunRecord = z.infer<typeof runSchema>;

/** The points that a run was made of, in its order. */
export function pointsOf({ scenarios }: Pick<RunRecord, 'scenarios'>): Point[] {
  return scenarios.map(({ name, params }) => ({ scenario: name, params }));
}

/** Reads a run's summary. Throws a `UsageError` that says what is wrong with it. */
export function readSummary(directory: string): Summary {
  const file = join(directory, summaryFileName);
  return readJson(file, summarySchema, 'a summary', `Is ${directory} the directory of a run?`);
}

/** Reads a run's record. Throws a `UsageError` that says what is wrong with it. */
export function readRecord(directory: string): RunRecord {
  const file = join(directory, runFileName);
  return readJson(file, runSchema, 'the record of a run', `Is ${directory} the directory of a run?`);
}

export const journalFormat = 'patternbench.results/v1';

/** The first line of a journal. */
export const journalHeader = z.object({ format: z.literal(journalFormat), run: runSchema });
/** Any further line. */
export const journalLine = z.union([
  z.object({ repeat: z.int().positive(), result: resultSchema }).describe('A trial that has ended.'),
  z
    .object({ abandoned: z.string(), costUsd: z.number().nonnegative().nullable() })
    .describe('A trial that was given up on, and what it had cost in USD; null where that has no price.'),
  z
    .object({
      scenario: z.string(),
      params: resultSchema.shape.params,
      by: z.enum(measures),
      variants: z.array(z.string()),
      items: itemFlipSchema.nullable(),
    })
    .describe(
      'The search for the number of items at which a verdict flips is over; null where nothing could be compared.',
    ),
  z.object({ forced: z.array(z.string()) }).describe('The run was resumed although this had changed.'),
]);

/** Any line of a journal. */
export const journalRecord = z.union([journalHeader, journalLine]);

/** What a search found, as the journal keeps it: with all that decides whether it is what a resumed run would find. */
export type FoundItems = Extract<z.infer<typeof journalLine>, { items: unknown }>;
