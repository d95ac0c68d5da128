import { describe, expect, test } from 'vitest';
import { findModel } from './catalogue.ts';
import { lighterServers, measureDefinitions, type ShownServer } from './definition-costs.ts';
import { exactly, type TokenCounter } from './token-counter.ts';

const model = findModel('claude-sonnet-5');
const characters: TokenCounter = {
  method: 'characters',
  count: (text) => text.length,
  measure: (text) => exactly(text.length),
};

function server(name: string, tools: number): ShownServer {
  return {
    server: name,
    instructions: 'Be brief.',
    listing: 'a list of functions',
    tools: Array.from({ length: tools }, (_, index) => ({
      name: `tool_${index}`,
      definition: {
        name: `${name}__tool_${index}`,
        description: 'x'.repeat(100 * (index + 1)),
        input_schema: { type: 'object' as const, properties: { id: { type: 'string' } } },
      },
      declaration: 'declare it',
      ...(index === 0 && { outputSchema: { type: 'object' } }),
    })),
  };
}

const measure = (shown: ShownServer[]) => {
  const declared = shown.flatMap(({ tools }) => tools.map(({ definition }) => definition));
  return measureDefinitions(
    shown,
    { classic: declared, code: declared.slice(0, 1) },
    {
      model,
      counter: characters,
      found: 5,
      signal: new AbortController().signal,
    },
  );
};

describe('what definitions cost', () => {
  test('sums from tools to servers, and with the tool prompt of the model to what classic has up front', async () => {
    const { tools, servers, upFront } = await measure([server('small', 2), server('large', 7)]);
    expect(servers.map(({ server, tools }) => [server, tools])).toEqual([
      ['large', 7],
      ['small', 2],
    ]);
    for (const { server, definitions } of servers) {
      const own = tools.filter((tool) => tool.server === server);
      expect(own.reduce((sum, { definition }) => sum + definition, 0)).toBe(definitions);
    }
    const all = servers.reduce((sum, { definitions }) => sum + definitions, 0);
    expect(upFront.classic?.tokens).toBe(all + 354);
    expect(upFront.code?.tokens).toBeLessThan(upFront.classic?.tokens ?? 0);
    expect(tools.map(({ definition }) => definition)).toEqual(
      tools.map(({ definition }) => definition).sort((a, b) => b - a),
    );
  });

  test('of a search are those of five tools of average size, and never of more than there are', async () => {
    const [large, small] = (await measure([server('small', 2), server('large', 7)])).servers;
    expect(large?.search).toBe(Math.round((5 / 7) * (large?.definitions ?? 0)));
    expect(small?.search).toBe(small?.definitions);
    expect(large?.look).toBe('a list of functions'.length + 'declare it'.length);
    expect(large?.withoutOutputSchema).toBe(6);
  });

  test('of a server without tools are nothing', async () => {
    const { servers } = await measure([server('empty', 0)]);
    expect(servers[0]).toMatchObject({ definitions: 0, search: 0, look: 'a list of functions'.length });
  });
});

describe('the field of real servers', () => {
  test('places a server by the share of them that take less', () => {
    expect(lighterServers(0, 'claude-4.7')).toBe(0);
    expect(lighterServers(1_000_000, 'claude-4.7')).toBe(1);
    const shares = [100, 1_000, 3_000, 10_000].map((tokens) => lighterServers(tokens, 'claude-4.7'));
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    // The newer family takes more tokens for the same text, so the same figure is less there.
    expect(lighterServers(3_000, 'claude-3')).toBeGreaterThan(lighterServers(3_000, 'claude-4.7'));
  });
});
