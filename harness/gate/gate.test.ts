import { describe, expect, test } from 'vitest';
import type { Baseline } from './baseline.ts';
import { compare } from './compare.ts';
import type { Decision, Looked } from './decision.ts';
import { judge } from './gate.ts';
import { defaultPolicy, policySchema } from './policy.ts';
import { makeBaseline, makeLiveVariant, makeScenario, makeVariant } from './testing/make-baseline.ts';

const policy = (given: unknown) => policySchema.parse(given);
const gate = (before: Baseline, after: Baseline, given = defaultPolicy) =>
  judge(compare(before, after), given);
const find = (decision: Decision, check: Looked) =>
  decision.findings.find((finding) => finding.check === check && finding.scenario !== null);
const bad = ({ findings }: Decision) => findings.filter(({ status }) => status !== 'pass');

const one = (figures: Parameters<typeof makeVariant>[1], rest?: Parameters<typeof makeVariant>[2]) =>
  makeBaseline([makeScenario('lookup', [makeVariant('classic', figures, rest)])]);

describe('thresholds', () => {
  test('one per cent more passes, a token beyond it does not', () => {
    expect(gate(one({}), one({ billedTokens: 10_100 })).outcome).toBe('pass');
    const decision = gate(one({}), one({ billedTokens: 10_101 }));
    expect(decision.outcome).toBe('fail');
    expect(find(decision, 'billedTokens')?.message).toBe('10,000 → 10,101 (+101, +1.0 %; 100 allowed).');
  });

  test('less passes, whatever it is that fell', () => {
    const less = { billedTokens: 1, contextTokens: 1, roundTrips: 1, toolCalls: 1, costCached: 0.0001 };
    expect(bad(gate(one({}), one(less)))).toEqual([]);
  });

  test('correctness may rise and not fall', () => {
    expect(gate(one({ correct: 0 }), one({ correct: 1 })).outcome).toBe('pass');
    expect(find(gate(one({}), one({ correct: 0 })), 'correctness')?.status).toBe('breach');
  });

  test('the larger of absolute and relative is allowed', () => {
    const roomy = policy({ checks: { roundTrips: { absolute: 2 } } });
    expect(gate(one({}), one({ roundTrips: 6 }), roomy).outcome).toBe('pass');
    expect(gate(one({}), one({ roundTrips: 7 }), roomy).outcome).toBe('fail');
  });

  test('the sum of a suite may fail where no scenario does, and the other way round', () => {
    const both = (figures: Parameters<typeof makeVariant>[1]) =>
      makeBaseline(['a', 'b'].map((name) => makeScenario(name, [makeVariant('classic', figures)])));
    const more = both({ billedTokens: 10_090 });
    expect(gate(both({}), more, policy({ suite: { billedTokens: { relative: 0 } } })).title).toContain(
      'suite / classic',
    );
    const lenient = policy({ checks: { billedTokens: 'off' }, suite: { billedTokens: 'error' } });
    expect(gate(both({}), both({ billedTokens: 10_200 }), lenient).outcome).toBe('fail');
  });

  test('a level is warn, error or off, for one scenario if need be', () => {
    const more = one({ billedTokens: 20_000 });
    const warned = gate(one({}), more, policy({ checks: { billedTokens: 'warn' } }));
    expect(warned.outcome).toBe('pass');
    expect(bad(warned).map(({ level }) => level)).toEqual(['warn']);
    const off = gate(one({}), more, policy({ scenarios: { lookup: { billedTokens: 'off' } } }));
    expect(find(off, 'billedTokens')).toBeUndefined();
  });

  test('a flipped verdict fails', () => {
    const flipped = makeBaseline([makeScenario('lookup', [makeVariant('classic')], { verdict: 'classic' })]);
    expect(gate(one({}), flipped).title).toBe('Gate failed: lookup: the verdict flipped');
  });

  test('a job that did not fit its window in one run is held against the other as a whole', () => {
    const cut = (billedTokens: number) =>
      makeVariant(
        'classic',
        { billedTokens: 7_000, correct: 0 },
        {
          hypothetical: makeVariant('classic', { billedTokens }).figures,
          status: 'context_overflow',
        },
      );
    const runOf = (variant: ReturnType<typeof makeVariant>) =>
      makeBaseline(
        ['a', 'b'].map((name) => makeScenario(name, [name === 'a' ? variant : makeVariant('classic')])),
      );
    const fits = runOf(makeVariant('classic', { billedTokens: 2_000_000 }));
    const better = gate(runOf(cut(3_000_000)), fits);
    expect(bad(better)).toEqual([]);
    expect(better.findings.find(({ variant }) => variant?.includes('hypothetical'))).toMatchObject({
      check: 'billedTokens',
      before: 3_000_000,
      after: 2_000_000,
    });
    const worse = gate(fits, runOf(cut(3_000_000)));
    expect(find(worse, 'correctness')?.status).toBe('breach');
    expect(find(worse, 'billedTokens')?.status).toBe('breach');
  });

  test('a sum says over how many scenarios it is where not all could be added up', () => {
    const three = (rest: Partial<Parameters<typeof makeScenario>[2]>) =>
      makeBaseline([
        ...['a', 'b'].map((name) => makeScenario(name, [makeVariant('classic')])),
        makeScenario('c', [makeVariant('classic')], rest),
      ]);
    const decision = gate(three({}), three({ params: { contacts: 5 } }));
    const sum = decision.findings.find(
      ({ scenario, check }) => scenario === null && check === 'billedTokens',
    );
    expect(sum?.message).toContain('sum of 2 of 4 scenarios');
  });

  test('what the whole job would cost without a window is judged too', () => {
    const overflowing = (billedTokens: number) =>
      one({}, { hypothetical: makeVariant('classic', { billedTokens }).figures, status: 'context_overflow' });
    const decision = gate(overflowing(3_000_000), overflowing(4_000_000));
    expect(bad(decision)[0]?.variant).toBe('classic (hypothetical, without a window)');
  });
});

describe('what cannot be compared is named', () => {
  const base = makeBaseline([makeScenario('lookup', [makeVariant('classic')])]);
  const with_ = (rest: Partial<Baseline>) => makeBaseline(base.scenarios, rest);

  test.each([
    ['another model', with_({ model: { ...base.model, id: 'other' } }), 'the model was a-model and is other'],
    ['another window', with_({ model: { ...base.model, contextWindow: 1 } }), 'window or overheads'],
    ['another seed', with_({ seed: 2 }), 'the seed was 1 and is 2'],
    ['another tokenizer', with_({ tokenizer: 'new' }), 'the tokenizer was a tokenizer and is new'],
    [
      'a client that caches nothing',
      with_({ settings: { ...base.settings, caching: false } }),
      'the prompt caching was on and is off',
    ],
    [
      'another limit',
      with_({ settings: { ...base.settings, maxTokens: 9 } }),
      'the limit of tokens was none and is 9',
    ],
    ['a model that makes mistakes', with_({ imperfections: { 'failed-program': 0.3 } }), 'failed-program'],
  ])('%s', (_, after, words) => {
    const decision = gate(base, after);
    expect(decision.outcome).toBe('fail');
    expect(decision.findings.map(({ status }) => status)).toEqual(['not_comparable']);
    expect(decision.findings[0]?.message).toContain(words);
    expect(gate(base, after, policy({ conditions: 'warn' })).outcome).toBe('pass');
  });

  test('other evidence is never put beside it', () => {
    const live = makeBaseline([makeScenario('lookup', [makeLiveVariant('classic', [1], [1])])]);
    const decision = gate(base, live);
    expect(bad(decision).map(({ check }) => check)).toEqual(['conditions', 'conditions']);
    expect(decision.title).toContain('it is scripted evidence here and live in the other run');
    expect(find(decision, 'billedTokens')).toBeUndefined();
  });

  test('another price table: costs and verdicts are not judged, tokens are', () => {
    const dearer = with_({
      model: { ...base.model, prices: [{ input: 4, output: 20 }], asOf: '2026-02-02' },
    });
    const decision = gate(base, dearer);
    expect(decision.title).toContain('price table changed');
    expect(find(decision, 'cost')).toBeUndefined();
    expect(find(decision, 'verdict')).toBeUndefined();
    expect(find(decision, 'billedTokens')?.status).toBe('pass');
  });

  test('another measure: verdicts are not judged, figures are', () => {
    const byLatency = with_({
      scenarios: [makeScenario('lookup', [makeVariant('classic')], { verdict: 'classic' })],
      settings: { ...base.settings, by: 'latency' },
    });
    const decision = gate(base, byLatency);
    expect(bad(decision).map(({ check, status }) => [check, status])).toEqual([
      ['weighing', 'not_comparable'],
    ]);
    expect(decision.findings.find(({ check }) => check === 'weighing')?.message).toContain(
      'the measure that verdicts weigh by was cost and is latency',
    );
    expect(find(decision, 'verdict')).toBeUndefined();
    expect(find(decision, 'cost')?.status).toBe('pass');
  });

  test('a model without a price: that no cost was looked at is told, and fails nothing', () => {
    const unpriced = one({ costCached: null, costUncached: null });
    const decision = gate(unpriced, unpriced);
    expect(decision.outcome).toBe('pass');
    expect(bad(decision).map(({ title, level }) => [title, level])).toEqual([
      ['Costs were not compared: the model has no known price', 'warn'],
    ]);
    expect(bad(gate(unpriced, unpriced, policy({ checks: { cost: 'off' } })))).toEqual([]);
  });

  test('the same prices read at a later date are the same', () => {
    expect(gate(base, with_({ model: { ...base.model, asOf: '2027-01-01' } })).outcome).toBe('pass');
  });

  test('a missing scenario is an error, a new one a warning', () => {
    const renamed = makeBaseline([makeScenario('other', [makeVariant('classic')])]);
    const decision = gate(base, renamed);
    expect(bad(decision).map(({ check, level }) => [check, level])).toEqual([
      ['missing', 'error'],
      ['new', 'warn'],
    ]);
  });

  test('the same scenario with other parameters is not the same', () => {
    const sized = (contacts: number) =>
      makeBaseline([makeScenario('lookup', [makeVariant('classic')], { params: { contacts } })]);
    const decision = gate(sized(100), sized(200));
    expect(decision.findings.find(({ check }) => check === 'missing')?.message).toContain(
      'lookup / classic with contacts=100: only the baseline has it; the other run has it with contacts=200',
    );
  });

  test('a run that did not record its tools cannot show that they are the same', () => {
    const silent = makeBaseline([makeScenario('lookup', [makeVariant('classic')], { surface: null })]);
    expect(gate(silent, base).title).toContain('its tools were not recorded');
  });
});

describe('live evidence is judged by interval', () => {
  const live = (billed: number[], correct = billed.map(() => 1)) =>
    makeBaseline([makeScenario('lookup', [makeLiveVariant('classic', billed, correct)])]);
  const around = (centre: number) =>
    [-90, 60, -30, 110, -50, 20, 80, -70, 10, -40].map((noise) => centre + noise);

  test('a rise beyond doubt is a breach, with its interval', () => {
    const finding = find(gate(live(around(10_000)), live(around(13_000).reverse())), 'billedTokens');
    expect(finding?.status).toBe('breach');
    expect(finding?.message).toMatch(/over 10 pairs of trials, ratio 1\.2\d\d to 1\.3\d\d at 95 %/);
  });

  test('noise is no breach', () => {
    const noisy = policy({ checks: { billedTokens: { relative: 0.05 } } });
    expect(gate(live(around(10_000)), live(around(10_050).reverse()), noisy).outcome).toBe('pass');
  });

  test('too few trials decide nothing, and say so', () => {
    const decision = gate(live([10_000, 10_200]), live([15_000, 15_300]));
    expect(find(decision, 'billedTokens')).toMatchObject({ status: 'undecided', level: 'warn' });
    expect(find(decision, 'billedTokens')?.message).toContain('too few for an interval');
    expect(gate(live([10_000]), live([15_000]), policy({ undecided: 'error' })).outcome).toBe('fail');
  });

  test('correctness falls where McNemar says so', () => {
    const tokens = around(10_000);
    const right = tokens.map(() => 1);
    const few = gate(live(tokens, right), live(tokens, [0, 0, ...right.slice(2)]));
    expect(find(few, 'correctness')).toMatchObject({ status: 'undecided' });
    const many = gate(live(tokens, right), live(tokens, [0, 0, 0, 0, 0, 0, ...right.slice(6)]));
    expect(find(many, 'correctness')?.message).toContain('McNemar p = 0.031');
    expect(find(many, 'correctness')?.status).toBe('breach');
  });

  test('a verdict that live trials no longer carry is undecided, one turned round is a breach', () => {
    const verdictOf = (verdict: string) =>
      makeBaseline([
        makeScenario('lookup', [makeLiveVariant('classic', around(10_000), around(1).fill(1))], { verdict }),
      ]);
    const unsure = gate(verdictOf('code'), verdictOf('insufficient'));
    expect(find(unsure, 'verdict')).toMatchObject({ status: 'undecided', level: 'warn' });
    expect(unsure.message).toContain('live ones each by its own interval and not in sums');
    expect(find(gate(verdictOf('code'), verdictOf('classic')), 'verdict')?.status).toBe('breach');
  });

  test('says the same of the same runs', () => {
    const [before, after] = [live(around(10_000)), live(around(10_400).reverse())];
    expect(gate(before, after)).toEqual(gate(before, after));
  });
});

test('an incomplete run is incomplete even where everything that ended is the same', () => {
  const decision = judge(compare(one({}), one({})), defaultPolicy, ['It is partial.']);
  expect(decision).toMatchObject({ outcome: 'incomplete', title: 'The run is incomplete' });
});

test.each([
  ['an unknown check', { checks: { biledTokens: 'warn' } }],
  ['an unknown level', { missing: 'fatal' }],
  ['a verdict of the suite, which has none', { suite: { verdict: 'warn' } }],
  ['a threshold of a verdict', { checks: { verdict: { relative: 0.1 } } }],
  ['a negative threshold', { checks: { cost: { relative: -1 } } }],
  ['another format', { format: 'patternbench.policy/v2' }],
])('a policy with %s is refused', (_, given) => {
  expect(policySchema.safeParse(given).success).toBe(false);
});
