import { z } from 'zod';
import * as lists from '../lists.ts';
import { defineMockServer, defineTool, type MockTool, MockToolError, seedOption } from '../mock-server.ts';
import { createRandom } from '../random.ts';
import { makeItem } from './items.ts';
import { closeTool, shelfTools } from './shelves.ts';

const itemSchema = z.object({
  id: z.string().describe('Item id, such as item_00012'),
  status: z.enum(['open', 'closed']),
  amount: z.number().describe('EUR'),
  text: z.string(),
});

/** Subjects of the tools that a task does not need. */
const subjects = 'invoice shipment supplier ticket contract payment refund voucher rating return'.split(' ');

export default defineMockServer({
  name: 'parametric',
  title: 'Parametric store',
  version: '1.0.0',
  instructions: 'A store of numbered items. get_item reads one of them; amounts are in EUR.',
  options: z.object({
    tools: z.int().min(1).max(500).default(10).describe('Tools listed; one of them reads items'),
    items: z.int().min(1).max(100_000).default(1_000).describe('Items in the store, numbered from 1'),
    bytes: z.int().min(100).max(1_000_000).default(1_000).describe('Bytes of JSON of one item'),
    latencyMs: z.int().min(0).max(10_000).default(0).describe('Milliseconds that a call takes'),
    state: z
      .enum(['none', 'session', 'handle'])
      .default('none')
      .describe('How get_item knows its shelf: there are none, by the session, or by a handle of open_shelf'),
    closing: z.boolean().default(false).describe('Also lists close_item, which has to be confirmed'),
    order: z
      .enum(['stable', 'shuffled'])
      .default('stable')
      .describe('Whether each listing has another order'),
    seed: seedOption,
  }),
  create({ tools, items, bytes, latencyMs, state, closing, order, seed }) {
    const getItem = defineTool({
      name: 'get_item',
      title: 'Get an item',
      description: 'Returns one item with all fields, by its number.',
      input: z.strictObject({ number: z.int().min(1).describe('Number of the item, from 1') }),
      output: z.object({ item: itemSchema }),
      annotations: lists.reads,
      handle({ number }) {
        if (number > items) throw new MockToolError(`number: there are ${items} items (got ${number})`);
        // The frame around the item, {"item":}, has nine bytes.
        return { item: makeItem(number, bytes - 9, seed) };
      },
    });
    const closed = new Map<number, true>();
    const own = state === 'none' ? [getItem] : shelfTools({ state, items, bytes, seed }, itemSchema);
    if (closing) own.push(closeTool(items, closed));
    const others = Array.from({ length: tools - 1 }, (_, index) => makeOtherTool(index));
    return {
      tools: [...own, ...others],
      latencyMs,
      ...(order === 'shuffled' && { shuffled: createRandom(seed, 'order of tools') }),
      changes: () =>
        [...closed.keys()]
          .sort((a, b) => a - b)
          .map((number) => ({
            operation: 'update',
            entity: 'item',
            id: makeItem(number, 0, seed).id,
            before: { isClosed: false },
            after: { isClosed: true },
          })),
    };
  },
});

/** A tool of ordinary size that is never needed: what a server with many tools puts before the model. */
function makeOtherTool(index: number): MockTool {
  const subject = subjects[index % subjects.length] ?? '';
  const shelf = Math.floor(index / subjects.length) + 1;
  return defineTool({
    name: `list_${subject}s_${shelf}`,
    title: `List ${subject}s`,
    description: `Returns the ${subject}s of shelf ${shelf} page by page, newest first. Filters combine with AND.`,
    input: z.strictObject({
      customerId: z.string().optional().describe('Only of this customer'),
      status: z.enum(['open', 'closed', 'cancelled']).optional(),
      after: z.iso.datetime().optional().describe('Created at this time or later'),
      limit: z.int().min(1).max(200).default(50).describe('Most entries on a page'),
    }),
    output: z.object({
      [`${subject}s`]: z.array(
        z.object({ id: z.string(), customerId: z.string(), status: z.string(), amount: z.number() }),
      ),
      nextCursor: z.string().nullable().describe('Pass as cursor for the next page; null on the last'),
    }),
    annotations: lists.reads,
    handle: () => ({ [`${subject}s`]: [], nextCursor: null }),
  });
}
