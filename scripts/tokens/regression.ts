import type { Kinds } from '../../harness/meter/pieces.ts';

export type Row = { kinds: Kinds; tokens: number; weight: number };

/**
 * Ridge regression of tokens on kinds, each coefficient drawn towards `prior`. Rows are weighted by tokens to the −1.5: between
 * equal absolute and equal relative errors, so that long documents do not drown short ones. Solved by Gaussian elimination.
 */
export function fitRidge(rows: readonly Row[], ridge: number, prior: number): Map<string, number> {
  const index = new Map<string, number>();
  for (const { kinds } of rows)
    for (const kind of kinds.keys()) if (!index.has(kind)) index.set(kind, index.size);
  const size = index.size;
  const matrix = Array.from({ length: size }, () => new Float64Array(size + 1));
  const at = (row: number) => matrix[row] as Float64Array;
  for (const { kinds, tokens, weight } of rows) {
    const share = weight / Math.max(30, tokens) ** 1.5;
    const features = [...kinds].map(([kind, by]) => [index.get(kind) as number, by] as const);
    for (const [a, x] of features) {
      const line = at(a);
      for (const [b, y] of features) line[b] = (line[b] as number) + share * x * y;
      line[size] = (line[size] as number) + share * x * tokens;
    }
  }
  for (const k of index.values()) {
    const line = at(k);
    line[k] = (line[k] as number) + ridge;
    line[size] = (line[size] as number) + ridge * prior;
  }
  for (let k = 0; k < size; k += 1) {
    const line = at(k);
    const pivot = line[k] as number;
    for (let c = k; c <= size; c += 1) line[c] = (line[c] as number) / pivot;
    for (let r = 0; r < size; r += 1) {
      const other = at(r);
      const by = other[k] as number;
      if (r === k || by === 0) continue;
      for (let c = k; c <= size; c += 1) other[c] = (other[c] as number) - by * (line[c] as number);
    }
  }
  return new Map([...index].map(([kind, k]) => [kind, at(k)[size] as number]));
}
