import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { patternbench } from '../testing/command-line.ts';
import { verbs } from './verbs.ts';

const entry = resolve(import.meta.dirname, 'patternbench.js');

/** Prints, at the end, which packages were loaded, and how many files of ours. */
const watch = `import { registerHooks } from 'node:module';
  const packages = new Set();
  let own = 0;
  registerHooks({ load: (url, context, next) => {
    const name = /node_modules\\/([^/]+)/.exec(url)?.[1];
    if (name) packages.add(name);
    else if (url.startsWith('file:')) own += 1;
    return next(url, context);
  } });
  process.on('exit', () => console.error('loaded: ' + [...packages] + ' and ' + own + ' files'));`;

/** A process, since this one has loaded everything already. */
function runWatched(args: string[]) {
  const hook = `data:text/javascript,${encodeURIComponent(watch)}`;
  const { status, stderr } = spawnSync(process.execPath, ['--import', hook, ...args], { encoding: 'utf8' });
  const [, packages, files] = /^loaded: (.*) and (\d+) files$/m.exec(stderr) ?? [];
  return { status, stderr, packages, files: Number(files) };
}

test.each([
  ['--version', 0],
  ['run --help', 0],
  ['run --trials 1 --trials 2', 2],
  ['nope', 2],
  ['run crm-contact-lokup', 2],
  ['run --trials x', 2],
  ['run --fault error=2 --set seed=1', 2],
  ['run --variants nope', 2],
  ['run --model nope', 2],
  ['run --param contacts=abc', 2],
  ['run parametric --param nope=1', 2],
  ['list', 0],
])('%s is answered at once: nothing but the parser of the command line is loaded for it', (args, code) => {
  const { status, packages } = runWatched([entry, ...args.split(' ')]);
  expect(packages).toBe('commander');
  expect(status).toBe(code);
});

test('help and wrong usage of every verb are shown at once: what it does is not loaded for them', () => {
  const wrong = [
    ['report'],
    ['report', 'x', '--runs', 'x'],
    ['compare', 'x'],
    ['gate', '--max-cost', 'x'],
    ['check', '--param', 'x'],
    ['types', '--set', 'workflows=,'],
    ['tools', '--set', 'count='],
    ['call', 'crm'],
    ['count', '--set', 'seed=1'],
    ['merge', 'x'],
    ['audit', 'show'],
    ['expose', '--trials', 'x'],
    ['login'],
    ['serve', 'crm', '--port', 'x'],
    ['doctor', '--level', 'x'],
  ];
  const each = Object.keys(verbs).flatMap((verb) => [
    { argv: [verb, '--help'], code: 0 },
    { argv: [verb, '--nope'], code: 2 },
  ]);
  const all = [...each, ...wrong.map((argv) => ({ argv, code: 2 }))];
  const script = `const { main } = await import(${JSON.stringify(resolve(import.meta.dirname, 'main.ts'))});
    const io = { cwd: process.cwd(), env: {}, stdout: { write() {} }, stderr: { write() {} } };
    for (const { argv, code } of ${JSON.stringify(all)}) {
      const exitCode = await main(argv, io);
      if (exitCode !== code) console.error(argv.join(' ') + ' ended with ' + exitCode);
    }`;
  const { stderr, packages, files } = runWatched(['--input-type=module', '-e', script]);
  expect(stderr).not.toContain('ended with');
  expect(packages).toBe('commander');
  expect(files).toBeLessThan(25);
});

test.each([
  'run --json --md -',
  'merge a b --out c --json --md -',
  'count nope --json --md -',
  'compare nope nope --json --pr',
  'compare nope nope --md - --html -',
  'audit show nope --json --md -',
])('%s: two formats on standard output are refused before anything is read or written', async (args) => {
  const { code, stderr } = await patternbench(args.split(' '));
  expect(stderr).toMatch(/^(--\w+) and (--\w+) both write to standard output\. /);
  expect(code).toBe(2);
});
