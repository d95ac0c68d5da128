// Over 400 lines because what a page says, and what it leaves out, is asked of the same made-up runs.
import { inflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { collect } from '../../harness/analysis/gate/baseline.ts';
import { compare } from '../../harness/analysis/gate/compare-runs.ts';
import { InfrastructureError } from '../../harness/errors.ts';
import type { Baseline } from '../../harness/results/baseline.ts';
import type { Result, Summary, Verdict } from '../../harness/results/summary.ts';
import { trialResult } from '../../harness/run/testing/trial-result.ts';
import { sideOf, verdictOf as verdict } from '../../harness/run/testing/verdict.ts';
import { inflatedTexts, unbalanced } from '../testing/markup.ts';
import { chooseTraces } from './choose-traces.ts';
import { type PackedBlock, type PageData, unpackTrace } from './data.ts';
import { describePage, type RunFiles, runPage } from './page.ts';
import { classicTurns, codeTurns, makeRun, makeSummary, makeTrial, runFilesOf } from './testing/run-files.ts';
import { drawOverview } from './view/overview.ts';
import { startState } from './view/state.ts';
import { chosenWorkflows } from './view/table.ts';
import { drawWorkflow } from './view/workflow.ts';
import { splitSentence } from './workflow.ts';

type Given = Parameters<typeof trialResult>[1];

/** A result whose ledger is priced as its bill is: by tokens. */
function result(given: Given = {}): Result {
  const { result: plain } = trialResult(1, given);
  const { costUsd, tokens } = plain;
  if (!costUsd || plain.ledger.some((row) => row.costUsd)) return plain;
  const share = (amount: number, row: { tokens: number }) => (amount * row.tokens) / tokens.billed;
  const ledger = plain.ledger.map((row) => ({
    ...row,
    costUsd: { cached: share(costUsd.cached, row), uncached: share(costUsd.uncached, row) },
  }));
  return { ...plain, ledger };
}
const code = (given: Given = {}) => result({ variant: 'code', pattern: 'code', programs: 1, ...given });

function overflown(): Result {
  const tokens = { context: 9e6, billed: 9e6, input: 9e6, output: 0, cacheRead: 0, cacheWrite: 9e6 };
  const costUsd = { cached: 90, uncached: 900 };
  return result({
    status: 'context_overflow',
    correct: 0,
    overflow: { roundTrip: 2, inputTokens: 1_200_000, contextWindow: 1_000_000 },
    hypothetical: {
      roundTrips: 500,
      toolCalls: 5000,
      tokens,
      ledger: [
        {
          category: 'tool_results',
          direction: 'input',
          history: 'resent',
          cache: 'cache_read',
          tokens: 9e6,
          costUsd,
        },
      ],
      costUsd,
      latencyMs: { modelled: 1, measured: 1 },
      correct: 1,
    },
  });
}

function failed(): Result {
  const none = { context: 0, billed: 0, input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  const reason = 'The server "crm" ended with code 9.';
  const base = result({ status: 'infrastructure_error', correct: null, reason, ledger: [] });
  return { ...base, tokens: none, costUsd: { cached: 0, uncached: 0 } };
}

function repeated(): Summary {
  const interval = { status: 'interval', value: 0.5, low: 0.2, high: 0.8, confidence: 0.95, n: 4 } as const;
  const several: Given = {
    trials: 4,
    correct: 0.5,
    outcomes: { completed: 4 },
    programs: 2,
    programEnds: { ok: 1, guest_error: 1 },
    statistics: {
      n: 4,
      correct: interval,
      enough: { halfWidth: 0.1, status: 'insufficient', needed: 69 },
      pass: { k: 3, atLeastOne: 0.9, all: 0.1 },
      billedTokens: interval,
      costUsd: { ...interval, value: 0.01, low: 0.008, high: 0.012 },
    },
  };
  return makeSummary([result(several), code(several)], [verdict('insufficient')]);
}

const unpriced: Given = { costUsd: null, unpriced: true };
const kinds: Record<string, Summary> = {
  'two right results': makeSummary([result(), code()], [verdict('either')]),
  'a hypothetical result': makeSummary([overflown(), code()], [verdict('code')]),
  'unpriced results': makeSummary([result(unpriced), code(unpriced)], [verdict('either', { by: 'tokens' })]),
  'model time': makeSummary(
    [result({ latencyMs: { modelled: 1800, measured: 1 }, roundTrips: 2 })],
    [verdict('classic', { by: 'latency' })],
  ),
  'a partial run': makeSummary([result()], [], { status: 'partial', planned: 4 }),
  'no result yet': makeSummary([], [], { status: 'partial', planned: 4 }),
  'what infrastructure ended': makeSummary([failed(), code()], [verdict('insufficient')]),
  'nothing that was measured': makeSummary([failed()], []),
  'several trials': repeated(),
};

const dataOf = (summary: Summary) => describePage(runFilesOf(summary));

/** All that a reader can come to see of a run, but for its traces. */
function drawn(data: PageData, width = 1056): string {
  const state = startState();
  return [
    drawOverview(data, state, width),
    ...data.workflows.map((workflow) => drawWorkflow(workflow, data, state, width)),
  ]
    .map(({ text }) => text)
    .join('\n');
}

/** What a reader sees, with the marks that separate elements gone. */
const textOf = (html: string) =>
  html
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#(\d+);/g, (_, character) => String.fromCharCode(Number(character)))
    .replace(/\s+/g, ' ');

/** What stands deflated in a page under an id. */
const inflated = <T>(page: string, id: string) => JSON.parse(inflatedTexts(page).get(id) ?? '') as T;

type Trial = ReturnType<typeof makeTrial>;

const lookup = () => [
  makeTrial({ scenario: 'lookup', variant: 'classic', pattern: 'classic' }, classicTurns(4)),
  makeTrial({ scenario: 'lookup', variant: 'code', pattern: 'code' }, codeTurns(4)),
];

describe('the page of a run', () => {
  test.each(Object.entries(kinds))('is whole and says only what is known, of %s', (_, summary) => {
    for (const width of [340, 1056]) {
      const html = drawn(dataOf(summary), width);
      expect(unbalanced(html.replace(/<(?:input|br)\b[^>]*>/g, ''))).toEqual([]);
      expect(html).not.toMatch(/NaN|Infinity|undefined|\bnull\b|\[object/);
    }
  });

  test('holds the same bytes for the same run, and asks nothing of anyone', () => {
    const page = runPage(makeRun(lookup()));
    expect(runPage(makeRun(lookup()))).toBe(page);
    expect(page).not.toMatch(/<link rel="(?!icon)|<img|@import|url\(|https?:/);
    expect(page).toContain(`default-src 'none'`);
  });

  test('says the verdict first, shows it in the picture and the table, and keeps the order of causes by weight', () => {
    const trials = [
      makeTrial({ scenario: 'long', variant: 'classic', pattern: 'classic' }, classicTurns(40)),
      makeTrial({ scenario: 'long', variant: 'code', pattern: 'code' }, codeTurns(40)),
      ...lookup(),
    ];
    const data = describePage(makeRun(trials));
    const overview = textOf(drawOverview(data, startState(), 1056).text);
    expect(overview).toMatch(/^ ?Use code for all two workflows\. 4 of 4 trials right\./);
    const [long] = data.workflows;
    expect(long?.advice).toBe('code');
    const { causes = [], sides } = long as NonNullable<typeof long>;
    for (const side of ['classic', 'code'] as const) {
      const sum = causes.reduce((total, cause) => total + cause[side], 0);
      expect(sum).toBeCloseTo(sides[side]?.value ?? 0, 8);
    }
    const page = textOf(drawWorkflow(long as NonNullable<typeof long>, data, startState(), 1056).text);
    expect(page).toContain('Use code: the other costs more.');
    expect(page).toMatch(/What code saves is mostly history sent again \(\$0\.\d+\)/);
  });

  test('is refused where causes do not add up to the bill', () => {
    const [classic, programs] = lookup();
    const wrong = structuredClone(classic as NonNullable<typeof classic>);
    const [row] = wrong.result.ledger;
    if (row?.costUsd) row.costUsd.cached += 0.001;
    const run = makeRun([wrong, programs as NonNullable<typeof programs>]);
    expect(() => runPage(run)).toThrow(InfrastructureError);
    expect(() => runPage(run)).toThrow(/causes of lookup, classic, sum to/);
  });

  test('is refused where the requests of a trace do not add up to the bill', () => {
    const [classic, programs] = lookup();
    const wrong = structuredClone(classic as NonNullable<typeof classic>);
    const billed = wrong.events.find((event) => event.event === 'billed');
    if (billed?.event === 'billed') {
      billed.bill.fresh -= 100;
      billed.bill.cacheRead += 100;
    }
    const run = makeRun([wrong, programs as NonNullable<typeof programs>]);
    expect(() => runPage(run)).toThrow(/requests in the trace of lookup, classic sum to .* USD/);
  });

  test('holds every trace so that it is read back as it was, with calls of programs apart', () => {
    const result = '\0not a number: '.padEnd(400, 'x');
    const trials = [
      makeTrial(
        { scenario: 'lookup', variant: 'classic', pattern: 'classic' },
        classicTurns(3, { text: () => result }),
      ),
      makeTrial(
        { scenario: 'lookup', variant: 'classic-search', pattern: 'classic' },
        classicTurns(2, { text: () => result }),
      ),
      makeTrial({ scenario: 'lookup', variant: 'code', pattern: 'code' }, codeTurns(4)),
    ];
    const page = runPage(makeRun(trials));
    const { workflows } = inflated<PageData>(page, 'data');
    const entries = new Map(workflows[0]?.traces.map((entry) => [entry.key, entry]));
    const traceOf = (key: string) =>
      unpackTrace((entries.get(key)?.blocks ?? []).map((at) => inflated<PackedBlock>(page, `block-${at}`)));
    const search = traceOf('classic-search');
    expect(search.trips.map(({ added }) => JSON.stringify(added).includes(JSON.stringify(result)))).toEqual([
      false,
      true,
      true,
    ]);
    // The long result stands in the page once.
    const own = entries.get('classic-search')?.blocks ?? [];
    expect(own.length).toBe(2);
    expect(inflated<PackedBlock>(page, `block-${own.at(-1)}`).texts).toEqual([]);
    const programs = traceOf('code');
    expect(programs.calls.map(({ program, trip }) => [program, trip])).toEqual(
      Array.from({ length: 4 }, () => ['0123456789ab', 1]),
    );
    expect(programs.calls.map(({ attempts }) => attempts)).toEqual([2, undefined, undefined, undefined]);
    expect(programs.trips.map(({ echoes }) => echoes)).toEqual([false, true, true]);
    const sums = programs.trips.map(({ prompt }) => prompt.reduce((sum, tokens) => sum + tokens, 0));
    expect(sums).toEqual(programs.trips.map(({ bill }) => bill.input));
  });

  test('keeps to its size: cuts long texts of what a verdict compares, and leaves other trials out', () => {
    // Random letters cannot be deflated much.
    let seed = 1;
    const noise = (length: number) =>
      Array.from({ length }, () => {
        seed = (seed * 48_271) % 2_147_483_647;
        return String.fromCharCode(33 + (seed % 90));
      }).join('');
    const classic = (variant: string) =>
      makeTrial(
        { scenario: 'lookup', variant, pattern: 'classic' },
        classicTurns(3, { text: () => noise(40_000) }),
      );
    const programs = makeTrial({ scenario: 'lookup', variant: 'code', pattern: 'code' }, codeTurns(2));
    const run = makeRun([classic('classic'), classic('classic-search'), programs]);
    const { blocks, workflows } = chooseTraces(describePage(run).workflows, run, 60_000);
    expect(blocks.reduce((sum, block) => sum + block.toString('base64').length, 0)).toBeLessThan(60_000);
    const [first, second, third] = workflows[0]?.traces ?? [];
    expect([first, second, third].map((entry) => [entry?.key, entry?.blocks])).toEqual([
      ['classic', [0]],
      ['code', [1]],
      ['classic-search', undefined],
    ]);
    const { texts } = JSON.parse(inflateRawSync(blocks[0] as Buffer).toString()) as PackedBlock;
    expect(Math.max(...texts.map((text) => text.length))).toBe(12_000);
  });

  test('holds a run against an earlier one: what changed, and the requests of both beside each other', () => {
    const [earlier, later] = [4, 6].map((calls) =>
      makeRun([
        makeTrial({ scenario: 'lookup', variant: 'classic', pattern: 'classic' }, classicTurns(calls)),
        makeTrial({ scenario: 'lookup', variant: 'code', pattern: 'code' }, codeTurns(calls)),
      ]),
    ) as [RunFiles, RunFiles];
    const [before, after] = [earlier, later].map(({ summary, record, trials }) =>
      collect({ summary, run: record, tools: [], trials: [...trials] }),
    ) as [Baseline, Baseline];
    const page = runPage(later, {
      before: { files: { ...earlier, name: 'older' }, comparison: compare(before, after) },
    });
    const data = inflated<PageData>(page, 'data');
    const [workflow] = data.workflows;
    expect(data.held).toEqual({ run: 'older', notes: [] });
    expect(textOf(workflow?.since ?? '')).toMatch(/classic round trips 5 7 \+2, \+40 %/);
    expect(workflow?.traces.map(({ key, roundTrips }) => [key, roundTrips])).toEqual([
      ['classic', 7],
      ['code', 3],
      ['before:classic', 5],
      ['before:code', 3],
    ]);
    const drawnPage = drawWorkflow(workflow as NonNullable<typeof workflow>, data, startState(), 1056).text;
    expect(drawnPage).toContain('href="#trace/lookup/before%3Aclassic/classic"');
  });

  test('filters by words and by advice, and sorts both ways', () => {
    const data = describePage(
      makeRun([
        ...lookup(),
        makeTrial({ scenario: 'other', variant: 'classic', pattern: 'classic' }, classicTurns(1)),
        makeTrial({ scenario: 'other', variant: 'code-typed', pattern: 'code' }, codeTurns(1)),
      ]),
    );
    const names = (state: Partial<ReturnType<typeof startState>>) =>
      chosenWorkflows(data, { ...startState(), ...state }).map(({ name }) => name);
    expect(names({ filter: { text: 'TYPED' } })).toEqual(['other']);
    expect(names({ filter: { text: '', advice: 'neither' } })).toEqual([]);
    expect(names({ sort: { key: 'classic', direction: 1 } })).toEqual(['other', 'lookup']);
    expect(names({ sort: { key: 'classic', direction: -1 } })).toEqual(['lookup', 'other']);
  });

  test('says what was not right, what was not measured, and what has no price', () => {
    const hypothetical = textOf(drawn(dataOf(kinds['a hypothetical result'] as Summary)));
    expect(hypothetical).toContain('Request 2 needs 1,200,000 tokens; the window holds 1,000,000.');
    expect(hypothetical).toContain('no answer would be $90.00');
    const ended = textOf(drawn(dataOf(kinds['what infrastructure ended'] as Summary)));
    expect(ended).toContain('ended with code 9');
    expect(ended).toContain('not measured');
    expect(textOf(drawn(dataOf(kinds['a partial run'] as Summary)))).toContain(
      'Partial run: 1 of 4 trials have ended.',
    );
    const several = textOf(drawn(dataOf(kinds['several trials'] as Summary)));
    expect(several).toContain('50 % [20 %, 80 %]');
    expect(several).toContain('right, 2 of 4');
  });

  test('says of wrong answers only what it knows, where a variant that is not compared gave one', () => {
    const [classic, programs] = lookup() as [Trial, Trial];
    const other = makeTrial(
      { scenario: 'lookup', variant: 'classic-search', pattern: 'classic' },
      classicTurns(4),
    );
    const wrong = { ...other, result: { ...other.result, correct: 0, reason: 'It is not 42.' } };
    const data = describePage(makeRun([classic, programs, wrong]));
    const overview = textOf(drawOverview(data, startState(), 1056).text);
    expect(overview).toContain('2 of 3 trials right, 1 not right');
    expect(overview).not.toContain('Every answer equals the truth');
    expect(overview).toContain('No variant that a verdict compares gave a wrong answer.');
    expect(textOf(data.workflows[0]?.details ?? '')).toContain('It is not 42.');
  });

  test('says of each variant what it showed of canaries, and which faults it met', () => {
    const canaries = { returned: 412, reached: 7, bytes: 9_800 };
    const faults = { met: { busy: 2 }, retried: 2, gaveUp: 0, wroteTwice: 0, silent: 0 };
    const summary = makeSummary([result({ canaries, faults }), code()], [verdict('either')]);
    const [workflow] = dataOf(summary).workflows;
    const details = textOf(workflow?.details ?? '');
    expect(details).toMatch(/of them shown to it.* 412 7 9.8 kB/s);
    expect(details).toContain('2 (2 busy)');
  });

  test('names one scenario at two sizes apart', () => {
    const sized = (size: number) => [result({ params: { size } }), code({ params: { size } })];
    const summary = makeSummary(
      [...sized(1), ...sized(2)],
      [1, 2].map((size) => verdict('either', { params: { size } })),
    );
    expect(dataOf(summary).workflows.map(({ id, params }) => [id, params])).toEqual([
      ['scene-1', ['size=1']],
      ['scene-2', ['size=2']],
    ]);
  });

  test('reckons a month for one tenant and for all, and says where a pattern cannot do the work', () => {
    const data = dataOf(kinds['a hypothetical result'] as Summary);
    const text = textOf(drawOverview(data, { ...startState(), runs: 100, tenants: 3 }, 1056).text);
    expect(text).toContain('As recommended here $1.00 $3.00');
    expect(text).toMatch(
      /Classic for all one workflow has no right answer or no price that way not possible/,
    );
  });

  test('shows text of servers, models and scenarios as nothing but text, with hidden characters made visible', () => {
    const evil = `<script>alert("1")</script><b onclick='x'>&amp;\u202egnp\u200b`;
    const named = { scenario: evil, params: { [evil]: evil } };
    const hostile = { ...named, model: evil, reason: evil, correct: 0 };
    const summary = makeSummary(
      [result({ ...hostile, variant: evil }), code(hostile)],
      [
        verdict('code', {
          ...named,
          reason: evil,
          sides: { classic: sideOf(evil), code: sideOf('code') },
          flips: {
            items: {
              param: evil,
              now: 1,
              tried: [{ at: 1, pattern: 'code', because: 'value', padded: null }],
            },
            assumptions: [],
          },
        } satisfies Partial<Verdict>),
      ],
      { model: evil, latencyProfile: evil, forced: [evil] },
    );
    const html = drawn(dataOf(summary));
    expect(html).not.toMatch(/<script|<b |onclick='|[\u202e\u200b]/);
    const page = runPage(runFilesOf(summary));
    expect(page.match(/<script/g)).toHaveLength(2);
    const shown = `<script>alert("1")</script><b onclick='x'>&amp;\\u{202e}gnp\\u{200b}`;
    expect(textOf(html).split(shown).length).toBeGreaterThan(10);
  });

  test('takes the first sentence of a verdict as its heading, and no figure apart', () => {
    expect(splitSentence('Use code: 1.6 times as much, $0.02 a run. Both were right.')).toEqual([
      'Use code: 1.6 times as much, $0.02 a run.',
      'Both were right.',
    ]);
    expect(splitSentence('Use neither')).toEqual(['Use neither', '']);
  });
});
