import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { messageOf, UsageError } from './errors.ts';

/** Reads a JSON file of a known format. Throws a `UsageError` with the file, what is wrong with it, and what to do. */
export function readJson<T>(file: string, schema: z.ZodType<T>, what: string, advice: string): T {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const reason = messageOf(error);
    throw new UsageError(`${file} cannot be read as ${what}: ${reason}. ${advice}`, { cause: error });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const format = (json as { format?: unknown } | null)?.format;
  const found = typeof format === 'string' ? ` Its format is ${format}.` : '';
  throw new UsageError(
    `${file} is not ${what} that this version reads.${found} ${advice}\n${z.prettifyError(parsed.error)}`,
  );
}
