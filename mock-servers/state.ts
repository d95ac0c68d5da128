import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../harness/json.ts';

/** The JSON-RPC request that returns a mock server's state. It is no tool: a model never sees it. */
export const STATE_METHOD = 'patternbench/state';

export const STATE_FORMAT = 'patternbench.state/v1';

const record = z.record(z.string(), z.unknown());

/** One net change. `create` has only `after`, `delete` only `before`, `update` both. */
const change = z.strictObject({
  operation: z.enum(['create', 'update', 'delete']),
  entity: z.string(),
  id: z.string(),
  before: record.optional(),
  after: record.optional(),
});

/** What `patternbench/state` answers: what was called and how the data differs from the seeded start. */
export const mockState = z.object({
  format: z.literal(STATE_FORMAT),
  server: z.string(),
  version: z.string(),
  /** The options the server was started with, defaults included. */
  options: record,
  /** Calls by tool, refused arguments included; only tools that were called. */
  calls: z.record(z.string(), z.int().positive()),
  /** Calls by tool that ended in an error, whether the tool's own or refused arguments. */
  errors: z.record(z.string(), z.int().positive()),
  /** Calls by the MCP that they came in: `legacy` up to 2025-11-25, or `modern`. */
  eras: z.partialRecord(z.enum(['legacy', 'modern']), z.int().positive()).default({}),
  /** How often a tool asked for input instead of answering; such an attempt is no call. */
  asked: z.record(z.string(), z.int().positive()).default({}),
  /** How often its tools were listed. */
  listings: z.int().nonnegative().default(0),
  changes: z.array(change),
  /** `digestChanges(changes)`. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
});

export type MockState = z.output<typeof mockState>;

/** SHA-256, in lower-case hex, of the canonical JSON of `changes`: equal for equal outcomes. */
export function digestChanges(changes: Readonly<MockState['changes']>): string {
  return createHash('sha256').update(canonicalJson(changes)).digest('hex');
}
