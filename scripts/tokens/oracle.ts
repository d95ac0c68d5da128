import { spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Document, families } from './recorded.ts';

/** Reads texts as JSON lines, writes both families' counts of each. The version picks the family; frames are taken off. */
const program = `
import json, sys
from ctok import token_count
for line in sys.stdin:
    text = json.loads(line)
    print(json.dumps([token_count(text, '3.0') - 7, token_count(text, '5.0') - 6]))
`;

/**
 * Counts documents with sanderland/ctok (Python), which gives the provider's counts to the token on documents that it never saw.
 * Counts are kept in `folder` by content. Throws where Python or the copy is missing.
 */
export function countAll(folder: string, documents: readonly Omit<Document, 'tokens'>[]): Document[] {
  const file = join(folder, 'counts.json');
  const known: Record<string, number[]> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const keyOf = (text: string) => hash('sha256', text).slice(0, 24);
  const fresh = [...new Map(documents.map(({ text }) => [keyOf(text), text]))].filter(([key]) => !known[key]);
  for (let from = 0; from < fresh.length; from += 500) {
    const part = fresh.slice(from, from + 500);
    const { status, stdout, stderr } = spawnSync('python3', ['-c', program], {
      env: { ...process.env, PYTHONPATH: join(folder, 'ctok') },
      input: part.map(([, text]) => JSON.stringify(text)).join('\n'),
      encoding: 'utf8',
      maxBuffer: 1e9,
    });
    if (status !== 0) throw new Error(`python3 could not count with ${join(folder, 'ctok')}: ${stderr}`);
    for (const [at, line] of stdout.trim().split('\n').entries())
      known[part[at]?.[0] ?? ''] = JSON.parse(line);
    writeFileSync(file, JSON.stringify(known));
    console.error(`counted ${Math.min(from + 500, fresh.length)} of ${fresh.length} documents`);
  }
  return documents.map((document) => {
    const counts = known[keyOf(document.text)] ?? [];
    return { ...document, tokens: Object.fromEntries(families.map((family, at) => [family, counts[at]])) };
  });
}
