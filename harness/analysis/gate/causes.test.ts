import { expect, test } from 'vitest';
import type { BaselineVariant, ToolResults } from '../../results/baseline.ts';
import type { ToolRecord } from '../../results/trace.ts';
import { attribute, compareSurfaces, toSurface } from './causes.ts';
import { makeVariant } from './testing/make-baseline.ts';

type Parts = Record<string, { tokens: number; hash: string }>;

/** A run whose servers list these tools of `crm`, and the key of what its scenario saw. */
function runOf(tools: Record<string, Parts>, instructions: Parts = {}) {
  const definitions = Object.entries(tools).map(([tool, parts]) => {
    const sum = Object.values(parts).reduce((total, { tokens }) => total + tokens, 0);
    return { server: 'crm', tool, hash: '', declaredTokens: sum, declarationTokens: 2 * sum, parts };
  });
  const { key, surface } = toSurface({ instructions, definitions } as unknown as ToolRecord);
  return { surfaces: { [key]: surface }, key };
}

const part = (tokens: number, hash = String(tokens)) => ({ tokens, hash });
const changes = (before: ReturnType<typeof runOf>, after: ReturnType<typeof runOf>) =>
  compareSurfaces(before, before.key, after, after.key);

test('equal surfaces have no changes', () => {
  const same = () => runOf({ get: { description: part(5) } }, { crm: part(9) });
  expect(changes(same(), same())).toEqual([]);
});

test('a run that recorded no surface can be compared with none', () => {
  const run = runOf({ get: { description: part(5) } });
  for (const none of [null, 'other', 'constructor', '__proto__']) {
    expect(compareSurfaces(run, run.key, run, none)).toBeNull();
    expect(compareSurfaces(run, none, run, run.key)).toBeNull();
  }
});

test('a text of as many tokens is a change', () => {
  const [old, now] = ['a', 'b'].map((hash) => runOf({ get: { description: part(5, hash) } }));
  const [cause] = changes(old as never, now as never) ?? [];
  expect(cause).toMatchObject({ tool: 'crm.get', field: 'description', delta: 0 });
  expect(cause?.text).toBe(
    'definition of crm.get: description, title or annotations changed (5 → 5 tokens in classic, 10 → 10 in code)',
  );
});

test('a tool that is gone, new instructions, an input that is new: each is named with its tokens', () => {
  const before = runOf({ get: { input: part(3) }, old: { input: part(7) } }, { crm: part(9) });
  const after = runOf({ get: { input: part(3), 'input.limit': part(4) } }, { crm: part(12) });
  expect(changes(before, after)?.map(({ tool, field, delta }) => [tool, field, delta])).toEqual([
    ['crm', null, 3],
    ['crm.get', 'input', 4],
    ['crm.old', null, -7],
  ]);
});

test('a lost output schema is named as that', () => {
  const before = runOf({ get: { input: part(3), output: part(2), 'output.a': part(4) } });
  const causes = changes(before, runOf({ get: { input: part(3) } }));
  expect(causes?.map(({ text }) => text)).toEqual([
    'definition of crm.get: output schema is gone (9 → 3 tokens in classic, 18 → 6 in code)',
  ]);
});

const attributed = (
  results: Record<string, ToolResults>,
  fields: Record<string, number>,
  figures: Partial<BaselineVariant['figures']> = {},
) => ({
  scenario: { fields: { 'crm.get': fields } },
  variant: makeVariant('classic', figures, { results }),
});

test('results, calls and ledger categories are told apart, the largest first', () => {
  const causes = attribute(
    attributed(
      { 'crm.get': { calls: 10, bytes: 300, tokens: 100 } },
      { name: 50, notes: 200 },
      {
        ledger: { tool_results: 100 },
      },
    ),
    attributed(
      { 'crm.get': { calls: 12, bytes: 780, tokens: 260 } },
      { name: 60, notes: 600 },
      {
        ledger: { tool_results: 260 },
      },
    ),
  );
  expect(causes.map(({ kind, field, unit, delta }) => [kind, field, unit, delta])).toEqual([
    ['calls', null, 'calls', 2],
    ['results', 'notes', 'tokens', 160],
    ['ledger', 'tool_results', 'tokens', 160],
  ]);
  expect(causes[1]?.text).toBe(
    'results of crm.get: 100 → 260 tokens over 12 calls; field notes (+400 bytes), field name (+10 bytes)',
  );
});

test('a tool that fails is told first and in its own words, and its fields are not', () => {
  const causes = attribute(
    attributed({ 'crm.get': { calls: 10, bytes: 300, tokens: 100 } }, { id: 100 }),
    attributed(
      { 'crm.get': { calls: 10, errors: 10, bytes: 280, tokens: 90, error: 'no such column: "stok"' } },
      {},
    ),
  );
  expect(causes.map(({ text }) => text)).toEqual([
    'errors of crm.get: 0 → 10 in 10 calls: "no such column: \\"stok\\""',
  ]);
});

test('equal variants have no causes', () => {
  expect(attribute(attributed({}, {}), attributed({}, {}))).toEqual([]);
});

test('a field and a server that are called as what all objects have are new and gone as others are', () => {
  const before = attributed({ 'crm.get': { calls: 1, bytes: 10, tokens: 4 } }, { total: 10 });
  const after = attributed({ 'crm.get': { calls: 1, bytes: 40, tokens: 9 } }, { total: 10, constructor: 30 });
  expect(attribute(before, after)[0]?.text).toBe(
    'results of crm.get: 4 → 9 tokens over 1 calls; field constructor is new (+30 bytes)',
  );
  const instructed = runOf({ get: { input: part(3) } }, { constructor: part(9) });
  expect(changes(runOf({ get: { input: part(3) } }), instructed)).toMatchObject([
    { tool: 'constructor', delta: 9 },
  ]);
});
