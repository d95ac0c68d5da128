import { expect, test } from 'vitest';
import { respondingModelDiffers } from './provider-watch.ts';

test.each([
  ['claude-sonnet-5', 'claude-sonnet-5', false],
  ['claude-haiku-4-5', 'claude-haiku-4-5-20251001', false],
  ['claude-sonnet-4-6-latest', 'claude-sonnet-4-6-20260217', false],
  ['claude-haiku-4-5-20251001', 'claude-haiku-4-5', true],
  ['claude-haiku-4-5-20251001', 'claude-haiku-4-5-20260101', true],
  ['claude-opus-5', 'claude-opus-5-5', true],
  ['claude-opus-5', 'claude-opus-5-fast', true],
  ['claude-opus-5', '', true],
])('asked for %s, answered by %s: differs is %s', (requested, responding, differs) => {
  expect(respondingModelDiffers(requested, responding)).toBe(differs);
});
