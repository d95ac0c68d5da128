import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/*
 * Makes dist/, what the package ships: JavaScript and declarations of harness/, mock-servers/ and reports/, the example for GitHub,
 * and the scenarios. Documentation, published figures and JSON Schemas are shipped from where they are. A
 * scenario's program is shown to the model as it is written, so scenarios stay TypeScript.
 */

const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
const tsc = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'tsc.cmd' : 'tsc');
// Several threads would each infer what they share: half as much CPU time again.
const { status } = spawnSync(tsc, ['-p', 'tsconfig.build.json', '--singleThreaded'], {
  cwd: root,
  stdio: ['ignore', 2, 2],
  shell: process.platform === 'win32',
});
if (status !== 0) process.exit(1);

// Compiled code reads versions there. The rest of a manifest, such as exports, is for the package's root alone.
const manifestFile = join(dist, 'package.json');
const { version, type, dependencies } = JSON.parse(readFileSync(manifestFile, 'utf8'));
writeFileSync(manifestFile, `${JSON.stringify({ version, type, dependencies })}\n`);

// The page of a run brings its style and its bundled script along.
for (const made of ['page/style', 'page/script.js']) {
  cpSync(join(root, 'reports', made), join(dist, 'reports', made), { recursive: true });
}
// `init --ci` copies it.
cpSync(
  join(root, 'scripts', 'examples', 'github-actions.yml'),
  join(dist, 'scripts', 'examples', 'github-actions.yml'),
);

const scenarios = join(root, 'scenarios');
for (const name of readdirSync(scenarios, { recursive: true, encoding: 'utf8' })) {
  if (!/\.(ts|json)$/.test(name) || name.endsWith('.test.ts')) continue;
  const file = join(scenarios, name);
  const text = readFileSync(file, 'utf8').replace(
    /(?<=(?:from|import\()\s*')(\.[^']*)\.ts(?=')/g,
    (specifier: string, path: string) => {
      const isScenarios = !relative(scenarios, resolve(dirname(file), path)).startsWith('..');
      return isScenarios ? specifier : `${path}.js`;
    },
  );
  const to = join(dist, 'scenarios', name);
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, text);
}
