import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeDirectory } from './files.ts';
import { makeFolder, patternbench } from './testing/command-line.ts';

test('makes what is missing above, and is content with what is there', () => {
  const folder = join(makeFolder({}), 'a/b/c');
  makeDirectory(folder);
  makeDirectory(folder);
  expect(statSync(folder).isDirectory()).toBe(true);
});

test('says so where a file is in the way', () => {
  const folder = makeFolder({ file: '' });
  expect(() => makeDirectory(join(folder, 'file'))).toThrow('EEXIST');
  expect(() => makeDirectory(join(folder, 'file/below'))).toThrow('ENOTDIR');
});

test.skipIf(!existsSync('/proc/self'))(
  'gives up where the system has no such place, so that a run ends before it starts',
  async () => {
    expect(() => makeDirectory('/proc/nowhere/below')).toThrow('ENOENT');
    const { code, stderr } = await patternbench(['run', 'parametric', '--out', '/proc/nowhere']);
    expect(stderr).toContain('/proc/nowhere');
    expect(code).toBe(2);
  },
);
