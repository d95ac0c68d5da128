/** Elements of HTML or SVG that are left open or closed out of order. */
export function unbalanced(markup: string): string[] {
  const open: string[] = [];
  for (const [, slash, name = '', closed] of markup.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*?(\/?)>/g)) {
    if (name === 'meta' || closed) continue;
    if (!slash) open.push(name);
    else if (open.pop() !== name) return [`</${name}>`, ...open];
  }
  return open;
}
