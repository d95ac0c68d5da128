import { inflateRawSync } from 'node:zlib';

/** The JSON texts that stand deflated in a page, by the ids of their elements. */
export function inflatedTexts(page: string): Map<string, string> {
  const held = page.matchAll(/<script type="text\/plain" id="([^"]+)">([^<]*)</g);
  return new Map(
    [...held].map(([, id = '', text = '']) => [id, inflateRawSync(Buffer.from(text, 'base64')).toString()]),
  );
}
