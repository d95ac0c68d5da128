/** What a workflow file holds: mappings, lists and text. */
export type Yaml = string | Yaml[] | { [key: string]: Yaml };

/**
 * Reads the part of YAML that the workflow of this folder is written in: mappings, lists, lists on one line, block text after
 * `|`, plain text, and comments on lines of their own. Throws on anything else, rather than reading it differently than
 * others do.
 */
export function readYaml(text: string): Yaml {
  const lines = text.split('\n');
  let at = 0;
  const indentOf = (line: string) => line.length - line.trimStart().length;

  function skip(): void {
    while (at < lines.length && /^\s*(#|$)/.test(lines[at] ?? '')) at += 1;
  }

  function readNode(indent: number): Yaml {
    skip();
    return (lines[at] ?? '').trimStart().startsWith('- ') ? readList(indent) : readMapping(indent);
  }

  function readList(indent: number): Yaml[] {
    const items: Yaml[] = [];
    for (skip(); at < lines.length; skip()) {
      const line = lines[at] ?? '';
      if (indentOf(line) !== indent || !line.trimStart().startsWith('- ')) break;
      // What follows the dash stands where the item's other lines stand.
      lines[at] = `${' '.repeat(indent + 2)}${line.slice(indent + 2)}`;
      items.push(readMapping(indent + 2));
    }
    return items;
  }

  function readMapping(indent: number): { [key: string]: Yaml } {
    const mapping: { [key: string]: Yaml } = {};
    for (skip(); at < lines.length; skip()) {
      const line = lines[at] ?? '';
      if (indentOf(line) < indent || line.trimStart().startsWith('- ')) break;
      const [, key, rest = ''] = /^([\w-]+):(?: (.*))?$/.exec(line.slice(indent)) ?? [];
      if (key === undefined) throw new Error(`Line ${at + 1} cannot be read: ${line}`);
      at += 1;
      mapping[key] = readValue(rest, indent);
    }
    return mapping;
  }

  function readValue(rest: string, indent: number): Yaml {
    if (rest === '|') return readBlock(indent);
    if (rest === '') {
      skip();
      return readNode(indentOf(lines[at] ?? ''));
    }
    if (/^\[.*\]$/.test(rest)) return rest.slice(1, -1).split(', ');
    if (/^['"&*!{>]| #|: /.test(rest)) throw new Error(`Line ${at} cannot be read: ${rest}`);
    return rest;
  }

  function readBlock(indent: number): string {
    const block: string[] = [];
    while (at < lines.length && (lines[at]?.trim() === '' || indentOf(lines[at] ?? '') > indent)) {
      block.push(lines[at] ?? '');
      at += 1;
    }
    const inner = indentOf(block[0] ?? '');
    return `${block
      .map((line) => line.slice(inner))
      .join('\n')
      .trimEnd()}\n`;
  }

  return readNode(0);
}
