import { describe, expect, test } from 'vitest';
import { trialDirReference } from '../scenario/servers.ts';
import { makeFolder, patternbench } from '../testing/command-line.ts';
import { scenarioFiles } from '../testing/scenario-files.ts';
import { serverCommand } from '../testing/server-command.ts';
import { stockFiles } from '../testing/stock-files.ts';

/** Checks a scenario of these files. */
async function checkFiles(
  change: Record<string, string>,
  options: Partial<Parameters<typeof scenarioFiles>[0]> = {},
) {
  const files = {
    ...scenarioFiles({ body: 'return mcp.server.ping({});', fault: 'tool error', ...options }),
    ...change,
  };
  const folder = makeFolder(
    Object.fromEntries(Object.entries(files).map(([path, text]) => [`scene/${path}`, text])),
  );
  return patternbench(['check', './scene', '--set', 'limits.connect=2500ms'], { cwd: folder });
}

/** The scenario file of a test, whose grader is this. */
function graded(grader: string): Record<string, string> {
  const { 'scenario.ts': text = '' } = scenarioFiles({ body: '', fault: 'tool error' });
  return { 'scenario.ts': text.replace('truth:', `graders: [{ name: 'test', grade: ${grader} }],\n truth:`) };
}

const broken = (scenarioFiles({ body: '', fault: 'tool error' })['scenario.ts'] ?? '').replace(
  /truth: .*/,
  "truth: () => { throw new Error('no data'); },",
);

describe('patternbench check', () => {
  test('finds nothing wrong with bundled scenarios', async () => {
    const names = ['crm-contact-lookup', 'crm-segment-report'];
    const { code, stdout } = await patternbench(['check', ...names, '--param', 'contacts=60']);
    expect(stdout).toBe('crm-contact-lookup: ok\ncrm-segment-report: ok\n');
    expect(code).toBe(0);
  });

  test('names a scenario whose parameters leave nothing to find', async () => {
    const args = ['crm-top-customers', '--param', 'contacts=5', '--param', 'threshold=100000', '--json'];
    const { code, stdout } = await patternbench(['check', ...args]);
    expect(JSON.parse(stdout)[0].defects).toEqual([
      'control-no-tools is right on it: The answer equals the ground truth.',
    ]);
    expect(code).toBe(1);
  });

  test.each<[string, Parameters<typeof checkFiles>, string[]]>([
    [
      'a grader that takes anything',
      [graded("() => ({ correct: true, reason: 'fine' })")],
      ['control-no-tools is right', 'control-do-nothing is right', 'control-list-everything is right'],
    ],
    [
      'canaries that nothing returns',
      [
        {
          'scenario.ts': (scenarioFiles({ body: '', fault: 'tool error' })['scenario.ts'] ?? '').replace(
            'truth:',
            "canaries: { server: { ping: ['email'] } },\n truth:",
          ),
        },
      ],
      ['its canaries name fields that no result of its program has'],
    ],
    [
      'a grader that looks for the answer anywhere',
      [graded("({ answer }) => ({ correct: answer.includes('pong'), reason: 'it is in there' })")],
      ['control-list-everything is right on it'],
    ],
    [
      'a reference program that is wrong',
      [{}, { truth: 'pang' }],
      ['not right in classic', 'not right in code'],
    ],
    ['a tool that does not exist', [{}, { body: 'return mcp.server.pong({});' }], ['calls mcp.server.pong']],
    [
      'a program that does not parse',
      [{ 'program.ts': 'export default async function (' }],
      ['it does not load'],
    ],
    [
      'a truth that throws',
      [{ 'scenario.ts': broken }],
      ['scene/scenario.ts:', 'truth() threw Error: no data'],
    ],
  ])('names %s and exits with 1', async (_, given, words) => {
    const { code, stdout, stderr } = await checkFiles(...given);
    for (const word of words) expect(stdout + stderr).toContain(word);
    expect(code).toBe(1);
  });

  test('names the call by which state leaked from one trial into the next, and no defect', async () => {
    const serverAt = (file: string) => JSON.stringify(serverCommand('stock-server.ts', file));
    const folder = makeFolder(stockFiles(serverAt('stock.db')));
    const first = await patternbench(['check', './reorder'], { cwd: folder });
    expect(first.stdout).toMatch(
      /^reorder: state differs between trials\n {2}- stock\.query in schedule and classic: /,
    );
    expect(first.stdout).toContain('asked with {"below":10}: [{"id":1,"stock":');
    expect(first.stdout).toContain(`keep it in ${trialDirReference}`);
    expect(first.stdout).not.toMatch(/defective|not right/);
    expect(first.code).toBe(1);
    // Now every trial finds the same: nothing to do.
    const again = await patternbench(['check', './reorder', '--json'], { cwd: folder });
    expect(JSON.parse(again.stdout)[0]).toMatchObject({
      state: [],
      defects: expect.arrayContaining([expect.stringContaining("an earlier run changed its servers' state")]),
    });
    const fresh = makeFolder(stockFiles(serverAt(`${trialDirReference}/stock.db`)));
    const mended = await patternbench(['check', './reorder'], { cwd: fresh });
    expect(mended).toMatchObject({ stdout: 'reorder: ok\n', code: 0 });
  });

  test('a server that does not start is no defect: exit code 3', async () => {
    const { code, stdout } = await checkFiles({}, { fault: 'exit at once' });
    expect(stdout).toContain('scene: not checked');
    expect(code).toBe(3);
  });

  test('a scenario that there is not is wrong usage', async () => {
    const { code, stderr } = await patternbench(['check', 'crm-top-costumers']);
    expect(stderr).toContain('crm-top-customers');
    expect(code).toBe(2);
  });
});
