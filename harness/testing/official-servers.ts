import { chmodSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'rolldown';
import { makeFolder } from './command-line.ts';

const modules = resolve(import.meta.dirname, '../../node_modules');
let made: Promise<string> | undefined;

/**
 * A folder with the commands `mcp-server-memory` and `mcp-server-filesystem`, to be put first on the PATH: the official servers,
 * each bundled into one file. To load a hundred files takes two thirds of the CPU time of a start, and every trial starts one.
 */
export function officialServers(): Promise<string> {
  made ??= bundle();
  return made;
}

async function bundle(): Promise<string> {
  if (process.platform === 'win32') return join(modules, '.bin');
  const names = ['memory', 'filesystem'];
  const command = (name: string) => `mcp-server-${name}`;
  const files = names.map((name) => [
    command(name),
    `#!/bin/sh\nexec "${process.execPath}" "$(dirname "$0")/${name}.mjs" "$@"\n`,
  ]);
  const folder = makeFolder(Object.fromEntries(files));
  for (const name of names) {
    const input = join(modules, `@modelcontextprotocol/server-${name}/dist/index.js`);
    const output = { file: join(folder, `${name}.mjs`), format: 'esm' as const };
    await build({ input, platform: 'node', output, logLevel: 'silent' });
    chmodSync(join(folder, command(name)), 0o755);
  }
  return folder;
}
