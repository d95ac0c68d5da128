import { expect, test } from 'vitest';
import { type Exposure, exposureFormat } from '../harness/results/exposure.ts';
import { exposureHtml, exposureMarkdown } from './exposure.ts';

const exposure: Exposure = {
  format: exposureFormat,
  evidence: 'scripted',
  model: 'm',
  counting: 'characters',
  attackTokens: 48,
  seed: 1,
  scenarios: [
    {
      scenario: 'notes',
      params: {},
      server: 'crm',
      used: 'list_notes',
      fields: { unused: 'list_notes.notes[].body' },
      untrusted: [],
      places: [],
    },
  ],
  leftOut: [],
};

test('a field inside a list reads the same in Markdown and in HTML, each by its own escapes', () => {
  expect(exposureMarkdown(exposure)).toContain('Result field: list_notes.notes\\[\\].body.');
  expect(exposureHtml(exposure)).toContain('Result field: list_notes.notes[].body.');
});
