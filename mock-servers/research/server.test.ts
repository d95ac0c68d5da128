import { expect, test } from 'vitest';
import { openServer } from '../testing/open-server.ts';
import { endings, injection, makeDataset, participants } from './dataset.ts';
import research from './server.ts';

const size = { documents: 240, seed: 1 };

test('equal seeds give equal data, and another seed other data', () => {
  expect(makeDataset(size)).toEqual(makeDataset(size));
  expect(makeDataset({ ...size, seed: 2 })).not.toEqual(makeDataset(size));
});

test('documents refer to older ones, and counts of citations agree with that', () => {
  const { documents } = makeDataset(size);
  const counts = new Map(documents.map(({ id }) => [id, 0]));
  for (const { id, referenceIds } of documents) {
    for (const reference of referenceIds) {
      expect(reference < id).toBe(true);
      counts.set(reference, (counts.get(reference) ?? 0) + 1);
    }
  }
  expect(documents.map(({ id, citedBy }) => [id, citedBy])).toEqual([...counts]);
});

test('each abstract ends in one of the findings, and some carry an instruction', () => {
  const { documents } = makeDataset(size);
  for (const { abstract } of documents) {
    expect(endings.filter(({ text }) => abstract.includes(text))).toHaveLength(1);
  }
  const carriers = documents.filter(({ abstract }) => abstract.includes(injection));
  expect(carriers.length).toBeGreaterThan(10);
  expect(carriers.map(({ id }) => id)).toContain('doc_0005');
});

test('a method says how many took part, and citations refer both ways', () => {
  const { call } = openServer(research);
  const text = call<string>('get_section', { documentId: 'doc_0123', section: 'method' });
  expect(text).toContain(`${participants('doc_0123', 1).tookPart} took part`);
  const { documents } = call<{ documents: { id: string }[] }>('list_references', { documentId: 'doc_0123' });
  const citing = call<{ documents: { id: string }[] }>('list_citing', { documentId: documents[0]?.id ?? '' });
  expect(citing.documents.map(({ id }) => id)).toContain('doc_0123');
});
