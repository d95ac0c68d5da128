type Row = { readonly id: string };

/** Whether a row has all the values given; what is `undefined` in `wanted` is not asked for. */
export function hasValues<R extends Row>(
  wanted: { [Field in keyof R]?: R[Field] | undefined },
): (row: R) => boolean {
  const fields = (Object.keys(wanted) as (keyof R)[]).filter((field) => wanted[field] !== undefined);
  return (row) => fields.every((field) => row[field] === wanted[field]);
}

/** Whether a timestamp lies in the half-open range [after, before); a missing end is open, and null is in no range. */
export function inRange(
  after: string | undefined,
  before: string | undefined,
): (timestamp: string | null) => boolean {
  if (after === undefined && before === undefined) return () => true;
  const fromMs = after === undefined ? -Infinity : Date.parse(after);
  const toMs = before === undefined ? Infinity : Date.parse(before);
  return (timestamp) => {
    if (timestamp === null) return false;
    const ms = Date.parse(timestamp);
    return ms >= fromMs && ms < toMs;
  };
}

/** The values of a `sort` argument over these fields: `field` rising, `-field` falling. */
export function sortKeys<Field extends string>(
  ...fields: Field[]
): [Field | `-${Field}`, ...(Field | `-${Field}`)[]] {
  const keys = fields.flatMap((field) => [field, `-${field}`] as const);
  return keys as [Field | `-${Field}`, ...(Field | `-${Field}`)[]];
}

/** Sorts by a field in code-unit or numeric order, nulls last either way, ties by id in the direction of the sort. */
export function sortRows<R extends Row>(rows: readonly R[], sort: string): R[] {
  const falling = sort.startsWith('-');
  const field = (falling ? sort.slice(1) : sort) as keyof R;
  const sign = falling ? -1 : 1;
  return rows.toSorted((a, b) => {
    const left = a[field];
    const right = b[field];
    if (left === right) return sign * compare(a.id, b.id);
    if (left === null) return 1;
    if (right === null) return -1;
    return sign * compare(left, right);
  });
}

/** Whether all words of `query` occur in `text`, whatever their case and order. `text` is in lower case already. */
export function containsWords(text: string, query: string): boolean {
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function compare<T>(a: T, b: T): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
