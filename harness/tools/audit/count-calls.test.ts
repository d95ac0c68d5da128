import { describe, expect, it } from 'vitest';
import type { AuditEntry, AuditResult } from '../../results/audit.ts';
import { chainLine } from './chain.ts';
import { createCallCount } from './verify.ts';

/** Counts over the log that holds these records. */
function count(entries: AuditEntry[]) {
  const calls = createCallCount();
  for (const [index, entry] of entries.entries()) {
    calls.add(Buffer.from(chainLine('0'.repeat(64), index + 1, entry).line.trimEnd()));
  }
  return calls.report();
}

const trial = 't/code/1';
const sha256 = 'a'.repeat(64);

function call(number: number, tool = 'get', decision: 'allowed' | 'refused' = 'allowed'): AuditEntry {
  return {
    event: 'call',
    run: 'r',
    trial,
    call: number,
    pattern: 'code',
    traceId: '1'.repeat(32),
    spanId: '1'.repeat(16),
    caller: { kind: 'model' },
    'mcp.method.name': 'tools/call',
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': tool,
    'gen_ai.request.model': 'm',
    server: { name: 'crm', pin: sha256 },
    tool: { definition: null },
    arguments: { sha256: null, bytes: 0 },
    decision,
    reason: '',
    measured: { at: '' },
  };
}

function result(number: number, outcome: AuditResult['outcome'] = 'ok'): AuditEntry {
  const content = { sha256: null, bytes: 0 };
  return {
    event: 'result',
    trial,
    call: number,
    spanId: '',
    outcome,
    result: content,
    truncated: false,
    measured: { ms: 0 },
  };
}

const counted = (calls: Record<string, number>): AuditEntry => ({
  event: 'server_counted',
  trial,
  server: 'crm',
  calls,
  errors: {},
});

describe('the calls of a log', () => {
  it('agree with a server that counted each once, errors too', () => {
    const records = [call(1), result(1), call(2), result(2, 'tool_error'), counted({ get: 2 })];
    expect(count(records)).toEqual({
      calls: 2,
      refused: 0,
      unfinished: 0,
      compared: ['t/code/1 crm'],
      differences: [],
    });
  });

  it('differ from a server that saw a call which is not in the log', () => {
    expect(count([call(1), result(1), counted({ get: 2 })]).differences).toEqual([
      "t/code/1 crm: get was called 1 times by the log, 2 times by the server's count",
    ]);
    expect(count([counted({ wipe: 1 })]).differences).toHaveLength(1);
  });

  it('differ from a server that did not see a call which was answered', () => {
    expect(count([call(1), result(1), counted({})]).differences).toHaveLength(1);
  });

  it('agree either way on a call that failed, was cancelled or never ended', () => {
    const open = [call(1), result(1, 'cancelled'), call(2), result(2, 'failed'), call(3)];
    for (const seen of [0, 1, 2, 3]) {
      expect(count([...open, counted(seen ? { get: seen } : {})]).differences).toEqual([]);
    }
    expect(count([...open, counted({ get: 4 })]).differences).toHaveLength(1);
    expect(count(open).unfinished).toBe(1);
  });

  it('count a refused call apart: no server may have seen it', () => {
    const records = [call(1, 'wipe', 'refused'), counted({ wipe: 1 })];
    expect(count(records)).toMatchObject({
      calls: 0,
      refused: 1,
      differences: [expect.stringContaining('wipe')],
    });
  });
});
