import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const entry = resolve(import.meta.dirname, 'patternbench.js');

/** Prints, at the end, which packages were loaded. */
const watch = `import { registerHooks } from 'node:module';
  const loaded = new Set();
  registerHooks({ load: (url, context, next) => {
    const name = /node_modules\\/([^/]+)/.exec(url)?.[1];
    if (name) loaded.add(name);
    return next(url, context);
  } });
  process.on('exit', () => console.error('loaded: ' + [...loaded]));`;

// A process, since this one has loaded everything already.
test.each([
  ['--version', 0],
  ['run --help', 0],
  ['run --nope', 2],
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
  const hook = `data:text/javascript,${encodeURIComponent(watch)}`;
  const { status, stderr } = spawnSync(process.execPath, ['--import', hook, entry, ...args.split(' ')], {
    encoding: 'utf8',
  });
  expect(stderr).toMatch(/^loaded: commander$/m);
  expect(status).toBe(code);
});
