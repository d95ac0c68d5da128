import { z } from 'zod';
import * as lists from '../lists.ts';
import { defineTool, InputWanted, type MockTool, MockToolError } from '../mock-server.ts';
import { createRandom } from '../random.ts';
import { type Item, makeItem } from './items.ts';

/** How a tool knows on which shelf a client works: by the session alone, or by a handle that each call carries. */
type ShelfState = 'session' | 'handle';

const mostShelves = 9;
const itemNumber = z.int().min(1).describe('Number of the item, from 1');

/** Numbers of items go on from shelf to shelf. */
export const numberOnShelf = (shelf: number, number: number, items: number) => (shelf - 1) * items + number;

/**
 * A store whose shelf is opened before its items are read. `session` is how servers keep state up to 2025-11-25; without sessions,
 * since 2026-07-28, they give a handle.
 */
export function shelfTools(
  { state, items, bytes, seed }: { state: ShelfState; items: number; bytes: number; seed: number },
  item: z.ZodType<Item>,
): MockTool[] {
  const shelves = new Map<string, number>();
  let current: number | undefined;
  const handle = z.string().describe('What open_shelf gave');
  const hasHandle = state === 'handle';
  return [
    defineTool({
      name: 'open_shelf',
      title: 'Open a shelf',
      description: 'Opens a shelf. Its items can be read afterwards.',
      input: z.strictObject({ shelf: z.int().min(1).max(mostShelves) }),
      output: z.object({ items: z.int(), ...(hasHandle && { handle }) }),
      // What later reads are answered depends on it, where the session keeps it.
      annotations: {
        readOnlyHint: false,
        destructiveHint: false,
        idempotentHint: true,
        openWorldHint: false,
      },
      handle({ shelf }) {
        const own = handleOf(shelf, seed);
        shelves.set(own, shelf);
        current = shelf;
        return { items, ...(hasHandle && { handle: own }) };
      },
    }),
    defineTool({
      name: 'get_item',
      title: 'Get an item',
      description: 'Returns one item of the shelf with all fields, by its number.',
      input: z.strictObject({ ...(hasHandle && { handle }), number: itemNumber }),
      output: z.object({ item }),
      annotations: lists.reads,
      handle({ number, ...given }) {
        const shelf = hasHandle ? shelves.get(String(given.handle)) : current;
        if (shelf === undefined)
          throw new MockToolError(
            hasHandle ? 'handle: open_shelf gave no such handle' : 'no shelf is open: call open_shelf',
          );
        if (number > items) throw new MockToolError(`number: there are ${items} items (got ${number})`);
        return { item: makeItem(numberOnShelf(shelf, number, items), bytes - 9, seed) };
      },
    }),
  ];
}

/** A random UUID (version 4) by its looks, the same for the same shelf and seed. */
function handleOf(shelf: number, seed: number): string {
  const random = createRandom(seed, `handle of shelf ${shelf}`);
  return 'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'.replaceAll('x', () => random.integer(0, 15).toString(16));
}

/** A tool that wants to be confirmed: it asks the user where it can, and else tells whoever calls it to call again. */
export function closeTool(items: number, closed: Map<number, true>): MockTool {
  return defineTool({
    name: 'close_item',
    title: 'Close an item',
    description: 'Closes an item for good. This has to be confirmed.',
    input: z.strictObject({
      number: itemNumber,
      confirmed: z.boolean().optional().describe('Whether the user agrees that it cannot be opened again'),
    }),
    output: z.object({ closed: z.boolean(), next: z.string().optional().describe('What to do instead') }),
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    handle({ number, confirmed }) {
      if (number > items) throw new MockToolError(`number: there are ${items} items (got ${number})`);
      if (confirmed === undefined)
        throw new InputWanted('confirmed', `Item ${number} cannot be opened again. Close it?`, {
          closed: false,
          next: 'Call again with confirmed: true, if the user agrees that it cannot be opened again.',
        });
      if (confirmed) closed.set(number, true);
      return { closed: confirmed };
    },
  });
}
