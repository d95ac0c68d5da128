import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Tool } from '../mcp/surface.ts';
import { createPolicy, type Grant, type Policy } from '../policy/policy.ts';
import { createToolCaller, type ToolCallerParts } from '../run/tool-caller.ts';
import { makeFolder } from '../testing/command-line.ts';
import { openAuditLog } from './audit-log.ts';
import { auditTrial } from './trial-audit.ts';

/** What one call did, seen from the server, from the caller and from the log. */
type Seen = {
  /** The log when the call reached the server; undefined where it did not. */
  logAtServer: string | undefined;
  refused: object;
  failed: boolean;
  log: string;
};

/** A wall, a call that it stops or guards, and the parts of a tool caller without it. */
type Case = {
  tool: Tool;
  args?: Record<string, unknown>;
  grant?: Grant;
  /** Where the log is; in a folder of its own unless it says otherwise. */
  file?: string;
  without: (parts: ToolCallerParts) => ToolCallerParts;
  observe: (seen: Seen) => unknown;
  holds: unknown;
  broken: unknown;
};

const canary = 'CANARY-5f1c';
const readOnly = { readOnlyHint: true };
const grant: Grant = { tools: undefined, writes: false };
const onlyGet: Grant = { tools: { crm: ['get'] }, writes: false };

function makeTool(
  name: string,
  annotations: Tool['annotations'],
  inputSchema: object = { type: 'object' },
): Tool {
  const schema = inputSchema as Tool['inputSchema'];
  return {
    server: 'crm',
    name,
    identifier: name,
    description: '',
    inputSchema: schema,
    ...(annotations && { annotations }),
  };
}

const withPolicy = (decide: (policy: Policy) => Policy['decide']) => (parts: ToolCallerParts) => ({
  ...parts,
  policy: { decide: decide(parts.policy) },
});
/** Lets through what the policy refuses with this code. */
const forgive = (code: string) =>
  withPolicy((policy) => (...call) => {
    const decision = policy.decide(...call);
    return !decision.allowed && decision.code === code ? { allowed: true, reason: 'forgiven' } : decision;
  });
const stops = ({ logAtServer, refused }: Seen) => ({ reached: logAtServer !== undefined, refused });
const logged = ({ logAtServer }: Seen) => logAtServer?.includes('"event":"call"');
const leaks = ({ log }: Seen) => ({
  isLogged: log.includes('"event":"result"'),
  leaks: log.includes(canary),
});

const nested = JSON.parse(`${'{"a":'.repeat(100)}1${'}'.repeat(100)}`) as Record<string, unknown>;
const byId = { type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] };

const cases: Record<string, Case> = {
  'the list of tools that a scenario may use': {
    tool: makeTool('wipe', readOnly),
    grant: onlyGet,
    without: (parts) => ({ ...parts, policy: createPolicy({ ...onlyGet, tools: undefined }) }),
    observe: stops,
    holds: { reached: false, refused: { not_allowed: 1 } },
    broken: { reached: true, refused: {} },
  },
  'that an annotation gives no permission': {
    tool: makeTool('wipe', readOnly),
    grant: onlyGet,
    without: withPolicy(
      (policy) =>
        (tool, ...rest) =>
          tool.annotations?.readOnlyHint
            ? { allowed: true, reason: 'it says so' }
            : policy.decide(tool, ...rest),
    ),
    observe: stops,
    holds: { reached: false, refused: { not_allowed: 1 } },
    broken: { reached: true, refused: {} },
  },
  'that nothing is written without leave': {
    tool: makeTool('update', { readOnlyHint: false }),
    without: (parts) => ({ ...parts, policy: createPolicy({ ...grant, writes: true }) }),
    observe: stops,
    holds: { reached: false, refused: { not_read_only: 1 } },
    broken: { reached: true, refused: {} },
  },
  'that a tool without annotations counts as one that writes': {
    tool: makeTool('update', undefined),
    without: withPolicy(
      (policy) =>
        (tool, ...rest) =>
          policy.decide({ annotations: readOnly, ...tool }, ...rest),
    ),
    observe: stops,
    holds: { reached: false, refused: { not_read_only: 1 } },
    broken: { reached: true, refused: {} },
  },
  'that a tool which calls itself destructive is not read-only': {
    tool: makeTool('wipe', { ...readOnly, destructiveHint: true }),
    without: withPolicy(
      (policy) =>
        (tool, ...rest) =>
          policy.decide({ ...tool, annotations: readOnly }, ...rest),
    ),
    observe: stops,
    holds: { reached: false, refused: { not_read_only: 1 } },
    broken: { reached: true, refused: {} },
  },
  'the check of arguments against the schema': {
    tool: makeTool('get', readOnly, byId),
    args: { id: 'all' },
    without: forgive('invalid_arguments'),
    observe: stops,
    holds: { reached: false, refused: { invalid_arguments: 1 } },
    broken: { reached: true, refused: {} },
  },
  'the bound on how deep arguments are': {
    tool: makeTool('get', readOnly),
    args: nested,
    without: forgive('invalid_arguments'),
    observe: stops,
    holds: { reached: false, refused: { invalid_arguments: 1 } },
    broken: { reached: true, refused: {} },
  },
  'that a call waits until its line is written': {
    tool: makeTool('get', readOnly),
    without: (parts) => ({ ...parts, audit: { ...parts.audit, written: () => Promise.resolve() } }),
    observe: logged,
    holds: true,
    broken: false,
  },
  'that a call is noted before it is made, not after': {
    tool: makeTool('get', readOnly),
    without: (parts) => {
      const late: (() => void)[] = [];
      const called: typeof parts.audit.called = (call) => {
        late.push(() => parts.audit.called(call));
        return '00-0-0-01';
      };
      const ended: typeof parts.audit.ended = (...end) => {
        for (const note of late) note();
        parts.audit.ended(...end);
      };
      return { ...parts, audit: { ...parts.audit, called, ended } };
    },
    observe: logged,
    holds: true,
    broken: false,
  },
  ...(process.platform === 'linux' && {
    'that a call which cannot be logged is not made': {
      tool: makeTool('get', readOnly),
      file: '/dev/full',
      without: (parts: ToolCallerParts) => ({
        ...parts,
        audit: {
          ...parts.audit,
          written: () => parts.audit.written().catch(() => undefined),
          ended: () => undefined,
        },
      }),
      observe: ({ logAtServer, failed }: Seen) => ({ reached: logAtServer !== undefined, failed }),
      holds: { reached: false, failed: true },
      broken: { reached: true, failed: false },
    },
  }),
  'that arguments are logged as a hash': {
    tool: makeTool('get', readOnly),
    args: { token: canary },
    without: ({ audit, ...parts }) => ({
      ...parts,
      audit: {
        ...audit,
        called: (call) =>
          audit.called({ ...call, decision: { ...call.decision, reason: `${call.arguments.json}` } }),
      },
    }),
    observe: leaks,
    holds: { isLogged: true, leaks: false },
    broken: { isLogged: true, leaks: true },
  },
  'that results are logged as a hash': {
    tool: makeTool('get', readOnly),
    without: ({ audit, connections, ...parts }) => {
      let text = '';
      return {
        ...parts,
        connections: {
          call: async (...call) => {
            const result = await connections.call(...call);
            text = result.text;
            return result;
          },
        },
        audit: { ...audit, ended: (call, end) => audit.ended(call, { ...end, sha256: text }) },
      };
    },
    observe: leaks,
    holds: { isLogged: true, leaks: false },
    broken: { isLogged: true, leaks: true },
  },
};

describe('a wall of the host that is left out turns its case red', () => {
  test.each(Object.entries(cases))('%s', async (_, wall) => {
    expect(wall.observe(await callThrough(wall, (parts) => parts))).toEqual(wall.holds);
    expect(wall.observe(await callThrough(wall, wall.without))).toEqual(wall.broken);
  });
});

/** Makes the one call of a case through a tool caller of these parts, over a server that notes what the log held. */
async function callThrough(wall: Case, change: Case['without']): Promise<Seen> {
  const file = wall.file ?? join(makeFolder({}), 'audit.jsonl');
  const read = () => (wall.file ? '' : readFileSync(file, 'utf8'));
  const log = openAuditLog(file, { fsync: false });
  let logAtServer: string | undefined;
  const parts: ToolCallerParts = {
    connections: {
      call: async () => {
        logAtServer = read();
        return { isError: false, text: canary, isJson: false };
      },
    },
    recorder: { record() {} },
    policy: createPolicy(wall.grant ?? grant),
    audit: auditTrial(log, { run: 'r', trial: 't/code/1', pattern: 'code', model: 'm', seed: 1 }),
  };
  const caller = createToolCaller(change(parts));
  const { signal } = new AbortController();
  let failed = false;
  await caller.callTool(wall.tool, wall.args ?? {}, { kind: 'model' }, signal).catch(() => {
    failed = true;
  });
  log.close();
  return { logAtServer, refused: caller.refusals(), failed, log: read() };
}
