import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { InfrastructureError } from '../../errors.ts';
import { makeFolder } from '../../testing/command-line.ts';
import type { Tool } from '../mcp/surface.ts';
import { createPolicy } from '../policy.ts';
import { createToolCaller } from '../tool-caller.ts';
import { type AuditLog, findLogProblem, openAuditLog, startRunAudit } from './audit-log.ts';
import { readLines, verifyChain } from './chain.ts';
import { auditTrial } from './trial-audit.ts';

const tool: Tool = {
  server: 'crm',
  name: 'get',
  identifier: 'get',
  description: '',
  inputSchema: { type: 'object' },
  annotations: { readOnlyHint: true },
};
const grant = { tools: undefined, writes: false };
const { signal } = new AbortController();

/** A tool caller over a log and a server that only counts what reaches it. */
function callerOver(log: AuditLog) {
  const made: string[] = [];
  const audit = auditTrial(log, { run: 'r', trial: 't/code/1', pattern: 'code', model: 'm', seed: 1 });
  const caller = createToolCaller({
    connections: {
      call: async (called) => {
        made.push(called.name);
        return { isError: false, text: 'pong', isJson: false };
      },
    },
    recorder: { record() {} },
    policy: createPolicy(grant),
    audit,
  });
  return { made, caller, call: () => caller.callTool(tool, {}, { kind: 'model' }, signal), audit };
}

/** An open log flushes when its process exits: each is closed with its test. */
function openLog(file: string, options = { fsync: false }): AuditLog {
  const log = openAuditLog(file, options);
  onTestFinished(() => log.close());
  return log;
}

function newLog(options = { fsync: false }) {
  const file = join(makeFolder({}), 'audit.jsonl');
  return { file, log: openLog(file, options) };
}

/** A log that takes the lines of calls, and fails at those of their results. */
function failingAtResults(): AuditLog {
  const { log } = newLog();
  return {
    ...log,
    record(entry) {
      if (entry.event === 'result') throw new InfrastructureError('disk full');
      log.record(entry);
    },
  };
}

describe('a call that cannot be logged', () => {
  it('is not made where the disk is full', async () => {
    const { made, call } = callerOver(openLog('/dev/full'));
    await expect(call()).rejects.toThrow('A call that cannot be logged is not made');
    await expect(call()).rejects.toThrow(InfrastructureError);
    expect(made).toEqual([]);
  });

  it('is not made where the log is closed', async () => {
    const { log } = newLog();
    const { made, call } = callerOver(log);
    await call();
    log.close();
    await expect(call()).rejects.toThrow(InfrastructureError);
    expect(made).toEqual(['get']);
  });

  it('ends the trial where only its end could not be logged', async () => {
    await expect(callerOver(failingAtResults()).call()).rejects.toThrow('disk full');
  });

  it('ends the trial of a program too, which had its result already', async () => {
    const { caller } = callerOver(failingAtResults());
    const byProgram = { kind: 'program', sha256: 'f'.repeat(64) } as const;
    expect((await caller.callTool(tool, {}, byProgram, signal)).text).toBe('pong');
    await setTimeout(0);
    expect(() => caller.finish()).toThrow('disk full');
    await expect(caller.callTool(tool, {}, byProgram, signal)).rejects.toThrow('disk full');
  });
});

describe('an audit log', () => {
  it('has a line for a call before the call is made', async () => {
    const { file, log } = newLog();
    let before = '';
    const audit = auditTrial(log, { run: 'r', trial: 't/code/1', pattern: 'code', model: 'm', seed: 1 });
    const caller = createToolCaller({
      connections: {
        call: async () => {
          before = readFileSync(file, 'utf8');
          return { isError: false, text: 'pong', isJson: false };
        },
      },
      recorder: { record() {} },
      policy: createPolicy(grant),
      audit,
    });
    await caller.callTool(tool, {}, { kind: 'model' }, signal);
    expect(JSON.parse(before)).toMatchObject({ seq: 1, event: 'call', decision: 'allowed' });
    await setTimeout(30);
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(3);
  });

  it('says how a call ended that failed or was cancelled', async () => {
    const { file, log } = newLog();
    const audit = auditTrial(log, { run: 'r', trial: 't/code/1', pattern: 'code', model: 'm', seed: 1 });
    const controller = new AbortController();
    let waits = false;
    const caller = createToolCaller({
      connections: {
        call: async () => {
          if (waits) controller.abort();
          throw new Error('gone');
        },
      },
      recorder: { record() {} },
      policy: createPolicy(grant),
      audit,
    });
    await expect(caller.callTool(tool, {}, { kind: 'model' }, controller.signal)).rejects.toThrow('gone');
    waits = true;
    await expect(caller.callTool(tool, {}, { kind: 'model' }, controller.signal)).rejects.toThrow('gone');
    await setTimeout(30);
    const outcomes = readFileSync(file, 'utf8').matchAll(/"outcome":"(\w+)","error.type":"(\w+)"/g);
    expect([...outcomes].map(([, outcome, type]) => [outcome, type])).toEqual([
      ['failed', 'failed'],
      ['cancelled', 'cancelled'],
    ]);
  });

  it('counts no call that was given up before it was made', async () => {
    const { log } = newLog();
    const { made, caller } = callerOver(log);
    const controller = new AbortController();
    const call = caller.callTool(tool, {}, { kind: 'model' }, controller.signal);
    controller.abort(new Error('given up'));
    await expect(call).rejects.toThrow('given up');
    expect(made).toEqual([]);
    expect(caller.calls()).toBe(0);
  });

  it('has every line that its head counts', async () => {
    const { file, log } = newLog();
    await callerOver(log).call();
    const { records } = log.head();
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(records);
  });

  it('holds hashes and sizes of what crossed, never the text', async () => {
    const { file, log } = newLog();
    const { audit } = callerOver(log);
    const caller = createToolCaller({
      connections: { call: async () => ({ isError: false, text: 'CANARY-RESULT', isJson: false }) },
      recorder: { record() {} },
      policy: createPolicy(grant),
      audit,
    });
    await caller.callTool(tool, { token: 'CANARY-ARGUMENT' }, { kind: 'model' }, signal);
    await setTimeout(30);
    expect(readFileSync(file, 'utf8')).toContain('"event":"result"');
    expect(readFileSync(file, 'utf8')).not.toContain('CANARY');
  });

  it('is not written over another', () => {
    const file = join(makeFolder({}), 'audit.jsonl');
    writeFileSync(file, 'something\n');
    expect(() => openAuditLog(file, { fsync: false })).toThrow('exists already');
    expect(readFileSync(file, 'utf8')).toBe('something\n');
  });

  it('flushes to the disk where it is told to', () => {
    const { file, log } = newLog({ fsync: true });
    log.record({ event: 'server_counted', trial: 't', server: 's', calls: {}, errors: {} });
    log.close();
    expect(readFileSync(file, 'utf8')).toContain('"seq":1');
  });
});

describe('the log of a run that is resumed', () => {
  const counted = { event: 'server_counted', trial: 't', server: 's', calls: {}, errors: {} } as const;

  /** A log of four records, and its head. */
  function logOfFour() {
    const { file, log } = newLog();
    for (let record = 1; record <= 4; record += 1) log.record(counted);
    const head = log.head();
    log.close();
    return { file, head };
  }

  it('is continued after the last whole line; a torn one is cut off', () => {
    const { file, head } = logOfFour();
    appendFileSync(file, '{"seq":5,"event":"ca');
    const log = openAuditLog(file, { fsync: false, resume: true });
    log.record(counted);
    log.close();
    expect(log.session).toBe(2);
    const { clean, problem } = verifyChain(readLines(file), { ...head, isFinal: false });
    expect([clean.records, problem]).toEqual([6, undefined]);
    expect(readFileSync(file, 'utf8')).toContain('"event":"audit_resumed","session":2,"cutBytes":20,');
  });

  it('begins again with what run it is of, where not even that was written whole', () => {
    const { file } = newLog();
    writeFileSync(file, '{"seq":1,"event":"audit_sta');
    const log = startRunAudit(file, { run: 'r', seed: 1, versions: {} }, { fsync: false, resume: true });
    onTestFinished(() => log.close());
    expect(log.session).toBe(1);
    expect(readFileSync(file, 'utf8')).toMatch(/^\{"seq":1,"event":"audit_started",.*\n$/);
  });

  it('is not continued where a line was changed', () => {
    const { file } = logOfFour();
    writeFileSync(file, readFileSync(file, 'utf8').replace('"s"', '"z"'));
    expect(() => openAuditLog(file, { fsync: false, resume: true })).toThrow(
      'cannot be continued: line 1 was',
    );
  });

  it('must hold what its last summary counted, and may hold more', () => {
    const { file, head } = logOfFour();
    expect(findLogProblem(file, head)).toBeUndefined();
    appendFileSync(file, '{"seq":5');
    expect(findLogProblem(file, head)).toBeUndefined();
    writeFileSync(
      file,
      readFileSync(file, 'utf8')
        .split(/(?<=\n)/)
        .slice(0, 2)
        .join(''),
    );
    expect(findLogProblem(file, head)).toContain('2 of the 4 records');
    expect(findLogProblem(file, undefined)).toBeUndefined();
    expect(findLogProblem(`${file}.none`, head)).toBe('it is missing');
  });
});
