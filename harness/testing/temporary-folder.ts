import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** All that a run of the tests leaves in the temporary folder lies in one of its own, which goes with it. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'patternbench-tests-'));
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
