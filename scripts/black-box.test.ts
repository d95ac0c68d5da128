import { join } from 'node:path';
import { expect, test } from 'vitest';
import { askTask, askTruth } from '../harness/scenario/ask.ts';
import { loadScenarios } from '../harness/scenario/load.ts';

test('the black box is asked the task of the bundled workflow, with the same truth', async () => {
  const folder = join(import.meta.dirname, 'black-box/top-customers');
  const [box, bundled] = await loadScenarios([folder, 'crm-top-customers']);
  if (!box || !bundled) throw new Error('not loaded');
  const context = { params: { contacts: 60, threshold: 5000 }, seed: 1 };
  expect(askTask(box, context)).toBe(askTask(bundled, context));
  const limit = { signal: new AbortController().signal };
  expect(await askTruth(box, context, limit)).toEqual(await askTruth(bundled, context, limit));
  expect(box.sources[0]?.body).toContain('call_tool_chain');
});
