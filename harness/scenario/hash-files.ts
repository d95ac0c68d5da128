import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

/** Bytes of one file, and of all, that are read; what is larger counts by its name and size alone. */
const mostOfOne = 16 * 1024 ** 2;
const mostOfAll = 256 * 1024 ** 2;

/** What runs and installations leave in a folder is no part of the workflow. */
const skippedFolders = ['node_modules', 'runs', 'cassettes'];
const skippedFiles = /^patternbench\.(lock|trust|baseline)\.json$/;

/** Code of patternbench itself, of which every run records the version. */
const own = resolve(import.meta.dirname, '../..');
const ownCode = ['harness', 'mock-servers', 'node_modules'].map((name) => join(own, name) + sep);

/**
 * SHA-256 over names and bytes of all files that a scenario's result depends on, as far as its folder tells: everything in the
 * folder and below (its code, data and `.mcp.json`), and what its code imports from elsewhere by a relative path, transitively.
 * Left out are hidden files, `node_modules`, and what patternbench writes: runs, recordings, lock and baseline.
 */
export function hashFiles(folder: string): string {
  /** By name as seen from the folder; a link to a folder has no bytes. */
  const files = new Map<string, string | undefined>();
  listFiles(folder, folder, files);
  const imported = new Set([...files.values()].flatMap((file) => file ?? []));
  for (const file of imported) {
    for (const other of findImports(file)) {
      if (imported.has(other) || ownCode.some((place) => other.startsWith(place))) continue;
      imported.add(other);
      files.set(nameIn(folder, other), other);
    }
  }
  const hash = createHash('sha256');
  let room = mostOfAll;
  for (const [name, file] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const size = file === undefined ? 0 : statSync(file).size;
    hash.update(`${name}\n${size}\n`);
    if (file === undefined || size > mostOfOne || size > room) continue;
    room -= size;
    hash.update(readFileSync(file));
  }
  return hash.digest('hex');
}

function listFiles(folder: string, root: string, files: Map<string, string | undefined>): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.') && entry.name !== '.mcp.json') continue;
    // A link to a folder may lead round in a circle: where it leads is what counts.
    const isLink = entry.isSymbolicLink();
    const target = isLink && !existsSync(path) ? undefined : statSync(path);
    if (target?.isDirectory() === true) {
      if (isLink) files.set(`${nameIn(root, path)} -> ${readlinkSync(path)}`, undefined);
      else if (!skippedFolders.includes(entry.name) && !isRun(path)) listFiles(path, root, files);
    } else if (target?.isFile() === true && !skippedFiles.test(entry.name)) {
      files.set(nameIn(root, path), path);
    }
  }
}

function isRun(folder: string): boolean {
  return ['run.json', 'sweep.json', 'results.jsonl'].some((name) => existsSync(join(folder, name)));
}

/** Files that a module names by a relative path, in imports of any form. */
function findImports(file: string): string[] {
  if (!/\.[cm]?[jt]s$/.test(file)) return [];
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/\b(?:from|import)\s*\(?\s*(['"])(\.{1,2}\/[^'"\n]+)\1/g)].flatMap(
    ([, , specifier = '']) => {
      const path = join(dirname(file), specifier.replace(/[?#].*$/, ''));
      return existsSync(path) && statSync(path).isFile() ? [path] : [];
    },
  );
}

/** A path as seen from the folder, alike on all systems. */
function nameIn(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/');
}
