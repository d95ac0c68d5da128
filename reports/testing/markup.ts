import { inflateRawSync } from 'node:zlib';

/** Elements of HTML or SVG that are left open or closed out of order. */
export function unbalanced(markup: string): string[] {
  const open: string[] = [];
  for (const [, slash, name = '', closed] of markup.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*?(\/?)>/g)) {
    if (name === 'meta' || name === 'link' || closed) continue;
    if (!slash) open.push(name);
    else if (open.pop() !== name) return [`</${name}>`, ...open];
  }
  return open;
}

/** The JSON texts that stand deflated in a page, by the ids of their elements. */
export function inflatedTexts(page: string): Map<string, string> {
  const held = page.matchAll(/<script type="text\/plain" id="([^"]+)">([^<]*)</g);
  return new Map(
    [...held].map(([, id = '', text = '']) => [id, inflateRawSync(Buffer.from(text, 'base64')).toString()]),
  );
}
