/** Characters that show nothing, reorder what is shown, or have no agreed look. Text from servers may hide orders in them. */
export const hidden = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu;

/** An emoji may use a variation selector or a joiner; there they are part of what is seen. */
const emojiSequence =
  /\p{Extended_Pictographic}(?:\ufe0f|\ufe0e)?(?:\u200d\p{Extended_Pictographic}\ufe0f?)*|[0-9#*]\ufe0f\u20e3/gu;

/** Where the first character is that `showHidden` replaces; -1 where there is none. */
export function findHidden(text: string): number {
  const shown = [...text.matchAll(emojiSequence)].map(({ index, 0: emoji }) => [index, index + emoji.length]);
  for (const { index, 0: character } of text.matchAll(hidden)) {
    const isLineEnd = character === '\n' || (character === '\r' && text[index + 1] === '\n');
    const isInEmoji = shown.some(([from = 0, to = 0]) => index > from && index < to);
    if (!isLineEnd && !isInEmoji && character !== '\t') return index;
  }
  return -1;
}

/** Replaces every hidden character but newline and tab by `\u{hex}`, so that a reader sees that it is there. */
export function showHidden(text: string): string {
  const normalised = text.replaceAll('\r\n', '\n');
  if (normalised.search(hidden) < 0) return normalised;
  const parts: string[] = [];
  let end = 0;
  for (const match of normalised.matchAll(emojiSequence)) {
    parts.push(escapeHidden(normalised.slice(end, match.index)), match[0]);
    end = match.index + match[0].length;
  }
  parts.push(escapeHidden(normalised.slice(end)));
  return parts.join('');
}

function escapeHidden(text: string): string {
  return text.replaceAll(hidden, (character) =>
    character === '\n' || character === '\t' ? character : `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** Characters that a message shows of a text that others wrote. */
const mostShown = 2_000;

/**
 * A text that a server, a model or a scenario wrote, as a message may show it: hidden characters as escapes, at most
 * 2,000 characters, and the true length where that is more. The one way of such text to a terminal.
 */
export function showUntrusted(text: string, limit = mostShown): string {
  const shown = showHidden(text.slice(0, limit).toWellFormed());
  if (text.length <= limit && shown.length <= limit) return shown;
  return `${shown.slice(0, limit).toWellFormed()}… [cut; ${text.length.toLocaleString('en-US')} characters in all]`;
}

/**
 * A message of several lines in which others had a say, such as arguments and servers: each line as `showUntrusted` shows
 * it. They must neither steer the terminal nor fill it.
 */
export function showMessage(text: string): string {
  return text
    .split('\n')
    .map((line) => showUntrusted(line))
    .join('\n');
}

/** The first `limit` characters of a text, with a marker that says how many were cut. */
export function capText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const end = isHighSurrogate(text.charCodeAt(limit - 1)) ? limit - 1 : limit;
  return `${text.slice(0, end)}… [${text.length - end} more characters cut]`;
}

function isHighSurrogate(codeUnit: number): boolean {
  return codeUnit >= 0xd800 && codeUnit <= 0xdbff;
}

/** A server's text with its line breaks, capped, hidden characters shown. */
export function toText(text: string, limit: number): string {
  return showHidden(capText(text.trim(), limit));
}

/** The beginning of a server's text on one line; `…` says that it went on. */
export function toLine(text: string, limit: number): string {
  // Cut generously before collapsing, so that a megabyte is not rewritten to keep a hundred characters.
  const line = text
    .slice(0, limit * 4 + 200)
    .replaceAll(/\s+/g, ' ')
    .trim();
  return showHidden(line.length <= limit ? line : `${line.slice(0, limit - 1).toWellFormed()}…`);
}

/** A JSON value as TypeScript literal text (also valid as a literal type), or undefined if it cannot be written. */
export function toLiteral(value: unknown): string | undefined {
  try {
    return escapeHidden(JSON.stringify(value) ?? '') || undefined;
  } catch {
    // Nested more deeply than JSON.stringify goes, or not JSON after all.
    return undefined;
  }
}
