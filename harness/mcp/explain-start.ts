import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { StdioServer } from './server-spec.ts';

/** Why a server's process did not start, with what to do where that is known. */
export function explainStart(error: Error, { command, cwd = '.' }: StdioServer): Error {
  const hint = hintFor((error as NodeJS.ErrnoException).code, command, cwd);
  return hint === undefined ? error : new Error(`${error.message}. ${hint}`, { cause: error });
}

function hintFor(code: string | undefined, command: string, cwd: string): string | undefined {
  const isWindows = process.platform === 'win32';
  // npm installs commands as scripts of cmd there, which only cmd starts.
  const viaCmd = `On Windows, start commands of npm as "command": "cmd", "args": ["/c", "${command}", …]`;
  if (code === 'EINVAL' && isWindows) return viaCmd;
  if (code !== 'ENOENT') return undefined;
  if (!existsSync(cwd)) return `The folder in which it is started does not exist`;
  if (/[\\/]/.test(command)) return undefined;
  const installed = findInstalled(command, cwd);
  if (installed !== undefined)
    return `It is not on the PATH. It is installed here: "command": "${installed}"`;
  return `There is no such command on the PATH. ${
    isWindows ? viaCmd : `If it is a package from npm: "command": "npx", "args": ["-y", "<package>"]`
  }`;
}

/** The path of a command among the packages that npm installed in a folder or above it. */
function findInstalled(command: string, folder: string): string | undefined {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const path = join(at, 'node_modules', '.bin', command);
    if (existsSync(path)) return path;
    if (at === dirname(at)) return undefined;
  }
}
