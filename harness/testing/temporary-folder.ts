import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** Short: some tests look for paths in tables of 80 columns. */
const prefix = 'pbt-';

/** All that a run of the tests leaves in the temporary folder lies in one of its own, which goes with it. */
export default function setup(): (() => void) | undefined {
  // Each project of the configuration sets up; one folder is enough.
  if (basename(tmpdir()).startsWith(prefix)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), prefix));
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
