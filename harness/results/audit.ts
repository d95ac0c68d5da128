import { z } from 'zod';
import { approvalGrains, approverKinds } from './codes.ts';

export const auditFormat = 'patternbench.audit/v1';

/**
 * Where the dotted attribute names come from. They are in development there; `error.type` is from the version of the
 * general conventions that this one depends on.
 */
export const auditConventions =
  'https://github.com/open-telemetry/semantic-conventions-genai/tree/v0.1.0 (gen_ai.*, mcp.*), semantic-conventions v1.45.0 (error.*)';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().nonnegative();
const content = z.strictObject({ sha256: sha256.nullable(), bytes: count });
const trial = z.string();

/** What a record of an event holds besides its own: its number, and the hash that chains it to those before. */
function recordOf<Event extends string, Fields extends z.ZodRawShape>(event: Event, fields: Fields) {
  return z.strictObject({ seq: count, event: z.literal(event), ...fields, hash: sha256 });
}

/** The first record of a log. */
const auditStarted = recordOf('audit_started', {
  format: z.literal(auditFormat),
  conventions: z.string(),
  run: z.string(),
  seed: z.int(),
  versions: z.record(z.string(), z.string()),
  measured: z.strictObject({ at: z.string() }),
});

/** The run was interrupted and is resumed. Trials that were under way start again, under new names. */
const auditResumed = recordOf('audit_resumed', {
  session: count.describe(
    'Counts from 2; the trials that follow are named with it, as in `crm-report/classic/1@2`.',
  ),
  cutBytes: count.describe('Bytes of a torn last line that were cut off.'),
  measured: z.strictObject({ at: z.string() }),
});

/** A trial was let at a server: what the server was, and what the trial may do with it. */
const auditServer = recordOf('server_granted', {
  trial,
  server: z.strictObject({
    name: z.string(),
    implementation: z.looseObject({ name: z.string(), version: z.string() }),
    protocolVersion: z
      .string()
      .optional()
      .describe('The revision of MCP in which it answers; absent for a server that is only imitated.'),
    pin: sha256.describe(
      'Hash of everything the server put before the model, as `patternbench tools --pin` computes it.',
    ),
    pinned: z.boolean().describe('Whether the lock file names this server, with this pin.'),
  }),
  tools: z
    .union([z.literal('all'), z.array(z.string())])
    .describe('The tools that may be called, or all of them.'),
  writes: z.boolean(),
  scopes: z
    .array(z.string())
    .describe('OAuth scopes that the server granted; none where it asked for no authorisation.'),
});

/** An answer of whoever must approve calls. */
const auditApproval = recordOf('approval', {
  trial,
  approval: count.describe('Counts from 1 within the trial.'),
  per: z.enum(approvalGrains).describe('What it covers.'),
  tools: z.array(z.string()),
  call: count.optional().describe('The call that waited for it; absent where it was granted beforehand.'),
  program: sha256.optional().describe('The program that made the call.'),
  by: z.enum(approverKinds),
  approved: z.boolean(),
  measured: z.strictObject({ at: z.string(), ms: z.number() }),
});

/** A call that a model or a program wants to make, written before it is made. A refused one is not made. */
const auditCall = recordOf('call', {
  run: z.string(),
  trial,
  call: count.describe('Counts from 1 within the trial, as in its trace.'),
  pattern: z.string(),
  traceId: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .describe('W3C trace context; what travels to the server is `00-<traceId>-<spanId>-01`.'),
  spanId: z.string().regex(/^[0-9a-f]{16}$/),
  caller: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('model') }),
    z.strictObject({ kind: z.literal('program'), sha256: z.string() }),
  ]),
  'mcp.method.name': z.literal('tools/call'),
  'gen_ai.operation.name': z.literal('execute_tool'),
  'gen_ai.tool.name': z.string(),
  'gen_ai.request.model': z.string(),
  'gen_ai.response.model': z.string().optional(),
  server: z.strictObject({ name: z.string(), pin: sha256 }),
  tool: z.strictObject({ definition: sha256.nullable() }).describe("Hash of the tool's whole definition."),
  arguments: content,
  decision: z.enum(['allowed', 'refused']),
  reason: z.string(),
  approval: count.optional().describe('The approval that covers it, where it needs one.'),
  measured: z.strictObject({ at: z.string() }),
});

/** How a call that was made ended. */
const auditResult = recordOf('result', {
  trial,
  call: count,
  spanId: z.string(),
  outcome: z
    .enum(['ok', 'tool_error', 'failed', 'cancelled'])
    .describe(
      '`failed`: the server or its connection did. `cancelled`: its caller had stopped waiting for it.',
    ),
  'error.type': z.string().optional(),
  attempts: count
    .optional()
    .describe('How often the call was sent, where the server asked for input in between.'),
  result: content,
  truncated: z.boolean().describe('Whether the caller was shown less than the server sent.'),
  measured: z.strictObject({ ms: z.number() }),
});

/** What a mock server itself counted in a trial, read after the last call. */
const auditCounts = recordOf('server_counted', {
  trial,
  server: z.string(),
  calls: z.record(z.string(), count),
  errors: z.record(z.string(), count),
});

export const auditRecord = z.discriminatedUnion('event', [
  auditStarted,
  auditResumed,
  auditServer,
  auditApproval,
  auditCall,
  auditResult,
  auditCounts,
]);

export type AuditRecord = z.infer<typeof auditRecord>;
export type AuditCall = z.infer<typeof auditCall>;
export type AuditResult = z.infer<typeof auditResult>;

type WithoutChain<R> = R extends unknown ? Omit<R, 'seq' | 'hash'> : never;

/** A record before the log gave it its number and its hash. */
export type AuditEntry = WithoutChain<AuditRecord>;

/** Reads one line; undefined where it is no record that this version knows. */
export function parseRecord(line: Buffer): AuditRecord | undefined {
  try {
    return auditRecord.safeParse(JSON.parse(line.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
