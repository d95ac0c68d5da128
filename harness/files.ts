import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { explainFailure, InfrastructureError, messageOf, UsageError } from './errors.ts';

/**
 * Makes a directory and those above it that are missing; one that is there already is as good. Throws the system's error.
 * Node's own way with `recursive` never returns where the system has no such place, as in /proc.
 */
export function makeDirectory(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(path).isDirectory()) return;
    const above = dirname(path);
    if (code !== 'ENOENT' || above === path) throw error;
    makeDirectory(above);
    mkdirSync(path);
  }
}

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

/**
 * Puts a text in the place of a file in one step: written beside it, then renamed, so that an interrupt tears nothing. Its
 * directory must exist. Where the system refuses, nothing is left beside it, and the error names the file.
 */
export function replaceFile(
  file: string,
  text: string,
  Refused: typeof UsageError | typeof InfrastructureError,
): void {
  const beside = `${file}.tmp`;
  try {
    writeFileSync(beside, text);
    renameSync(beside, file);
  } catch (error) {
    removeQuietly(beside);
    throw new Refused(`${file} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}

/** A file that could not be written may refuse to be removed, too. The first error is the one to report. */
function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Its folder is a file, or may not be written.
  }
}

/**
 * Writes a file of a run as JSON, whole or not at all; its directory is made where it is missing. Throws an
 * `InfrastructureError` that names the file. With `indent` 0 it is one line, as is right for long lists.
 */
export function writeJson(file: string, value: unknown, indent = 2): void {
  explainFailure(InfrastructureError, `${file} cannot be written`, () => makeDirectory(dirname(file)));
  replaceFile(file, `${JSON.stringify(value, null, indent)}\n`, InfrastructureError);
}

/**
 * A value as the files of its format have it: with its keys in the order of the schema, and those alone that it names. Readers
 * accept other keys; so a key that the schema lacks would be lost without a word. `fault` names the first, or what else is not
 * as the format says; then the value is given back as it was, since what was measured is worth more than its form.
 */
export function inOrder<T>(schema: z.ZodType<T>, value: T): { value: T; fault?: string } {
  const parsed = schema.safeParse(value);
  if (!parsed.success) return { value, fault: parsed.error.issues[0]?.path.join('.') ?? '' };
  const lost = findLost(value, parsed.data);
  return lost === undefined ? { value: parsed.data } : { value, fault: lost };
}

/** Path of the first member that a copy of a value lacks. */
function findLost(value: unknown, kept: unknown, path = ''): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const place = path === '' ? name : `${path}.${name}`;
    const own = (kept as Record<string, unknown> | undefined)?.[name];
    const lost = own === undefined ? place : findLost(member, own, place);
    if (lost !== undefined) return lost;
  }
  return undefined;
}

/**
 * Writes all of a text or of bytes, at the file's end or at a position in bytes. The system may take only the beginning, as a
 * disk does that fills up: the rest is written until it is done or refused. Throws the system's error. Returns the bytes.
 */
export function writeWhole(descriptor: number, content: string | Buffer, position?: number): number {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  for (let done = 0; done < bytes.length; ) {
    const at = position === undefined ? null : position + done;
    const written = writeSync(descriptor, bytes, done, bytes.length - done, at);
    if (written === 0) throw new Error(`only ${done} of ${bytes.length} bytes could be written`);
    done += written;
  }
  return bytes.length;
}
