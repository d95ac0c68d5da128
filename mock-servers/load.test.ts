import { expect, test } from 'vitest';
import { z } from 'zod';
import { loadMockServer, MockServerUsageError, parseOptions } from './load.ts';
import { defineMockServer } from './mock-server.ts';
import { listMockServers } from './names.ts';
import { openMock } from './open-mock.ts';

const sample = defineMockServer({
  name: 'sample',
  title: 'Sample',
  version: '1.0.0',
  instructions: '',
  options: z.object({
    rows: z.int().min(0).max(100).default(10),
    noisy: z.boolean().default(false),
    label: z.string().default('x'),
    seed: z.int().default(1),
  }),
  create: () => ({ tools: [], changes: () => [] }),
});

test('every folder with a server is listed, and no other', () => {
  expect(listMockServers()).toContain('crm');
  expect(listMockServers()).not.toContain('testing');
});

test.each(listMockServers())('%s loads, has its own name and takes its defaults', async (name) => {
  const mock = await loadMockServer(name);
  expect(mock.name).toBe(name);
  expect(parseOptions(mock, {})).toHaveProperty('seed');
});

test('definitions are written once for the same options, and again for others', async () => {
  const definitionsOf = async (options: Record<string, unknown>) => {
    const mock = await loadMockServer('parametric');
    return openMock(mock, parseOptions(mock, options)).definitions;
  };
  const three = await definitionsOf({ tools: 3 });
  expect(await definitionsOf({ tools: 3 })).toBe(three);
  expect(three).toHaveLength(3);
  expect(await definitionsOf({ tools: 4 })).toHaveLength(4);
});

test('an unknown name is met with the nearest and the available ones', async () => {
  await expect(loadMockServer('crmm')).rejects.toThrow(/"crmm"; did you mean crm\? \(available: .*crm/);
  await expect(loadMockServer('crmm')).rejects.toBeInstanceOf(MockServerUsageError);
});

test('a name cannot lead out of the folder', async () => {
  await expect(loadMockServer('../mock-servers/crm')).rejects.toBeInstanceOf(MockServerUsageError);
});

test('options have defaults and read text as what they are', () => {
  expect(parseOptions(sample, {})).toEqual({ rows: 10, noisy: false, label: 'x', seed: 1 });
  expect(parseOptions(sample, { rows: '20', noisy: 'true', label: '7', seed: '3' })).toEqual({
    rows: 20,
    noisy: true,
    label: '7',
    seed: 3,
  });
});

test.each([
  [{ rows: 'many' }, /expected number, received string\n.*→ at rows/],
  [{ rows: '' }, /expected number, received string\n.*→ at rows/],
  [{ rows: '500' }, /expected number to be <=100\n.*→ at rows/],
  [{ noisy: 'yes' }, /expected boolean, received string\n.*→ at noisy/],
  [{ row: 3 }, /Unrecognized key: "row"\nIts options: rows, noisy, label, seed$/],
])('%j is refused by name', (options, message) => {
  expect(() => parseOptions(sample, options)).toThrow(message);
  expect(() => parseOptions(sample, options)).toThrow(MockServerUsageError);
});
