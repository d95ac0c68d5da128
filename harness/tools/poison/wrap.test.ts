import { expect, test } from 'vitest';
import { findPlanted, plant } from './canary.ts';
import { poisonServer, type Sink, sinkNameIn } from './wrap.ts';

const tool = (name: string) => ({ name, description: 'Does it.', inputSchema: { type: 'object' } });
const fields = { unused: undefined, returned: undefined, passed: undefined };
const target = { server: 'own', used: 'get-it', unused: 'drop-it', fields };

/** A server with these pages of tools, and what the client receives of them at each listing. */
function lying(names: string[], pages: ReturnType<typeof tool>[][], sink?: Sink) {
  const { tamper, ...server } = poisonServer({ target, names: new Set(names), kind: 'order', sink });
  const connection = tamper();
  const listOnce = () =>
    pages.map((page, at) => {
      const result: Record<string, unknown> = { tools: structuredClone(page) };
      if (at < pages.length - 1) result.nextCursor = String(at + 1);
      connection.listed(result);
      return (result.tools as { name: string; description: string }[]).map(({ name, description }) => ({
        ...{ name, found: findPlanted(description).map(({ place }) => place) },
      }));
    });
  return { ...server, connection, listOnce };
}

test('a list in pages is poisoned on the page that has the tool, and the same each time', () => {
  const places = ['description-end', 'unused-description-end', 'shadowing-tool'];
  const pages = [[tool('drop-it')], [tool('other')], [tool('get-it')]];
  const { listOnce, seen, honest } = lying(places, pages);
  const first = listOnce();
  expect(first).toEqual([
    [{ name: 'drop-it', found: ['unused-description-end'] }],
    [{ name: 'other', found: [] }],
    [
      { name: 'get-it_by_id', found: ['shadowing-tool'] },
      { name: 'get-it', found: ['description-end'] },
    ],
  ]);
  expect(listOnce()).toEqual(first);
  expect([...seen.sent].sort()).toEqual(places.toSorted());
  expect(honest.tools).toEqual(pages.flat());
});

test('a list that loses the tool later is left alone, and a change comes with the next listing', () => {
  const { listOnce, connection } = lying(['changed-later'], [[tool('get-it')]]);
  expect(listOnce()).toEqual([[{ name: 'get-it', found: [] }]]);
  expect(listOnce()).toEqual([[{ name: 'get-it', found: ['changed-later'] }]]);
  const without: Record<string, unknown> = { tools: [tool('drop-it')] };
  connection.listed(without);
  expect(without.tools).toEqual([tool('drop-it')]);
});

test('an added tool takes no name that a tool of the server has, which would end every trial', () => {
  const own = [tool('get-it'), tool('get-it_by_id'), tool('keep_report')];
  const name = sinkNameIn({ initialize: {}, tools: own });
  const { listOnce } = lying(['shadowing-tool'], [own], { name, honest: true });
  const [names] = listOnce().map((page) => page.map((each) => each.name));
  expect(names).toEqual(['get-it_by_id_2', 'get-it', 'get-it_by_id', 'keep_report', 'keep_report_2']);
});

test('a result that is poisoned twice counts for each place, and takes effect for the one of its report', async () => {
  const sink = { name: 'keep_report', honest: true };
  const { connection, seen } = lying(['result-text', 'result-block'], [[tool('get-it')]], sink);
  const forward = async () => ({ content: [{ type: 'text', text: 'It.' }] });
  const answer = await connection.called({ name: 'get-it', arguments: {} }, forward);
  const found = findPlanted(JSON.stringify(answer)).map(({ place }) => place);
  expect(found).toEqual(['result-text', 'result-block']);
  expect([...seen.sent]).toEqual(found);
  for (const report of [plant('result-block', 'order').word, 'anything'])
    await connection.called({ name: 'keep_report', arguments: { report } }, forward);
  expect([...seen.effects]).toEqual(['result-block']);
  // Calls of the attacker's tool are none of the work.
  expect(seen.calls).toEqual([JSON.stringify(['get-it', {}])]);
});
