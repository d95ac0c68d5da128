import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accepted, type BadInput } from './bad-input.ts';
import type { FinishedRun } from './run-directories.ts';

const gate = ['gate', '--run', 'out', '--baseline', 'whole.json'];

/** Files that are no policy. */
const noPolicies: Record<string, string> = {
  empty: '',
  'open-brace': '{',
  null: 'null',
  array: '[]',
  text: '"off"',
  'format-unknown': '{"format": "patternbench.policy/v99"}',
  'check-unknown': '{"checks": {"tokens": "off"}}',
  'check-proto': '{"checks": {"__proto__x": "off"}}',
  'level-unknown': '{"checks": {"cost": "loud"}}',
  'level-number': '{"checks": {"cost": 1}}',
  'threshold-negative': '{"checks": {"cost": {"relative": -1}}}',
  'threshold-text': '{"checks": {"cost": {"relative": "1%"}}}',
  'threshold-overflow': '{"checks": {"cost": {"absolute": 1e999}}}',
  'threshold-of-verdict': '{"checks": {"verdict": {"relative": 1}}}',
  'checks-array': '{"checks": []}',
  'scenarios-array': '{"scenarios": []}',
  'scenarios-number': '{"scenarios": {"work": 1}}',
  'suite-verdict': '{"suite": {"verdict": "off"}}',
  'missing-unknown': '{"missing": "maybe"}',
  'field-unknown': '{"frobnicate": true}',
  'field-ansi': '{"\\u001b[2J": true}',
  'nested-100000': `{"checks":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
  '5mb': JSON.stringify({ missing: 'x'.repeat(5_000_000) }),
};

/** What a baseline may have become. */
const noBaselines: Record<string, (text: string) => string | Uint8Array> = {
  empty: () => '',
  cut: (text) => text.slice(0, text.length / 2),
  null: () => 'null',
  array: () => '[]',
  object: () => '{}',
  summary: () => '{"format": "patternbench.summary/v1"}',
  'newer-format': (text) => text.replace(/("format":\s*"[^"]*)"/, '$19"'),
  binary: () => Uint8Array.from({ length: 4_096 }, (_, index) => (index * 31) % 256),
  'nested-100000': () => `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  'scenarios-missing': (text) => JSON.stringify({ ...JSON.parse(text), scenarios: undefined }),
  'scenarios-number': (text) => JSON.stringify({ ...JSON.parse(text), scenarios: 5 }),
  'scenarios-null': (text) => JSON.stringify({ ...JSON.parse(text), scenarios: [null] }),
  'field-unknown': (text) => JSON.stringify({ ...JSON.parse(text), frobnicate: true }),
};

/** Policies and baselines that the gate cannot use. */
export function badGateFiles({ folder: finished }: FinishedRun): BadInput[] {
  const copy = (folder: string) => cpSync(finished, folder, { recursive: true });
  const baseline = readFileSync(join(finished, 'whole.json'), 'utf8');
  return [
    { name: 'gate-control', args: gate, prepare: copy, ...accepted },
    ...Object.entries(noPolicies).map(([name, text]) => ({
      name: `policy-${name}`,
      args: [...gate, '--policy', 'policy.json'],
      files: { 'policy.json': text },
      prepare: copy,
    })),
    { name: 'policy-missing', args: [...gate, '--policy', 'none.json'], prepare: copy },
    { name: 'policy-folder', args: [...gate, '--policy', 'out'], prepare: copy },
    ...Object.entries(noBaselines).map(([name, change]) => ({
      name: `baseline-${name}`,
      args: gate,
      files: { 'whole.json': change(baseline) },
      prepare: copy,
    })),
    { name: 'baseline-folder', args: ['gate', '--run', 'out', '--baseline', 'out'], prepare: copy },
    {
      name: 'baseline-file-below-file',
      args: ['gate', '--update', '--run', 'out', '--baseline', 'whole.json/b.json'],
      prepare: copy,
    },
    { name: 'report-out-folder', args: ['report', 'out', '--md', 'work'], prepare: copy },
    { name: 'merge-twice-the-same', args: ['merge', 'out', 'out', '--out', 'merged'], prepare: copy },
    { name: 'merge-into-itself', args: ['merge', 'out', '--out', 'out'], prepare: copy },
  ];
}
