import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunRecord } from '../results/run.ts';
import { openFilesAt } from '../testing/open-files.ts';
import { openJournal, readJournal } from './journal.ts';
import { trialResult } from './testing/trial-result.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'patternbench-journal-'));
const run: RunRecord = {
  format: 'patternbench.run/v1',
  status: 'partial',
  versions: { patternbench: '0.1.0' },
  seed: 1,
  model: { id: 'claude-sonnet-5' },
  evidence: 'live',
  latencyProfile: { name: 'default' },
  variants: ['classic'],
  isolation: 'L2',
  scenarios: [],
  measured: { startedAt: '2026-01-01T00:00:00.000Z' },
};

describe('a journal', () => {
  test('that cannot be read is told with the reason', () => {
    const file = folder();
    expect(() => readJournal(file)).toThrow(`${file} cannot be read: EISDIR`);
  });

  test.runIf(existsSync('/dev/full'))('that cannot be begun leaves no open file', () => {
    const before = openFilesAt('/dev/full');
    expect(() => openJournal('/dev/full', run, undefined)).toThrow('/dev/full cannot be written: ENOSPC');
    expect(openFilesAt('/dev/full')).toEqual(before);
  });

  test('cut at any byte of its last record gives the records before it, and goes on after them', () => {
    const file = join(folder(), 'results.jsonl');
    const journal = openJournal(file, run, undefined);
    journal.ended(1, trialResult(1).result);
    journal.ended(2, trialResult(2).result);
    journal.close();
    const whole = readFileSync(file);
    const lastLine = whole.lastIndexOf(10, whole.length - 2) + 1;
    for (let bytes = lastLine; bytes < whole.length; bytes += 1) {
      writeFileSync(file, whole.subarray(0, bytes));
      expect(readJournal(file)?.ended.size).toBe(1);
    }
    const earlier = readJournal(file);
    const again = openJournal(file, run, earlier);
    again.ended(2, trialResult(2).result);
    again.close();
    expect(readFileSync(file).equals(whole)).toBe(true);
  });

  test('keeps what given-up trials cost, and what was forced', () => {
    const file = join(folder(), 'results.jsonl');
    const journal = openJournal(file, run, undefined);
    journal.abandoned('scene/classic/1', 0.25);
    journal.abandoned('scene/code/1', null);
    journal.forced(['scenario scene: its files have changed']);
    journal.close();
    expect(readJournal(file)).toMatchObject({
      run,
      abandonedUsd: 0.25,
      forced: ['scenario scene: its files have changed'],
    });
  });

  test('keeps what searches found, the last of each scenario, with keys as they were written', () => {
    const file = join(folder(), 'results.jsonl');
    const journal = openJournal(file, run, undefined);
    const variants = ['classic', 'code'];
    const found = { scenario: 'scene', params: { size: 3 }, by: 'cost' as const, variants, items: null };
    const items = {
      param: 'size',
      now: 3,
      tried: [1, 3].map((at) => ({ at, pattern: 'code' as const, because: 'value' as const, padded: null })),
    };
    journal.foundItems(found);
    journal.foundItems({ ...found, items });
    journal.close();
    const read = readJournal(file)?.foundItems.get('scene');
    expect(JSON.stringify(read)).toBe(JSON.stringify({ ...found, items }));
  });

  test('without a whole first line is none', () => {
    const file = join(folder(), 'results.jsonl');
    writeFileSync(file, '{"format":"patternbench.resul');
    expect(readJournal(file)).toBeUndefined();
  });
});
