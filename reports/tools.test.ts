import { describe, expect, test } from 'vitest';
import { declare } from '../harness/agent/patterns/classic.ts';
import { findModel } from '../harness/meter/catalogue.ts';
import { measureDefinitions } from '../harness/meter/definition-costs.ts';
import { exactly, type TokenCounter } from '../harness/meter/token-counter.ts';
import { publicSurfaces } from '../harness/tools/browse/testing/surfaces.ts';
import { classicName } from '../harness/tools/mcp/names.ts';
import { describeDefinitions } from './tools.ts';

/** Ten servers with about 300 tools, as public servers list them. */
function tenServers() {
  return [0, 1].flatMap((copy) =>
    publicSurfaces().map(({ server, tools }) => ({
      server: `${server.slice(0, 8)}${copy}`,
      instructions: '',
      listing: tools.map(({ name }) => name).join('\n'),
      tools: Array.from({ length: 30 }, (_, index) => tools[index % tools.length]).flatMap((tool) =>
        tool
          ? [
              {
                name: tool.name,
                definition: declare(classicName(server, tool.identifier), tool),
                declaration: '',
              },
            ]
          : [],
      ),
    })),
  );
}

function costs() {
  const shown = tenServers();
  const classic = shown.flatMap(({ tools }) => tools.map(({ definition }) => definition));
  const count = (text: string) => Math.ceil(text.length / 4);
  const counter: TokenCounter = { method: 'characters', count, measure: (text) => exactly(count(text)) };
  const { signal } = new AbortController();
  return measureDefinitions(
    shown,
    { classic },
    { model: findModel('claude-sonnet-5'), counter, found: 5, signal },
  );
}

const describeAll = async (all: boolean, unreached: { server: string; error: string }[] = []) =>
  describeDefinitions(await costs(), { all, unreached });

describe('what definitions cost, in words', () => {
  test('fits a screen of 80 columns and 60 lines for ten servers with 300 tools', async () => {
    const lines = (await describeAll(false)).split('\n');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(lines.length).toBeLessThanOrEqual(60);
    expect(lines[0]).toBe('# 10 servers, 300 tools');
  });

  test('has a line for each server, and shows every tool and field only when asked', async () => {
    const [short, whole] = [await describeAll(false), await describeAll(true)];
    for (const { server } of tenServers()) expect(short).toMatch(new RegExp(`^\\| ${server} `, 'm'));
    const listed = (text: string) => text.match(/^ *\d+\. \w+\.\S+ +[\d,]+ tokens$/gm)?.length;
    expect([listed(short), listed(whole)]).toEqual([10, 300]);
    expect(whole).toContain('frame of the input schema');
    expect(short).not.toContain('frame of the input schema');
  });

  test('advises to defer from 1 % of the window on', async () => {
    expect(await describeAll(false)).toContain('advises to defer definitions');
    const few = { ...(await costs()), upFront: { classic: { tokens: 9_999, low: 9_000, high: 11_000 } } };
    expect(describeDefinitions(few, { all: false, unreached: [] })).not.toContain('advises');
  });

  test('names a server that could not be asked', async () => {
    const text = await describeAll(false, [{ server: 'shop', error: 'It did not start.' }]);
    expect(text).toContain('Not measured: shop. It did not start.');
  });
});
