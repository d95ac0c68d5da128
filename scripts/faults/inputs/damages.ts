import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';

/** Does one kind of damage to a file. */
type Damage = (file: string) => void;

const replaceBy =
  (content: string | Uint8Array): Damage =>
  (file) =>
    writeFileSync(file, content);

/** Changes the JSON of a document, or of each line of a log. */
const change =
  (edit: (record: Record<string, unknown>) => unknown): Damage =>
  (file) => {
    const text = readFileSync(file, 'utf8');
    const changed = file.endsWith('.jsonl')
      ? text.replace(/^.+$/gm, (line) => JSON.stringify(edit(JSON.parse(line))))
      : JSON.stringify(edit(JSON.parse(text)));
    writeFileSync(file, changed);
  };

/** Kinds of damage, by name. Each is done to the file of a finished run. */
export const damages: Record<string, Damage> = {
  missing: (file) => rmSync(file),
  empty: replaceBy(''),
  'cut-in-half': (file) => truncateSync(file, Math.floor(readFileSync(file).length / 2)),
  'cut-at-the-end': (file) => truncateSync(file, readFileSync(file).length - 10),
  'with-more': (file) => appendFileSync(file, '{"more": tr'),
  null: replaceBy('null'),
  array: replaceBy('[]'),
  'other-document': replaceBy('{"format": "other/v1"}'),
  binary: replaceBy(Uint8Array.from({ length: 4_096 }, (_, index) => (index * 31) % 256)),
  'nested-100000': replaceBy(`${'['.repeat(100_000)}${']'.repeat(100_000)}`),
  'newer-format': change((record) =>
    'format' in record ? { ...record, format: `${record.format}9` } : record,
  ),
  'fields-renamed': change((record) =>
    Object.fromEntries(Object.entries(record).map(([key, value]) => [`${key}x`, value])),
  ),
  'fields-null': change((record) => Object.fromEntries(Object.keys(record).map((key) => [key, null]))),
  'fields-ansi': change((record) => ({ ...record, '\x1b]0;owned\x07': '\x1b[2J' })),
  'a-folder'(file) {
    rmSync(file);
    mkdirSync(file);
  },
  'link-loop'(file) {
    rmSync(file);
    symlinkSync(file, file);
  },
  'link-to-nowhere'(file) {
    rmSync(file);
    symlinkSync(`${file}.nowhere`, file);
  },
};
