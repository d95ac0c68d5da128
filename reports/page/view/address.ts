/** The address of a workflow within the page. */
export function workflowAddress(id: string): string {
  return `#workflow/${encodeURIComponent(id)}`;
}

/**
 * The address of a workflow's requests: of two trials by their keys, where these are given, and of one round trip of one of them.
 * `side` counts from 0, and `index` too; in the address both count from 1.
 */
export function traceAddress(
  id: string,
  keys: readonly string[] = [],
  at?: { side: number; index: number },
): string {
  const parts = [id, ...keys].map(encodeURIComponent);
  return `#trace/${[...parts, ...(at ? [at.side + 1, at.index + 1] : [])].join('/')}`;
}
