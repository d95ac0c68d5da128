#!/usr/bin/env node
import module from 'node:module';
import { delimiter, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

// Plain JavaScript that any Node can read, so that one that is too old gets a sentence instead of a stack trace.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    `patternbench needs Node 24 or newer; this is Node ${process.versions.node} (${process.execPath}).\n` +
      'Run it through npm, which uses the Node that the project pins: npm run -s patternbench -- <verb> …',
  );
  process.exitCode = 2;
} else {
  // npm runs scripts in the package's folder; the paths that people give are those of the folder they started it in.
  const { npm_package_name: ran, INIT_CWD: startedIn } = process.env;
  const packageFolder = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');
  // A server is started for every trial: what Node compiled for the one before need not be compiled again. Kept with the
  // package, where nobody else can put anything.
  module.enableCompileCache(`${packageFolder}/node_modules/.cache/patternbench`);
  if (ran === 'patternbench' && startedIn && process.cwd() === packageFolder) {
    process.chdir(startedIn);
    // It puts the package's commands first on the PATH, too. Servers of another folder are to get the Node of their owner.
    if (relative(packageFolder, startedIn).startsWith('..')) {
      process.env.PATH = (process.env.PATH ?? '')
        .split(delimiter)
        .filter((folder) => folder !== join(packageFolder, 'node_modules', '.bin'))
        .join(delimiter);
    }
  }
  // Scenario folders of the user's own are seldom packages; that Node must look at their syntax is no news to them.
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.code !== 'MODULE_TYPELESS_PACKAGE_JSON' && warning.name !== 'ExperimentalWarning') {
      console.error(`${warning.name}: ${warning.message}`);
    }
  });
  await import('./process.ts');
}
