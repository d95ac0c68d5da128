const lineEnd = 0x0a;

/**
 * Cuts a stream of bytes into lines of text. Text is decoded only when a line is whole, so that a character between two
 * chunks survives, and pieces are joined only once, so that a line of many chunks costs no more than its length.
 */
export function createLineReader(
  longestBytes: number,
  onLine: (line: string) => void,
): {
  /** False once a line has grown longer than is allowed: nothing more is read then. */
  push(chunk: Buffer): boolean;
} {
  let pieces: Buffer[] = [];
  let held = 0;
  return {
    push(chunk) {
      if (held > longestBytes) return false;
      let from = 0;
      for (let to = chunk.indexOf(lineEnd); to >= 0; to = chunk.indexOf(lineEnd, from)) {
        if (pieces.length === 0) onLine(chunk.toString('utf8', from, to));
        else {
          pieces.push(chunk.subarray(from, to));
          const line = Buffer.concat(pieces).toString('utf8');
          pieces = [];
          held = 0;
          onLine(line);
        }
        from = to + 1;
      }
      if (from === chunk.length) return true;
      pieces.push(from === 0 ? chunk : chunk.subarray(from));
      held += chunk.length - from;
      if (held <= longestBytes) return true;
      pieces = [];
      return false;
    },
  };
}
