import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { GradeContext } from '../harness/scenario/scenario.ts';
import { memoryGraph } from './memory-graph.ts';

const ada = { name: 'Ada', entityType: 'person', observations: ['writes'] };
const engine = { name: 'Engine', entityType: 'project', observations: [] };
const leads = { from: 'Ada', to: 'Engine', relationType: 'leads' };

function isRight(lines: readonly object[]): boolean {
  const trialDir = mkdtempSync(join(tmpdir(), 'memory-'));
  onTestFinished(() => rmSync(trialDir, { recursive: true }));
  writeFileSync(join(trialDir, 'memory.jsonl'), lines.map((line) => JSON.stringify(line)).join('\n'));
  const grader = memoryGraph(() => ({ entities: [ada, engine], relations: [leads] }));
  const grade = grader.grade({ trialDir, seed: 1, params: {} } as GradeContext);
  return (grade as { correct: boolean }).correct;
}

const kept = [
  { type: 'entity', ...engine },
  { type: 'relation', ...leads },
  { type: 'entity', ...ada },
];

test('a memory that holds what was asked for is right in any order', () => {
  expect(isRight(kept)).toBe(true);
});

test.each([
  ['something missing', kept.slice(1)],
  ['something besides', [...kept, { type: 'entity', ...ada, name: 'Bob' }]],
  ['something twice', [...kept, { type: 'entity', ...ada }]],
  ['an entity of another type', [...kept.slice(0, 2), { type: 'entity', ...ada, entityType: 'people' }]],
  ['another observation', [...kept.slice(0, 2), { type: 'entity', ...ada, observations: ['reads'] }]],
  ['a relation of another type', kept.with(1, { type: 'relation', ...leads, relationType: 'owns' })],
])('a memory with %s is wrong', (_, lines) => {
  expect(isRight(lines)).toBe(false);
});
