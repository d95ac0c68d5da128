import type { Kinds } from '../../harness/meter/estimate.ts';

export type Row = { kinds: Kinds; tokens: number; weight: number };

/** What a coefficient is drawn to, and how much. */
type Prior = { tokens: number; ridge: number };

/** Coefficients by kind. */
export type Fit = ReadonlyMap<string, number>;

/**
 * Ridge regression of tokens on kinds, each coefficient drawn towards its prior: on all parts together, and on all but each of
 * them. Rows are weighted by tokens to the −1.5: between equal absolute and equal relative errors, so that long documents do not
 * drown short ones. Solved by Cholesky's method.
 */
export function fitRidge(
  parts: readonly (readonly Row[])[],
  priorOf: (kind: string) => Prior,
): { all: Fit; without: Fit[] } {
  const kinds = new Set(parts.flatMap((rows) => rows.flatMap((row) => [...row.kinds.keys()])));
  const index = new Map([...kinds].map((kind, at) => [kind, at]));
  const products = parts.map((rows) => sumProducts(rows, index));
  const fit = (of: readonly Float64Array[][]): Fit => {
    const matrix = emptyMatrix(index.size);
    for (const each of of) addTo(matrix, each);
    for (const [kind, at] of index) {
      const line = matrix[at] as Float64Array;
      const { tokens, ridge } = priorOf(kind);
      line[at] = (line[at] as number) + ridge;
      line[index.size] = (line[index.size] as number) + ridge * tokens;
    }
    solve(matrix);
    return new Map([...index].map(([kind, at]) => [kind, matrix[at]?.[index.size] as number]));
  };
  return {
    all: fit(products),
    without: products.map((left) => fit(products.filter((each) => each !== left))),
  };
}

/** Sums over rows of the products of kinds, below and on the diagonal, and of kinds and tokens, in the last column. */
function sumProducts(rows: readonly Row[], index: ReadonlyMap<string, number>): Float64Array[] {
  const matrix = emptyMatrix(index.size);
  for (const { kinds, tokens, weight } of rows) {
    const share = weight / Math.max(30, tokens) ** 1.5;
    const features = [...kinds].map(([kind, by]) => [index.get(kind) as number, by] as const);
    features.sort(([a], [b]) => a - b);
    for (const [last, [a, x]] of features.entries()) {
      const line = matrix[a] as Float64Array;
      for (let at = 0; at <= last; at += 1) {
        const [b, y] = features[at] as (typeof features)[number];
        line[b] = (line[b] as number) + share * x * y;
      }
      line[index.size] = (line[index.size] as number) + share * x * tokens;
    }
  }
  return matrix;
}

function emptyMatrix(size: number): Float64Array[] {
  return Array.from({ length: size }, () => new Float64Array(size + 1));
}

function addTo(matrix: readonly Float64Array[], other: readonly Float64Array[]): void {
  for (const [row, line] of matrix.entries()) {
    const from = other[row] as Float64Array;
    for (let at = 0; at < line.length; at += 1) line[at] = (line[at] as number) + (from[at] as number);
  }
}

/** Puts the solution of a symmetric, positive definite system, whose last column is its right side, into that column. */
function solve(rows: readonly Float64Array[]): void {
  const size = rows.length;
  // Cholesky's method: the lower triangle becomes the root.
  for (const [i, line] of rows.entries()) {
    for (let j = 0; j <= i; j += 1) {
      const other = rows[j] as Float64Array;
      let sum = line[j] as number;
      for (let k = 0; k < j; k += 1) sum -= (line[k] as number) * (other[k] as number);
      line[j] = i === j ? Math.sqrt(sum) : sum / (other[j] as number);
    }
    let right = line[size] as number;
    for (let k = 0; k < i; k += 1) right -= (line[k] as number) * ((rows[k] as Float64Array)[size] as number);
    line[size] = right / (line[i] as number);
  }
  for (let i = size - 1; i >= 0; i -= 1) {
    const line = rows[i] as Float64Array;
    const value = (line[size] as number) / (line[i] as number);
    line[size] = value;
    for (let k = 0; k < i; k += 1) {
      const above = rows[k] as Float64Array;
      above[size] = (above[size] as number) - (line[k] as number) * value;
    }
  }
}
