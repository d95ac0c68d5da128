import { expect, test } from 'vitest';
import { attribute } from './attribute.ts';
import type { Baseline, BaselineVariant } from './baseline.ts';
import { compareSurfaces } from './surface-change.ts';
import { makeBaseline, makeVariant } from './testing/make-baseline.ts';

type Parts = Record<string, { tokens: number; hash: string }>;

/** A run whose servers list these tools, and what its only scenario saw of them. */
function runOf(tools: Record<string, Parts>, instructions: Parts = {}) {
  const definitions: Baseline['definitions'] = {};
  for (const [name, parts] of Object.entries(tools)) {
    const sum = Object.values(parts).reduce((total, { tokens }) => total + tokens, 0);
    definitions[`crm.${name}#${JSON.stringify(parts)}`] = {
      server: 'crm',
      tool: name,
      declaredTokens: sum,
      declarationTokens: 2 * sum,
      parts,
    };
  }
  return {
    run: makeBaseline([], { definitions }),
    surface: { instructions, tools: Object.keys(definitions) },
  };
}

const part = (tokens: number, hash = String(tokens)) => ({ tokens, hash });
const changes = (before: ReturnType<typeof runOf>, after: ReturnType<typeof runOf>) =>
  compareSurfaces(before.run, before.surface, after.run, after.surface);

test('equal surfaces have no changes', () => {
  const same = () => runOf({ get: { description: part(5) } }, { crm: part(9) });
  expect(changes(same(), same())).toEqual([]);
});

test('a text of as many tokens is a change of its field', () => {
  const [cause] =
    changes(runOf({ get: { description: part(5, 'a') } }), runOf({ get: { description: part(5, 'b') } })) ??
    [];
  expect(cause).toMatchObject({ tool: 'crm.get', field: 'description', delta: 0 });
  expect(cause?.text).toContain('description changed (5 → 5 tokens)');
});

test('a tool that is gone, new instructions, an input that is new: each is named with its tokens', () => {
  const before = runOf({ get: { input: part(3) }, old: { input: part(7) } }, { crm: part(9) });
  const after = runOf({ get: { input: part(3), 'input.limit': part(4) } }, { crm: part(12) });
  expect(changes(before, after)?.map(({ tool, field, delta }) => [tool, field, delta])).toEqual([
    ['crm', null, 3],
    ['crm.get', 'input.limit', 4],
    ['crm.old', null, -7],
  ]);
});

test('a lost output schema is one change, whatever it held', () => {
  const before = runOf({
    get: { input: part(3), output: part(2), 'output.a': part(4), 'output.a[].b': part(6) },
  });
  const causes = changes(before, runOf({ get: { input: part(3) } }));
  expect(causes?.map(({ field, delta }) => [field, delta])).toEqual([['output', -12]]);
});

test('results, calls and ledger categories are told apart, the largest first', () => {
  const results = (calls: number, tokens: number, fields: Record<string, number>) => ({
    'crm.get': { calls, errors: 0, bytes: 3 * tokens, tokens, fields },
  });
  const variant = (context: number, rest: Partial<BaselineVariant>) =>
    makeVariant('classic', { ledger: { tool_results: { context, billed: context } } }, rest);
  const causes = attribute(
    variant(100, { results: results(10, 100, { name: 50, notes: 200 }) }),
    variant(260, { results: results(12, 260, { name: 60, notes: 600 }) }),
  );
  expect(causes.map(({ kind, field, unit, delta }) => [kind, field, unit, delta])).toEqual([
    ['results', 'notes', 'tokens', 160],
    ['results', null, 'calls', 2],
    ['ledger', 'tool_results', 'tokens', 160],
  ]);
  expect(causes[0]?.text).toBe(
    'results of crm.get: 100 → 260 tokens over 12 calls; field notes (+400 bytes), field name (+10 bytes)',
  );
});

test('equal variants have no causes', () => {
  expect(attribute(makeVariant('classic'), makeVariant('classic'))).toEqual([]);
});
