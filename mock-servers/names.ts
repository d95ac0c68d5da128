import { existsSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';

// The folder holds .ts as a checkout and .js as a published package; a server's file is of the kind of this one.
export const serverFile = `server${extname(import.meta.filename)}`;

/** Names of the mock servers there are: the folders beside this file that have a `server.ts`, sorted. */
export function listMockServers(): string[] {
  return readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .filter((name) => existsSync(join(import.meta.dirname, name, serverFile)))
    .sort();
}
