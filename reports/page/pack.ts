import { deflateRawSync } from 'node:zlib';
import type { Block, Trace } from './data.ts';
import { mapStrings, type PackedBlock, sharedMark } from './unpack.ts';

/** Shorter texts stay where they are. */
const leastShared = 120;

/** The traces of one workflow as blocks, in the order in which they are added. */
export class Packer {
  readonly #numbers = new Map<string, { number: number; block: number }>();

  /**
   * Packs a trace; texts of messages are cut after `most` characters. Gives its block, deflated, and the indexes of the earlier
   * blocks that hold some of its texts. `keep` says where in the page the block stands. Without it later blocks repeat its texts.
   */
  pack(trace: Trace, most: number): { block: Buffer; needs: number[]; keep: (index: number) => void } {
    const needs = new Set<number>();
    const first = this.#numbers.size;
    const own = new Map<string, number>();
    const share = (text: string): string => {
      if (text.length < leastShared && !text.startsWith(sharedMark)) return text;
      const known = this.#numbers.get(text);
      if (known) {
        needs.add(known.block);
        return `${sharedMark}${known.number}`;
      }
      const number = own.get(text) ?? first + own.size;
      own.set(text, number);
      return `${sharedMark}${number}`;
    };
    const packed = mapStrings(most === Number.POSITIVE_INFINITY ? trace : cutTexts(trace, most), share);
    const block: PackedBlock = { first, texts: [...own.keys()], trace: packed };
    return {
      block: deflateRawSync(JSON.stringify(block), { level: 9 }),
      needs: [...needs].sort((a, b) => a - b),
      keep: (index) => {
        for (const [text, number] of own) this.#numbers.set(text, { number, block: index });
      },
    };
  }
}

/** The trace with the long texts of its messages cut; `cutFrom` says how long they were. */
function cutTexts(trace: Trace, most: number): Trace {
  const shorten = (block: Block): Block => {
    if (block.text !== undefined && block.text.length > most) {
      return { ...block, text: block.text.slice(0, most).toWellFormed(), cutFrom: block.text.length };
    }
    return Array.isArray(block.content) ? { ...block, content: block.content.map(shorten) } : block;
  };
  return {
    ...trace,
    trips: trace.trips.map((trip) => ({
      ...trip,
      added: trip.added.map((message) =>
        Array.isArray(message.content) ? { ...message, content: message.content.map(shorten) } : message,
      ),
    })),
  };
}
