import { describe, expect, it } from 'vitest';
import { createCallCount } from './count-calls.ts';

/** Counts over these records; only the members that counting reads are there. */
function count(records: object[]) {
  const calls = createCallCount();
  for (const record of records) calls.add(Buffer.from(JSON.stringify(record)));
  return calls.report();
}

const call = (number: number, tool = 'get', decision = 'allowed') => ({
  event: 'call',
  trial: 't/code/1',
  call: number,
  'gen_ai.tool.name': tool,
  server: { name: 'crm' },
  decision,
});
const result = (number: number, outcome = 'ok') => ({
  event: 'result',
  trial: 't/code/1',
  call: number,
  outcome,
});
const counted = (calls: Record<string, number>) => ({
  event: 'server_counted',
  trial: 't/code/1',
  server: 'crm',
  calls,
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
