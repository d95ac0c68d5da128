import { expect, test } from 'vitest';
import { measureSurface } from '../../harness/cli/tools.ts';
import { findModel } from '../../harness/meter/catalogue.ts';
import { loadEstimate } from '../../harness/meter/estimate.ts';
import type { ServerSurface } from '../../harness/tools/mcp/surface.ts';
import { countServer, quantile, toCensus } from './report.ts';
import { censusServers } from './servers.ts';

const model = findModel('claude-sonnet-5');

const surface: ServerSurface = {
  server: 'server',
  implementation: { name: 'made', version: '1.0.0' },
  tools: ['get_note', 'put_note'].map((name, at) => ({
    server: 'server',
    name,
    identifier: name,
    description: `${name} of a notebook. `.repeat(20),
    inputSchema: {
      type: 'object',
      properties: { kind: { type: 'string', description: 'Which', enum: ['plain', 'rich'] } },
    },
    ...(at === 0 && { outputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }),
  })),
};

async function count(name: string) {
  const counter = await loadEstimate(model.tokenizer);
  const costs = await measureSurface([surface], { model, counter, signal: new AbortController().signal });
  return countServer({ package: name, version: '1.0.0' }, surface, costs);
}

test('the parts of a server’s definitions sum to them, and the dearest is named', async () => {
  const counted = await count('notes');
  const { parts, classic, sizes } = counted;
  expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBe(classic);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(classic);
  expect(Object.values(parts).every((part) => part > 0)).toBe(true);
  expect(counted).toMatchObject({ tools: 2, outputSchemas: 1, annotated: 1, readOnly: 1 });
  const text = toCensus([counted], [{ package: 'broken', error: 'it ended' }], model);
  expect(text).toMatch(/\| notes 1\.0\.0 +\| +2 \|.*descriptions of tools \(\d+ %\) \|/);
  expect(text).toContain('50 % of tools; all tools of 0 servers, none of 0.');
  expect(text).toContain('- broken: it ended');
  // Figures alone: nothing that a server wrote.
  expect(text).not.toContain('notebook');
});

test('a quantile is the value of the nearest rank', () => {
  const values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  expect([0, 0.1, 0.25, 0.5, 0.9, 1].map((at) => quantile(values, at))).toEqual([1, 1, 3, 5, 9, 10]);
});

test('each server is named once, with a version that stays', () => {
  const names = censusServers.map((server) => server.package);
  expect(new Set(names).size).toBe(names.length);
  for (const { version } of censusServers) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
});
