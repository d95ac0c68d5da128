import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { nearest } from '../harness/nearest.ts';
import type { MockServer } from './mock-server.ts';
import { listMockServers, serverFile } from './names.ts';
import { compactSchema } from './tool-definitions.ts';

/** A mock server or an option that does not exist or does not fit; the message says what would. */
export class MockServerUsageError extends Error {
  override name = 'MockServerUsageError';
}

const mockServerSchema = z.object({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/),
  title: z.string().min(1),
  version: z.string().min(1),
  instructions: z.string(),
  options: z.instanceof(z.ZodObject).refine((options) => 'seed' in options.shape, 'must have a seed'),
  create: z.custom<MockServer['create']>((value) => typeof value === 'function', 'must be a function'),
});

/** Loads a mock server by name. Throws `MockServerUsageError` for an unknown name, `Error` for a faulty server. */
export async function loadMockServer(name: string): Promise<MockServer> {
  const names = listMockServers();
  if (!names.includes(name)) {
    const near = nearest(name, names, 2);
    const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'choose one of these:';
    throw new MockServerUsageError(
      `there is no mock server ${JSON.stringify(name)}; ${hint} (available: ${names.join(', ')})`,
    );
  }
  const file = join(import.meta.dirname, name, serverFile);
  const module: { default?: unknown } = await import(pathToFileURL(file).href);
  const parsed = mockServerSchema.safeParse(module.default);
  if (!parsed.success) {
    throw new Error(`${file} does not default-export a mock server:\n${z.prettifyError(parsed.error)}`);
  }
  if (parsed.data.name !== name)
    throw new Error(`${file} names itself ${parsed.data.name}, its folder ${name}`);
  return parsed.data;
}

/**
 * The options of `mock` with defaults filled in. Text is read as what an option is, so that "200" works where a number
 * is wanted. Throws `MockServerUsageError` that names each option at fault.
 */
export function parseOptions(mock: MockServer, record: Record<string, unknown>): Record<string, unknown> {
  const types = optionTypes(mock);
  const typed = Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, readText(value, types.get(name))]),
  );
  const parsed = mock.options.strict().safeParse(typed);
  if (parsed.success) return parsed.data;
  const problems = z.prettifyError(parsed.error);
  throw new MockServerUsageError(
    `mock server ${mock.name}:\n${problems}\nIts options: ${[...types.keys()].join(', ')}`,
  );
}

function optionTypes(mock: MockServer): Map<string, string> {
  const propertySchema = z.object({ type: z.string().catch('') });
  const schema = z
    .object({ properties: z.record(z.string(), propertySchema).default({}) })
    .parse(compactSchema(mock.options, 'input'));
  return new Map(Object.entries(schema.properties).map(([name, { type }]) => [name, type]));
}

function readText(value: unknown, type: string | undefined): unknown {
  if (typeof value !== 'string') return value;
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  if ((type === 'number' || type === 'integer') && value.trim() !== '' && Number.isFinite(Number(value))) {
    return Number(value);
  }
  return value;
}
