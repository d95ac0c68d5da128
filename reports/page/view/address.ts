/** The address of a workflow within the page. */
export function workflowAddress(id: string): string {
  return `#workflow/${encodeURIComponent(id)}`;
}

/**
 * The address of a workflow's requests. `keys` name two of its trials, `at` one round trip of one of them. `side` and `index` count
 * from 0; in the address both count from 1.
 */
export function traceAddress(
  id: string,
  keys: readonly string[] = [],
  at?: { side: number; index: number },
): string {
  const parts = [id, ...keys].map(encodeURIComponent);
  return `#trace/${[...parts, ...(at ? [at.side + 1, at.index + 1] : [])].join('/')}`;
}
