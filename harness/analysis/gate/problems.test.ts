import { describe, expect, test } from 'vitest';
import type { Baseline } from '../../results/baseline.ts';
import { compare } from './compare-runs.ts';
import { judge } from './gate.ts';
import { defaultPolicy } from './gate-policy.ts';
import { makeBaseline, makeScenario, makeVariant } from './testing/make-baseline.ts';

const gate = (before: Baseline, after: Baseline) => judge(compare(before, after), defaultPolicy);

describe('one cause is told once', () => {
  const surfaces = (description: string) => ({
    'a surface': {
      instructions: {},
      tools: { 'inventory.reorder': { classic: 163, code: 93, description, input: '1' } },
    },
  });
  const moved = { billedTokens: 19_122, contextTokens: 9_000, costCached: 0.03 };
  const reorder = (bytes: number, extra: Record<string, unknown> = {}) => ({
    results: { 'inventory.reorder': { calls: 40, bytes, tokens: bytes / 4, ...extra } },
  });
  const scenario = (name: string, figures: object, results: object, fields: Record<string, number>) =>
    makeScenario(name, [makeVariant('classic', figures, results), makeVariant('code')], {
      fields: { 'inventory.reorder': fields },
    });

  test('fatter results: one problem for all measures, both scenarios and the suite', () => {
    const runOf = (figures: object, bytes: number, fields: Record<string, number>) =>
      makeBaseline(['a', 'b'].map((name) => scenario(name, figures, reorder(bytes), fields)));
    const decision = gate(runOf({}, 2080, { id: 80 }), runOf(moved, 12_480, { id: 80, supplier: 1960 }));
    expect(decision.findings.filter(({ status }) => status === 'breach').length).toBeGreaterThan(8);
    expect(decision.problems).toHaveLength(1);
    expect(decision.problems[0]?.title).toBe(
      'a, b: billed tokens, context tokens and cost with caching rose in classic',
    );
    expect(decision.problems[0]?.message).toMatch(
      /^Because: results of inventory\.reorder: 520 → 3,120 tokens over 40 calls; field supplier is new \(\+1,960 bytes\)\.\na: classic: billed tokens 10,000 → 19,122 .*\.\nb: classic: /,
    );
  });

  test('a tool that fails comes first, in its own words, and what follows from it is left out', () => {
    const failing = reorder(1760, { errors: 10, error: 'no such column: stok' });
    const before = makeBaseline([scenario('a', {}, reorder(2080), { id: 100 })]);
    const after = makeBaseline([scenario('a', { correct: 0, ...moved }, failing, {})]);
    const [problem, ...others] = gate(before, after).problems;
    expect(others).toEqual([]);
    expect(problem?.title).toMatch(/^a: inventory\.reorder fails; correctness fell in classic; /);
    expect(problem?.message).toMatch(
      /^Because: errors of inventory\.reorder: 0 → 10 in 40 calls: "no such column: stok"\.\nclassic: /,
    );
    expect(problem?.message).not.toContain('field id');
  });

  test('causes are those of the variant that got worse, not of one whose name begins alike', () => {
    const runOf = (result: number, code: number) =>
      makeBaseline([
        makeScenario('a', [
          makeVariant('code', { ledger: { tool_results: result } }),
          makeVariant('code-typed', { billedTokens: 10_000 + code, ledger: { code } }),
        ]),
      ]);
    const [problem] = gate(runOf(9_000, 100), runOf(100, 900)).problems;
    expect(problem?.title).toBe('a: billed tokens rose in code-typed');
    expect(problem?.message).toMatch(/^Because: code in the context: 100 → 900 tokens\.\n/);
  });

  test('a changed description is named as that, once for all scenarios, with what became of the figures', () => {
    const runOf = (description: string, figures: object) =>
      makeBaseline(
        ['a', 'b'].map((name) => scenario(name, figures, {}, {})),
        { surfaces: surfaces(description) },
      );
    const [problem, ...others] = gate(runOf('1', {}), runOf('2', moved)).problems;
    expect(others).toEqual([]);
    expect(problem?.title).toBe('a, b: tools changed: inventory.reorder (description)');
    expect(problem?.message).toContain(
      'definition of inventory.reorder: description, title or annotations changed (163 → 163 tokens in classic, 93 → 93 in code).\na: classic: billed tokens 10,000 → 19,122',
    );
    expect(problem?.message).toContain('code: unchanged');
  });

  test('what is missing is told in one sentence', () => {
    const suite = makeBaseline(
      ['a', 'b', 'c', 'd'].map((name) => makeScenario(name, [makeVariant('classic'), makeVariant('code')])),
    );
    const one = makeBaseline([makeScenario('a', [makeVariant('classic'), makeVariant('code')])]);
    expect(gate(suite, one).problems).toEqual([
      {
        level: 'error',
        title: 'Missing from this run: b, c, d (6 results)',
        message: 'b, c, d. Run them, or name what to compare. Because: only the baseline has it.',
      },
    ]);
    const noCode = makeBaseline([makeScenario('a', [makeVariant('classic')])]);
    expect(gate(one, noCode).problems[0]?.title).toBe('Missing from this run: a / code (1 result)');
  });
});
