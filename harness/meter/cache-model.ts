/** How one prompt splits for billing: the first `read` tokens come from the cache, those up to `written` go into it. */
export type CacheSplit = { readBlock: number; writtenBlock: number };

/**
 * Which part of each prompt the provider's prompt cache serves, as the Messages API documents it: an entry is the prompt
 * up to a breakpoint; a request looks back at most 20 blocks from each of its breakpoints (the breakpoint's own block is
 * the first) for an entry, reads the longest, and writes what lies between that and its last breakpoint. A prefix shorter
 * than the model's minimum is silently not cached. Every request is taken to follow within the entry's time to live, five
 * minutes; where the modelled time says otherwise, the meter's reading tells.
 *
 * A conversation only grows, so an entry is identified by the number of blocks it spans.
 */
export class CacheModel {
  readonly #minimumTokens: number;
  readonly #entries = new Set<number>();

  constructor(minimumTokens: number) {
    this.#minimumTokens = minimumTokens;
  }

  /**
   * Serves one prompt. `breakpoints` are block counts, rising; `tokensUpTo` gives the tokens of the first n blocks. The
   * prompt's blocks [0, readBlock) are read, [readBlock, writtenBlock) written, the rest is fresh.
   */
  serve(breakpoints: readonly number[], tokensUpTo: (blocks: number) => number): CacheSplit {
    const lookback = 20;
    let readBlock = 0;
    for (const breakpoint of breakpoints) {
      for (let blocks = breakpoint; blocks > breakpoint - lookback && blocks > readBlock; blocks -= 1) {
        if (this.#entries.has(blocks)) {
          readBlock = blocks;
          break;
        }
      }
    }
    let writtenBlock = readBlock;
    for (const breakpoint of breakpoints) {
      if (breakpoint <= readBlock || tokensUpTo(breakpoint) < this.#minimumTokens) continue;
      this.#entries.add(breakpoint);
      writtenBlock = breakpoint;
    }
    return { readBlock, writtenBlock };
  }
}
