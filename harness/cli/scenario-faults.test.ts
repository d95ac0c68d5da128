import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { tallyTrials } from '../results/reading.ts';
import {
  type CommandResult,
  makeFolder,
  patternbench,
  patternbenchProcess,
} from '../testing/command-line.ts';
import { type RunResult, runIn } from '../testing/live-run.ts';
import { pingScenario, scenarioFiles } from '../testing/scenario-files.ts';

const throwing = "() => { throw new TypeError('no such column'); }";

/** A field of `scenario.ts` that is at fault, and what is said of it. */
const faults: [name: string, field: string, said: RegExp][] = [
  ['truth', `truth: ${throwing},`, /truth\(\) threw TypeError: no such column/],
  [
    'a truth that rejects',
    "truth: async () => { throw 'plainly'; },",
    /truth\(\) threw plainly \(not an Error\)/,
  ],
  ['given', `given: ${throwing},`, /given\(\) threw TypeError: no such column/],
  ['a given that no JSON carries', 'given: () => ({ n: 1n }),', /given\(\) threw TypeError: .*BigInt/],
  ['the task', `task: ${throwing},`, /task\(\) threw TypeError: no such column/],
  ['a task that is no text', 'task: () => 7,', /task\(\) returned an invalid value: .*expected string/],
  ['the servers', `servers: ${throwing},`, /servers\(\) threw TypeError: no such column/],
  [
    'a grader',
    `graders: [{ name: 'columns', grade: ${throwing} }],`,
    /the grader "columns" threw TypeError: no such column/,
  ],
  [
    'a grader that gives no grade',
    "graders: [{ name: 'columns', grade: () => true }],",
    /the grader "columns" returned an invalid value/,
  ],
];

/** The scenario `faulty` with this field in place of its own, beside the sound one `ping`. */
function filesWith(field: string): Record<string, string> {
  const files = scenarioFiles({ body: 'return mcp.server.ping({});', fault: 'tool error' });
  const name = field.split(':')[0] ?? '';
  const text = (files['scenario.ts'] ?? '').replace(new RegExp(`^\\s*${name}: .*$`, 'm'), '');
  return {
    ...pingScenario(),
    'faulty/scenario.ts': text.replace('export default {', `export default {\n${field}`),
    'faulty/program.ts': files['program.ts'] ?? '',
  };
}

/** The name of the scenario that has the fault at this place of the list. */
const folderOf = (at: number) => `faulty-${at}`;

/** All faulty scenarios side by side, and the sound one. */
const allFaulty = makeFolder({
  ...pingScenario(),
  ...Object.fromEntries(
    faults.flatMap(([, field], at) =>
      Object.entries(filesWith(field))
        .filter(([path]) => path.startsWith('faulty/'))
        .map(([path, text]) => [path.replace('faulty', folderOf(at)), text]),
    ),
  ),
});
const named = faults.map((_, at) => `./${folderOf(at)}`);

describe("a fault of a scenario's own code", () => {
  let run: RunResult;
  let report: string;
  let check: CommandResult;
  beforeAll(async () => {
    run = await runIn(allFaulty, [...named, './ping']);
    report = (await patternbench(['report', 'out', '--md', '-'], { cwd: allFaulty })).stdout;
    check = await patternbench(['check', ...named], { cwd: allFaulty });
  });

  test.each(faults.map(([name, , said], at) => ({ name, said, scenario: folderOf(at) })))(
    'in $name ends its trials, never as a wrong answer',
    ({ said, scenario }) => {
      const own = run.summary?.results.filter((result) => result.scenario === scenario) ?? [];
      expect(own.map(({ status, correct, scenarioFault }) => [status, correct, scenarioFault])).toEqual([
        ['infrastructure_error', null, true],
        ['infrastructure_error', null, true],
      ]);
      for (const { reason } of own) expect(reason).toMatch(said);
      expect(run.stderr).toMatch(new RegExp(`^${scenario} / classic, code: .*${said.source}`, 'm'));
      expect(run.stderr).toMatch(new RegExp(`${scenario}[/\\\\]scenario\\.ts`));
      expect(run.stderr).toMatch(new RegExp(`${scenario} · classic: the scenario's own code failed \\(`));
      const verdict = run.summary?.verdicts.find((each) => each.scenario === scenario);
      expect(verdict?.pattern).toBe('insufficient');
      expect(verdict?.reason).toContain("the scenario's own code failed");
    },
  );

  test('leaves the other trials of the run as they are', () => {
    const { code, stdout, stderr, summary } = run;
    expect(code).toBe(3);
    expect(stdout + stderr).not.toMatch(/^\s+at /m);
    expect(stdout + stderr).not.toMatch(/reasons of infrastructure|infrastructure error/);
    expect(summary && tallyTrials(summary)).toEqual({
      planned: 2 * faults.length + 2,
      correct: 2,
      wrong: 0,
      errored: 2 * faults.length,
      notRun: 0,
    });
    expect(report).toContain('not measured');
    expect(report).toContain("the scenario's own code failed");
  });

  test.each(faults.map(([name, , said], at) => ({ name, said, scenario: folderOf(at) })))(
    'in $name is named by check before anything is run',
    ({ said, scenario }) => {
      const own = new RegExp(
        `^${scenario}: defective\\n((?:(?!faulty-).*\\n|.*scenario\\.ts.*\\n)*)`,
        'm',
      ).exec(check.stdout)?.[1];
      expect(own?.match(new RegExp(said, 'g')), check.stdout).toHaveLength(1);
    },
  );

  test('makes check fail without a stack', () => {
    expect(check.stderr).not.toMatch(/^\s+at /m);
    expect(check.code).toBe(1);
  });

  test('is told by a dry run and by a sweep too, which exit with 3', async () => {
    const folder = makeFolder(filesWith(`truth: ${throwing},`));
    const dry = await patternbench(['run', './faulty', '--dry-run'], { cwd: folder });
    expect(dry.stdout).toMatch(/faulty \/ classic: .*truth\(\) threw TypeError: no such column/);
    expect(dry.code).toBe(3);
    const trials = await patternbench(['run', './faulty', '--trials', '2', '--out', 'r'], { cwd: folder });
    expect(trials.stderr).toMatch(/2 trials ended by a fault of the scenario's own code: .*truth\(\) threw/);
    const param = "params: { n: { type: 'integer', default: 1, min: 1, max: 9, description: 'n' } },";
    const file = join(folder, 'faulty/scenario.ts');
    writeFileSync(file, readFileSync(file, 'utf8').replace('export default {', `export default {\n${param}`));
    const args = ['run', './faulty', '--param', 'n=1..2', '--set', 'sweep.points=2', '--out', 's'];
    const swept = await patternbench(args, { cwd: folder });
    expect(swept.stderr).toMatch(/code was not measured: .*truth\(\) threw/);
    expect(swept.code).toBe(3);
  });

  test('names the line, also of a file beside the scenario', async () => {
    const files = filesWith('truth: () => readTruth(),');
    const text = `import { readTruth } from './data.ts';\n${files['faulty/scenario.ts']}`;
    const data = "// The data.\nexport function readTruth(): never {\n  throw new Error('it is gone');\n}\n";
    const folder = makeFolder({ ...files, 'faulty/scenario.ts': text, 'faulty/data.ts': data });
    const { stderr } = await runIn(folder, ['./faulty']);
    expect(stderr).toMatch(/faulty[/\\]data\.ts:3: truth\(\) threw Error: it is gone/);
  });

  test('that is mended is done again by a resumed run, with all others kept', async () => {
    const broken = filesWith(`graders: [{ name: 'columns', grade: ${throwing} }],`);
    const folder = makeFolder(broken);
    await runIn(folder, ['./faulty', './ping']);
    const grader =
      "{ name: 'columns', grade: ({ answer }) => ({ correct: answer.includes('pong'), reason: answer }) }";
    const mended = filesWith(`graders: [${grader}],`);
    writeFileSync(join(folder, 'faulty/scenario.ts'), mended['faulty/scenario.ts'] ?? '');
    const resumed = await runIn(folder, ['--resume', 'out', '--force']);
    expect(resumed.stderr).toContain('Resumed: 2 of 4 trials had ended.');
    expect(resumed.code).toBe(0);
    expect(resumed.summary?.results.map(({ correct }) => correct)).toEqual([1, 1, 1, 1]);
  });
});

describe('an error that a scenario cannot catch', () => {
  const promised = "() => { Promise.reject(new Error('dropped')); return 'pong'; }";
  const timed = "() => { setTimeout(() => { throw new Error('dropped'); }, 1); return 'pong'; }";

  test.each([
    ['a dropped promise', promised],
    ['a timer', timed],
  ])('from %s ends the run in order, names the line and leaves no lock', async (_, truth) => {
    const files = filesWith(`truth: ${truth},`);
    const folder = makeFolder(files);
    const { code, stdout, stderr, summary } = await runIn(folder, ['./faulty', './ping'], {
      by: patternbenchProcess,
    });
    expect(stderr).toMatch(/faulty[/\\]scenario\.ts:\d+: threw Error: dropped.*fault of a scenario's code/);
    expect(stderr.match(/threw Error: dropped/g)).toHaveLength(1);
    expect(stdout + stderr).not.toMatch(/^\s+at /m);
    expect(stderr).toContain(`patternbench run --resume ${join(folder, 'out')}`);
    expect(summary?.status).toBe('partial');
    expect(existsSync(join(folder, 'out/run.lock'))).toBe(false);
    expect(code).toBe(3);
    writeFileSync(
      join(folder, 'faulty/scenario.ts'),
      filesWith("truth: () => 'pong',")['faulty/scenario.ts'] ?? '',
    );
    const resumed = await runIn(folder, ['--resume', 'out', '--force']);
    expect(resumed.summary?.status).toBe('complete');
  });

  test('while it is loaded ends the command with a message and exit code 3', async () => {
    const files = filesWith("truth: () => 'pong',");
    const text = `await new Promise(() => setTimeout(() => { throw new TypeError('too early'); }, 1));`;
    const folder = makeFolder({ ...files, 'faulty/scenario.ts': `${text}\n${files['faulty/scenario.ts']}` });
    const { code, stderr } = await runIn(folder, ['./faulty'], { by: patternbenchProcess });
    expect(stderr).toMatch(/faulty[/\\]scenario\.ts:1: threw TypeError: too early/);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(code).toBe(3);
  });

  test.each(['run', 'check'])('an exit in the middle of a %s is no success', async (verb) => {
    const folder = makeFolder(filesWith('truth: () => process.exit(0),'));
    const args = verb === 'run' ? ['run', './faulty', '--out', 'out'] : ['check', './faulty'];
    const { code, stderr } = await patternbenchProcess(args, { cwd: folder });
    expect(stderr).toContain('ended before the command had finished');
    expect(stderr.includes('patternbench run --resume')).toBe(verb === 'run');
    expect(existsSync(join(folder, 'out/run.lock'))).toBe(false);
    expect(code).toBe(3);
  });
});
