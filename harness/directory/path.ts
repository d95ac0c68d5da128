/** Longest path that is read; the rest of a longer one cannot name anything. */
const pathCharacters = 1_000;

/** A path as the model wrote it, taken apart. `segments` are without empty ones; `query` is what followed `?`. */
export type DirectoryPath = { segments: string[]; query: URLSearchParams };

/**
 * Reads a path leniently: slashes may be missing, doubled or backward, dots may separate (`mcp.crm.get_last_order`), file
 * endings and `..` are understood. Any string has a reading.
 */
export function readPath(path: string): DirectoryPath {
  const [location = '', ...rest] = path.slice(0, pathCharacters).trim().split('?');
  const dotted = /^[\w$]+(\.[\w$]+)+$/.test(location) && !/\.[tj]s$/.test(location);
  const separated = dotted ? location.replaceAll('.', '/') : location.replaceAll('\\', '/');
  const segments: string[] = [];
  for (const segment of separated.split('/')) {
    const name = decode(segment)
      .replace(/(\.d)?\.[tj]s$/, '')
      .trim();
    if (name === '..') segments.pop();
    else if (name !== '' && name !== '.') segments.push(name);
  }
  return { segments, query: new URLSearchParams(rest.join('?')) };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
