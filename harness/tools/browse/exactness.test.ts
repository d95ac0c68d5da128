import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ServerSurface } from '../mcp/surface.ts';
import { declarations, declareEach } from './declaration.ts';
import { findDisagreements, type SchemaCase } from './testing/assignments.ts';
import { compileTypeScript } from './testing/compile.ts';
import { schemasWithValues, spoiled } from './testing/sample-values.ts';
import { type ListedTool, publicSurfaces, toSurface } from './testing/surfaces.ts';

const spoiledValues = 8;

test('types accept what generated schemas accept and refuse what they refuse', { timeout: 30_000 }, () => {
  const pairs = fc.sample(schemasWithValues, { numRuns: 150, seed: 20260102 });
  const cases = pairs.map(({ schema, value }, index): SchemaCase => {
    const accepts = new AjvJsonSchemaValidator().getValidator<unknown>(schema);
    const widelyAccepts = new AjvJsonSchemaValidator().getValidator(widened(schema));
    expect(accepts(value).valid, JSON.stringify({ schema, value })).toBe(true);
    const invalid = spoiled(value).filter((bad) => !accepts(bad).valid && !widelyAccepts(bad).valid);
    const step = Math.max(1, Math.floor(invalid.length / spoiledValues));
    return {
      name: `schema ${index}`,
      schema,
      valid: [value],
      invalid: invalid.filter((_, i) => i % step === 0),
    };
  });
  expect(cases.reduce((sum, { invalid }) => sum + invalid.length, 0)).toBeGreaterThan(750);
  expect(findDisagreements(cases).slice(0, 5)).toEqual([]);
});

/** The schema with numbers for integers: no type tells them apart. */
function widened(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"integer"', '"number"'));
}

/** Calls that a careful and a careless program might make of tools of public servers. */
const calls: { path: [server: string, tool: string]; args: string; fits: boolean }[] = [
  {
    path: ['memory', 'create_entities'],
    args: '{ entities: [{ name: "a", entityType: "b", observations: [] }] }',
    fits: true,
  },
  {
    path: ['memory', 'create_entities'],
    args: '{ entities: [{ name: "a", entityType: "b" }] }',
    fits: false,
  },
  {
    path: ['memory', 'create_entities'],
    args: '{ entities: [{ name: "a", type: "b", observations: [] }] }',
    fits: false,
  },
  { path: ['memory', 'read_graph'], args: '', fits: true },
  { path: ['everything', 'get_sum'], args: '{ a: 1, b: 2 }', fits: true },
  { path: ['everything', 'get_sum'], args: '{ a: "1", b: 2 }', fits: false },
  { path: ['everything', 'get_sum'], args: '', fits: false },
  { path: ['github', 'get_issue'], args: '{ owner: "a", repo: "b", issue_number: 1 }', fits: true },
  { path: ['github', 'get_issue'], args: '{ owner: "a", repo: "b", issueNumber: 1 }', fits: false },
  { path: ['github', 'list_issues'], args: '{ owner: "a", repo: "b", state: "open" }', fits: true },
  { path: ['github', 'list_issues'], args: '{ owner: "a", repo: "b", state: "opened" }', fits: false },
  {
    path: ['notion', 'API_create_a_comment'],
    args: '{ parent: { page_id: "p" }, rich_text: [{ text: { content: "hi" } }] }',
    fits: true,
  },
  {
    path: ['notion', 'API_create_a_comment'],
    args: '{ parent: { page_id: "p" }, rich_text: [1] }',
    fits: false,
  },
];

describe('declarations of public servers', () => {
  test('compile, all in one text and one by one', { timeout: 20_000 }, async () => {
    const surfaces = [...publicSurfaces(), await filesystemSurface()];
    const sources: Record<string, string> = { all: declarations(surfaces) };
    for (const tool of surfaces.flatMap(({ tools }) => tools)) {
      sources[`${tool.server}-${tool.identifier}`] = [...declareEach([tool])]
        .join('\n\n')
        .replace(/^function /m, 'declare function ');
    }
    expect(Object.keys(sources).length).toBeGreaterThan(60);
    expect(compileTypeScript(sources)).toEqual([]);
  });

  test('let the compiler find wrong calls', { timeout: 20_000 }, () => {
    const declared = declarations(publicSurfaces()).split('\n');
    const source = [...declared, ...calls.map(({ path, args }) => `mcp.${path.join('.')}(${args});`)];
    const complaints = compileTypeScript({ calls: source.join('\n') }).map(
      ({ line }) => line - declared.length - 1,
    );
    expect(complaints).toEqual(calls.flatMap(({ fits }, index) => (fits ? [] : [index])));
  });

  test('contain every description of every tool and argument', () => {
    for (const server of publicSurfaces()) {
      const text = words(declarations([server]));
      for (const tool of server.tools) {
        expect(text).toContain(words(tool.description));
        const properties = Object.values(tool.inputSchema.properties ?? {}) as { description?: string }[];
        for (const { description } of properties) expect(text).toContain(words(description ?? ''));
      }
    }
  });

  test('are shorter than the schemas they stand for', () => {
    for (const server of publicSurfaces()) {
      expect(declarations([server]).length).toBeLessThan(0.85 * JSON.stringify(server.tools).length);
    }
  });
});

function words(text: string): string {
  return text.replaceAll(/[\s*/]+/g, ' ').trim();
}

/** The tool surface of the filesystem server that is installed here, asked over stdio. */
async function filesystemSurface(): Promise<ServerSurface> {
  const folder = mkdtempSync(join(tmpdir(), 'patternbench-files-'));
  const main = join(
    import.meta.dirname,
    '../../../node_modules/@modelcontextprotocol/server-filesystem/dist/index.js',
  );
  const client = new Client({ name: 'patternbench-test', version: '1.0.0' });
  try {
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args: [main, folder], stderr: 'ignore' }),
    );
    const { tools } = await client.listTools();
    return toSurface('filesystem', tools as ListedTool[]);
  } finally {
    await client.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
