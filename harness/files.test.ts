import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { InfrastructureError, UsageError } from './errors.ts';
import { inOrder, makeDirectory, readJson, replaceFile } from './files.ts';
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

test('a file is replaced whole, and nothing is left beside it', () => {
  const folder = makeFolder({ 'mine.txt': 'before' });
  replaceFile(join(folder, 'mine.txt'), 'after', UsageError);
  expect(readFileSync(join(folder, 'mine.txt'), 'utf8')).toBe('after');
  expect(readdirSync(folder)).toEqual(['mine.txt']);
});

test('a file that cannot be written is named, and nothing is left', () => {
  const folder = makeFolder({ 'mine.txt': 'mine', 'in-the-way/kept.txt': '' });
  for (const place of ['mine.txt/report.md', 'nowhere/report.md', 'in-the-way']) {
    const file = join(folder, place);
    expect(() => replaceFile(file, 'text', UsageError)).toThrow(UsageError);
    expect(() => replaceFile(file, 'text', InfrastructureError)).toThrow(`${file} cannot be written`);
    expect(() => replaceFile(file, 'text', InfrastructureError)).toThrow(InfrastructureError);
  }
  expect(readFileSync(join(folder, 'mine.txt'), 'utf8')).toBe('mine');
  expect(readdirSync(folder).sort()).toEqual(['in-the-way', 'mine.txt']);
});

const schema = z.object({ name: z.string(), inner: z.object({ a: z.number(), b: z.number().optional() }) });

test('a file has its keys in the order of its format, however a value was put together', () => {
  const { value, fault } = inOrder(schema, { inner: { b: 2, a: 1 }, name: 'x' });
  expect(JSON.stringify(value)).toBe('{"name":"x","inner":{"a":1,"b":2}}');
  expect(fault).toBeUndefined();
});

test('a writer learns the first key that its format does not name, and the first value that does not fit it', () => {
  const more = { name: 'x', inner: { a: 1, c: 3 } };
  expect(inOrder(schema, more).fault).toBe('inner.c');
  const wrong = { name: 'x', inner: { a: 'one' } } as never;
  expect(inOrder(schema, wrong)).toEqual({ value: wrong, fault: 'inner.a' });
});

test('a reader accepts keys that it does not know, and no other format', () => {
  const folder = makeFolder({ 'mine.json': '{"name":"x","inner":{"a":1,"later":true},"later":1}' });
  const read = (what: z.ZodType) => readJson(join(folder, 'mine.json'), what, 'a thing', 'Mend it.');
  expect(read(schema)).toEqual({ name: 'x', inner: { a: 1 } });
  expect(() => read(z.object({ format: z.literal('a/v2') }))).toThrow(
    'is not a thing that this version reads',
  );
});
