import { createRandom } from '../random.ts';
import { idForm } from '../values.ts';

/** One record: what a task needs of it, and text that it does not need. */
export type Item = { id: string; status: 'open' | 'closed'; amount: number; text: string };

const idOf = idForm('item_', 5);
const words =
  'the order was packed and left our warehouse on time but one carton arrived with a torn label so support called back next day'.split(
    ' ',
  );

/** The item of a number, counted from 1, whose JSON has `bytes` bytes (at least as many as its fields take). */
export function makeItem(number: number, bytes: number, seed: number): Item {
  const random = createRandom(seed, `item ${number}`);
  const item: Item = {
    id: idOf(number),
    status: random.chance(0.4) ? 'open' : 'closed',
    amount: random.integer(100, 99_999) / 100,
    text: '',
  };
  const room = bytes - JSON.stringify(item).length;
  const text: string[] = [];
  for (let length = 0; length <= room; ) {
    const word = random.pick(words);
    text.push(word);
    length += word.length + 1;
  }
  return { ...item, text: text.join(' ').slice(0, Math.max(0, room)) };
}
