import { describe, expect, test } from 'vitest';
import type { Ended } from './command.ts';
import { type Bounds, findProblems, lastSentence, toFinding } from './judge.ts';

const reason = 'Server "s" did not answer in time.';
const ended: Ended = {
  code: 3,
  signal: null,
  stdout: '',
  stderr: `${reason}\n`,
  printed: 100,
  seconds: 1,
  lineTimes: [],
  peakMiB: 200,
  late: false,
  left: [],
};
const bounds: Bounds = { exits: [3], mostMiB: 300, mostMessage: 200 };

describe('a command that meets a fault', () => {
  test('ends as it should with a reason', () => {
    expect(findProblems(ended, bounds)).toEqual([]);
    expect(findProblems({ ...ended, code: 0, stderr: '' }, { ...bounds, exits: [0] })).toEqual([]);
  });

  test.each<[string, Partial<Ended>, string]>([
    ['another exit code', { code: 1 }, 'exit code 1, not 3'],
    ['a signal', { code: null, signal: 'SIGABRT' }, 'died of SIGABRT'],
    ['too long a time', { late: true, code: null }, 'not over in time'],
    [
      'a stack of ours',
      { stderr: `${reason}\n    at f (file:///p/harness/run/execute-run.ts:1:2)\n` },
      'raw stack',
    ],
    ['a stack of Node', { stderr: `${reason}\nnode:internal/errors:540\n` }, 'raw stack'],
    ['an escape sequence', { stderr: `${reason} \x1b[2J` }, 'control characters'],
    ['an escape sequence on standard output', { stdout: '\x1b[2J' }, 'control characters'],
    ['text that turns its direction', { stderr: `${reason} \u202e` }, 'control characters'],
    ['no reason', { stderr: 'EMFILE\n' }, 'no reason'],
    ['much output', { printed: 256 * 1024 + 1 }, 'printed 262145 bytes'],
    ['a long message', { stderr: `${reason} `.repeat(10) }, 'characters'],
    ['much memory', { peakMiB: 301 }, '301 MiB'],
    ['a process that stays', { left: ['7: node server.js'] }, 'left 1 processes: 7: node server.js'],
  ])('and comes to %s is found', (_, change, problem) => {
    const problems = findProblems({ ...ended, ...change }, bounds);
    expect(problems).toEqual([expect.stringContaining(problem)]);
  });

  test('is told where it ended with a reason, survived where it worked, and bad with all problems otherwise', () => {
    const worked = { ...ended, code: 0, stderr: '', seconds: 3 };
    expect(toFinding([worked, ended], [])).toMatchObject({
      outcome: 'told',
      why: reason,
      seconds: 3,
      code: 3,
    });
    expect(toFinding([worked], [])).toMatchObject({ outcome: 'survived', why: '' });
    expect(toFinding([ended], ['one', 'two'])).toMatchObject({ outcome: 'BAD', why: `one; two. ${reason}` });
  });

  test('may leave a process where the fault itself starts one that cannot be found', () => {
    expect(findProblems({ ...ended, left: ['7: node'] }, { ...bounds, mayLeave: true })).toEqual([]);
  });

  test('is quoted by its reason, not by how to resume', () => {
    const stderr = `${reason}\nRun directory: /a/b/c/d\nResume it: patternbench run --resume /a/b/c/d\n`;
    expect(lastSentence(stderr)).toBe(reason);
  });
});
