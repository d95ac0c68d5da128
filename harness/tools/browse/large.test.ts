import { describe, expect, test } from 'vitest';
import { createDirectory } from './directory.ts';
import { toSurface } from './testing/surfaces.ts';

/** What an answer of the directory may have at most, in characters. */
const most = 100_000;
const mebibyte = 'All about contacts. '.repeat(52_429);

const manyProperties = Object.fromEntries(
  Array.from({ length: 400 }, (_, i) => [
    `field_with_a_long_name_${i}`,
    { type: 'string', description: `What field ${i} is about, at some length. ${'More of it. '.repeat(8)}` },
  ]),
);

/** 2,000 tools, each with a description of 1 MB and a schema that takes tens of thousands of characters. */
const tools = Array.from({ length: 2_000 }, (_, index) => ({
  name: `get_contact_${index}`,
  description: mebibyte,
  inputSchema: {
    type: 'object',
    properties: manyProperties,
    required: [`field_with_a_long_name_${index % 400}`],
  },
  outputSchema: {
    type: 'object',
    properties: { [`only_here_${index}`]: { type: 'object', properties: manyProperties } },
  },
}));
const directory = createDirectory([
  toSurface('crm', tools),
  toSurface('tiny', [{ name: 'ping', inputSchema: { type: 'object' } }]),
]);
const names = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => `get_contact_${from + i}`);

describe('a directory of 2,000 tools with descriptions of 1 MB', () => {
  test('declares as many functions as an answer holds, whole, and says how to ask for the others', () => {
    const answer = directory.browse(`/crm/${names(1, 20).join(',')}`);
    expect(answer.length).toBeLessThanOrEqual(most);
    const declared = answer.match(/^\/\/ mcp\.crm\.get_contact_\d+$/gm) ?? [];
    expect(declared.length).toBeGreaterThan(0);
    expect(declared.length).toBeLessThan(20);
    expect(answer).toContain(`Cut: ${declared.length} of 20 functions are declared`);
    expect(answer).toContain(`still to come: /crm/get_contact_${declared.length + 1} /crm/`);
    expect(answer.match(/\): Promise</g)).toHaveLength(declared.length);
    const rest = directory.browse(`/crm/get_contact_${declared.length + 1}`);
    expect(rest).toContain(`// mcp.crm.get_contact_${declared.length + 1}`);
    expect(rest).not.toContain('Cut: ');
  });

  test.each([
    ['the root', '/'],
    ['a page of functions', '/crm?page=7'],
    ['one function', '/crm/get_contact_7'],
    ['a search', '/search?q=contacts'],
    ['more functions than are declared at once', `/crm/${names(1, 60).join(',')}`],
    ['many names of nothing', `/crm/${Array.from({ length: 20 }, (_, i) => `get_kontakt_${i}`).join(',')}`],
    ['a name of nothing', '/crm/fetch_the_contact'],
  ])('answers %s within the bound', (_, path) => {
    const answer = directory.browse(path);
    expect(answer.length).toBeLessThanOrEqual(most);
    expect(answer.length).toBeGreaterThan(20);
  });

  test('explains a few names of nothing and lists the others', () => {
    const answer = directory.browse(
      `/crm/ping,${Array.from({ length: 19 }, (_, i) => `nope_${i}`).join(',')}`,
    );
    expect(answer.match(/There is nothing at/g)).toHaveLength(3);
    expect(answer).toContain('Nor is there anything at /crm/ named nope_2, nope_3');
    expect(answer).toContain('nope_18.');
  });

  test('leaves a small answer as it is', () => {
    expect(directory.browse('/tiny/ping')).not.toMatch(/[Cc]ut/);
  });
});

test('a root of very many servers is cut, and says so', () => {
  const servers = Array.from({ length: 3_000 }, (_, i) =>
    toSurface(`server_${i}`, [{ name: 'ping', inputSchema: { type: 'object' } }], {
      instructions: 'Says what it does. '.repeat(20),
    }),
  );
  const answer = createDirectory(servers).browse('/');
  expect(answer.length).toBeLessThanOrEqual(most);
  expect(answer).toMatch(/more characters cut\]\nThe answer was cut\. Ask for less/);
});
