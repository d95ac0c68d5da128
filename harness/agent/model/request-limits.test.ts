import { expect, test } from 'vitest';
import type { Model } from '../../meter/model.ts';
import type { MessageParam, ModelRequest } from '../../results/messages.ts';
import { createBudget, RunEnded, withoutCaching } from './request-limits.ts';

const breakpoint = { type: 'ephemeral' as const };

test('without caching no request has a breakpoint, and a message stays the same object', async () => {
  const seen: ModelRequest[] = [];
  const next: Model = {
    id: 'm',
    evidence: 'live',
    respond: async (request) => {
      seen.push(request);
      return {} as never;
    },
    close: async () => {},
  };
  const messages: MessageParam[] = [
    { role: 'user', content: [{ type: 'text', text: 'Hi.', cache_control: breakpoint }] },
  ];
  const system = [{ type: 'text' as const, text: 'You help.', cache_control: breakpoint }];
  const model = withoutCaching()(next);
  const { signal } = new AbortController();
  await model.respond({ model: 'm', max_tokens: 1, system, messages }, signal);
  messages.push({ role: 'assistant', content: 'Hello.' });
  await model.respond({ model: 'm', max_tokens: 1, system, messages }, signal);
  expect(JSON.stringify(seen)).not.toContain('cache_control');
  expect(seen[1]?.messages[0]).toBe(seen[0]?.messages[0]);
  expect(seen[1]?.system).toBe(seen[0]?.system);
  expect(JSON.stringify(messages)).toContain('cache_control');
});

test('a budget ends the run once it is used up, counting what was spent before', () => {
  const budget = createBudget(1, 0.4);
  budget.spend(0.5);
  budget.refuseIfUsedUp();
  budget.spend(0.1);
  expect(() => budget.refuseIfUsedUp()).toThrow(RunEnded);
  expect(budget.spentUsd()).toBeCloseTo(1);
});

test('what has no price leaves the sum unknown, never 0', () => {
  const budget = createBudget(undefined);
  budget.spend(null);
  budget.spend(0.1);
  expect(budget.spentUsd()).toBeNull();
});
