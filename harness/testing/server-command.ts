import { resolve } from 'node:path';

/** How a server of the tests is started over stdio: `name` is that of its file here, or a path to one. */
export function serverCommand(name: string, ...args: string[]): { command: string; args: string[] } {
  const inFolder = (file: string) => resolve(import.meta.dirname, file);
  return { command: process.execPath, args: [inFolder('start.js'), inFolder(name), ...args] };
}
