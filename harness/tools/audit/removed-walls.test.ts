import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder } from '../../testing/command-line.ts';
import type { Tool } from '../mcp/surface.ts';
import { createPolicy } from '../policy.ts';
import { createToolCaller, type ToolCallerParts } from '../tool-caller.ts';
import { openAuditLog } from './audit-log.ts';
import { auditTrial } from './trial-audit.ts';

/** The walls that stand in the tool caller itself: each is seen to hold, and its test to turn red without it. */
type Case = {
  toolName?: string;
  file?: string;
  without: (parts: ToolCallerParts) => ToolCallerParts;
  holds: Seen;
  broken: Seen;
};

/** What one call did: whether it reached the server, with its line in the log by then, and whether it failed. */
type Seen = { reached: boolean; isLogged: boolean; failed: boolean };

const made = { reached: true, isLogged: true, failed: false };
const notMade = { reached: false, isLogged: false, failed: false };
const madeUnlogged = { ...made, isLogged: false };

const cases: Record<string, Case> = {
  'a call that the policy refuses is not made': {
    toolName: 'wipe',
    without: (parts) => ({ ...parts, policy: createPolicy({ tools: undefined, writes: true }) }),
    holds: notMade,
    broken: made,
  },
  'a call waits until its line is written': {
    without: (parts) => ({ ...parts, audit: { ...parts.audit, written: async () => {} } }),
    holds: made,
    broken: madeUnlogged,
  },
  ...(process.platform === 'linux' && {
    'a call that cannot be logged is not made': {
      file: '/dev/full',
      without: (parts: ToolCallerParts) => ({
        ...parts,
        audit: { ...parts.audit, written: async () => {}, ended: () => {} },
      }),
      holds: { ...notMade, failed: true },
      broken: madeUnlogged,
    },
  }),
};

test.each(Object.entries(cases))('%s; without that wall it is', async (_, wall) => {
  expect(await callThrough(wall, (parts) => parts)).toEqual(wall.holds);
  expect(await callThrough(wall, wall.without)).toEqual(wall.broken);
});

/** Makes the one call of a case through a tool caller of these parts, over a server that looks into the log. */
async function callThrough({ toolName = 'get', file }: Case, change: Case['without']): Promise<Seen> {
  const logFile = file ?? join(makeFolder({}), 'audit.jsonl');
  const log = openAuditLog(logFile, { fsync: false });
  const seen = { reached: false, isLogged: false, failed: false };
  const caller = createToolCaller(
    change({
      connections: {
        call: async () => {
          seen.reached = true;
          seen.isLogged = !file && readFileSync(logFile, 'utf8').includes('"event":"call"');
          return { isError: false, text: '', isJson: false };
        },
      },
      recorder: { record() {} },
      policy: createPolicy({ tools: { crm: ['get'] }, writes: false }),
      audit: auditTrial(log, { run: 'r', trial: 't/code/1', pattern: 'code', model: 'm', seed: 1 }),
    }),
  );
  const tool: Tool = {
    server: 'crm',
    name: toolName,
    identifier: toolName,
    description: '',
    inputSchema: { type: 'object' },
    annotations: { readOnlyHint: true },
  };
  const { signal } = new AbortController();
  await caller.callTool(tool, {}, { kind: 'model' }, signal).catch(() => {
    seen.failed = true;
  });
  log.close();
  return seen;
}
