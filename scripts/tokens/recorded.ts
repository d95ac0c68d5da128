import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ModelEntry } from '../../harness/meter/catalogue.ts';

export type Family = ModelEntry['tokenizer'];
export const families: readonly Family[] = ['claude-3', 'claude-4.7'];

/** A text with what the provider, or a reconstruction of its tokenizer, counts for it without the frame of a message. */
export type Document = {
  kind: string;
  /** What comes from one source: fitted on as a whole or not at all. */
  group: string;
  text: string;
  tokens: Partial<Record<Family, number>>;
  /** Share of its weight in the fit; 1 where absent. */
  weight?: number;
  /** Whether it is a whole text of what agents read, no extract of one. */
  isWhole?: boolean;
};

/** Names and frames of the families in the recorded counts of sanderland/ctok. */
const recordedAs = {
  'claude-3': { name: 'v3', frame: 7 },
  'claude-4.7': { name: 'v4.7', frame: 11 },
} as const;

/** A corpus of sanderland/ctok with the counts recorded of it: rosetta, rosetta_holdout, multipl_e or udhr. */
export function readRecorded(
  folder: string,
  corpus: string,
): (Document & { source: Record<string, unknown> })[] {
  const file = (name: string) => readFileSync(join(folder, 'ctok/tests/fixtures', name));
  const counts = JSON.parse(file(`${corpus}_counts.json`).toString());
  const lines = gunzipSync(file(`${corpus}.jsonl.gz`))
    .toString()
    .trim()
    .split('\n');
  return lines.map((line) => {
    const source = JSON.parse(line);
    const id = String(source.id ?? source.f ?? source.lang);
    const tokens = Object.fromEntries(
      families.flatMap((family) => {
        const { name, frame } = recordedAs[family];
        const counted = counts[name].counts[id];
        return counted === undefined ? [] : [[family, counted - frame]];
      }),
    );
    return { kind: corpus, group: `${corpus} ${id}`, text: source.text, tokens, source };
  });
}
