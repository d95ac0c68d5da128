import { describe, expect, test } from 'vitest';
import {
  type Result,
  type Summary,
  summaryFormat,
  summarySchema,
  type Verdict,
} from '../../harness/results/summary.ts';
import { trialResult } from '../../harness/run/testing/trial-result.ts';
import { sideOf, verdictOf as verdict } from '../../harness/run/testing/verdict.ts';
import { unbalanced } from '../testing/markup.ts';
import { toHtml } from './page.ts';

type Given = Parameters<typeof trialResult>[1];

const result = (given: Given): Result => trialResult(1, given).result;
const code = (given: Given = {}) => result({ variant: 'code', pattern: 'code', programs: 1, ...given });

/** A summary as it is read from disk, so that no page is made of what no run can leave. */
function summary(results: Result[], verdicts: Verdict[], more: Partial<Summary> = {}): Summary {
  return summarySchema.parse({
    format: summaryFormat,
    status: 'complete',
    evidence: 'live',
    model: 'claude-sonnet-5',
    latencyProfile: 'default',
    seed: 7,
    tokenCounts: {
      method: 'some vocabulary',
      label: 'estimated',
      assumed: [],
      toolUseSystemTokens: { tokens: 300, documented: true },
    },
    prices: { asOf: '2026-09-24', currency: 'USD' },
    planned: results.reduce((sum, { trials }) => sum + trials, 0),
    results,
    verdicts,
    ...more,
  });
}

const page = (...given: Parameters<typeof summary>) => toHtml(summary(...given));

/** What a reader sees, with the marks that separate elements gone. */
const textOf = (html: string) =>
  html
    .replace(/<style>.*?<\/style>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#(\d+);/g, (_, character) => String.fromCharCode(Number(character)))
    .replace(/\s+/g, ' ');

/** Cells of a row of the table in which it is found, by how the row begins. */
function cellsOf(html: string, row: string): string[] {
  const found = html.split('<tr>').find((text) => textOf(text).trim().startsWith(row));
  return [...(found ?? '').matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, cell = '']) => textOf(cell).trim());
}

/** Widths in percent of the parts of each bar. */
function barsOf(html: string): number[][] {
  return html
    .split('<div class="bar">')
    .slice(1)
    .map((bar) => [...(bar.split('</svg>')[0] ?? '').matchAll(/<rect class="(?!hyp)[^>]* width="([\d.]+)%/g)])
    .map((rects) => rects.map(([, width]) => Number(width)));
}

const kinds: Record<string, Summary> = {
  'two right results': summary([result({}), code()], [verdict('either')]),
  'a hypothetical result': summary([overflown(), code()], [verdict('code')]),
  'unpriced results': summary(
    [result({ costUsd: null, unpriced: true }), code({ costUsd: null, unpriced: true })],
    [verdict('either', { by: 'tokens' })],
  ),
  'a partial run': summary([result({})], [], { status: 'partial', planned: 4 }),
  'no result yet': summary([], [], { status: 'partial', planned: 4 }),
  'what infrastructure ended': summary([failed(), code()], [verdict('insufficient')]),
  'nothing that was measured': summary([failed()], []),
  'several trials': repeated(),
  'a bill that the estimate exceeds': summary([result({ remainder: -200 }), code()], [verdict('either')]),
};

function overflown(): Result {
  const tokens = { context: 9e6, billed: 9e6, input: 9e6, output: 0, cacheRead: 0, cacheWrite: 9e6 };
  return result({
    status: 'context_overflow',
    correct: 0,
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
        },
      ],
      costUsd: { cached: 90, uncached: 900 },
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
    },
  };
  return summary([result(several), code(several)], [verdict('insufficient')]);
}

describe('the page of a run', () => {
  test.each(Object.entries(kinds))('is whole and needs nothing else, of %s', (_, given) => {
    const html = toHtml(given);
    expect(unbalanced(html)).toEqual([]);
    expect(html).not.toMatch(/<script|<link|<img|@import|url\(|https?:|NaN|Infinity|undefined|\bnull\b/);
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, to] of html.matchAll(/(?:href="#|aria-labelledby=")([^"]+)"/g)) expect(ids).toContain(to);
    expect(toHtml(given)).toBe(html);
  });

  test('leads from each verdict to its section, and tells evidence, model, seed and date of prices first', () => {
    const other = { scenario: 'other', params: { size: 3 } };
    const html = page(
      [result({}), code(), result(other), code({ ...other, tokens: 3000 })],
      [verdict('either'), verdict('classic', other)],
    );
    const first = textOf(html.slice(0, html.indexOf('<main>')));
    for (const text of ['Evidence: live', 'claude-sonnet-5', 'Seed 7', '2026-09-24', '4 of 4 right']) {
      expect(first).toContain(text);
    }
    expect(html).toContain('<a href="#scenario-2">other</a>');
    expect(textOf(html.slice(html.indexOf('<section id="scenario-2"')))).toMatch(
      /^ ?other size=3 classic So it is classic\./,
    );
    expect(cellsOf(html, 'other')).toEqual([
      'classic',
      '$0.0100',
      '$0.0300',
      'code, 3.0 times',
      '2 / 2',
      'yes / yes',
    ]);
  });

  test('draws bars to one scale whose parts are as long as their tokens', () => {
    const [classic = [], programs = []] = barsOf(page([result({}), code({ tokens: 2000 })], []));
    // 1,000 and 100 tokens against 2,000 and 200, on an axis that ends at 2,500.
    expect(classic).toEqual([40, 4]);
    expect(programs).toEqual([80, 8]);
  });

  test('gives each bar a scale of its own where the shortest would vanish, says so, and shows the common one', () => {
    const html = page([result({}), code({ tokens: 30_000 })], []);
    for (const parts of barsOf(html)) expect(parts.reduce((sum, each) => sum + each, 0)).toBeCloseTo(100, 1);
    expect(textOf(html)).toContain('The longest bar stands for 30 times as much as the shortest');
    expect([...html.matchAll(/width:max\(2px,([\d.]+)%\)/g)].map(([, width]) => width)).toEqual([
      '3.33',
      '100.00',
    ]);
    expect(html).not.toContain('class="axis"');
  });

  test('names each part of a bar by a letter and in words, so that no colour is needed', () => {
    const html = page([result({}), code()], []);
    expect(html).toMatch(/<text class="on-tool_results"[^>]*>R<\/text>/);
    expect(html).toContain('classic: 1,100 billed tokens. tool results 91 %, final answer 9.1 %');
    expect(cellsOf(html, 'R tool results')).toEqual(['1,000 91 %', '1,000 91 %']);
  });

  test('tells what a job would have been with no window apart from what was billed', () => {
    const html = page([overflown(), code()], [verdict('code')]);
    expect(cellsOf(html, 'scene')).toEqual([
      'code',
      '$90.00, hypothetical',
      '$0.0100',
      'classic, 9,000 times, hypothetical',
      '500 / 2',
      'no: context overflow / yes',
    ]);
    expect(cellsOf(html, 'billed tokens 1')).toEqual(['1,100 100 %', '9,000,000 100 %', '1,100 100 %']);
    expect(html.match(/class="hypothetical"/g)).toHaveLength(1);
  });

  test('says what was not measured, what has no price and what a provider billed beyond the estimate', () => {
    expect(cellsOf(toHtml(kinds['what infrastructure ended'] as Summary), 'scene')).toEqual([
      'insufficient',
      'not measured',
      '$0.0100',
      '',
      'not measured / 2',
      'not measured / yes',
    ]);
    expect(textOf(toHtml(kinds['what infrastructure ended'] as Summary))).toContain('ended with code 9');
    expect(cellsOf(toHtml(kinds['unpriced results'] as Summary), 'scene').slice(1, 4)).toEqual([
      'unpriced',
      'unpriced',
      'about equal',
    ]);
    const counted = result({ remainder: 150 });
    const html = page([{ ...counted, tokens: { ...counted.tokens, billed: 1250 } }, code()], []);
    expect(cellsOf(html, '? not explained by the estimate')).toEqual(['150 12 %', '0']);
  });

  test('says of a partial run how much has ended, and that a verdict is outstanding', () => {
    const text = textOf(toHtml(kinds['a partial run'] as Summary));
    expect(text).toContain('Partial run: 1 of 4 trials have ended.');
    expect(text).toContain('outstanding Not every trial has ended.');
  });

  test('gives intervals, failures and means where there are several trials', () => {
    const text = textOf(toHtml(kinds['several trials'] as Summary));
    expect(text).toContain('means over the trials');
    expect(text).toContain('50 % [20 %, 80 %]');
    expect(text).toContain('1 of 2 (1 guest error)');
    expect(text).toContain('about 69 would');
  });

  test('keeps evidence of different kinds in figures of their own', () => {
    const html = page([result({ evidence: 'replayed' }), code()], [verdict('either')]);
    expect(html.match(/<figure class="bill">/g)).toHaveLength(2);
    expect(textOf(html)).toContain('Evidence: replayed and live, in figures of their own');
    expect(cellsOf(html, 'scene').at(-1)).toBe('replayed and live');
  });

  test('says what would flip a verdict, and what would not', () => {
    const at = (value: number) => ({ value, low: value, high: value });
    const flips: Verdict['flips'] = {
      assumptions: [
        { assume: 'uncached', pattern: 'classic', ratio: at(1.4) },
        { assume: 'warm', pattern: 'code', ratio: at(0.5) },
      ],
    };
    const text = textOf(page([result({}), code()], [verdict('code', { flips })]));
    expect(text).toMatch(
      /Changes without caching: code costs 1\.4 times as much \(1\.40 to 1\.40\) Holds with a warm cache/,
    );
  });

  test('shows text of servers, models and scenarios as nothing but text, with hidden characters made visible', () => {
    const evil = `<script>alert("1")</script><b onclick='x'>&amp;\u202egnp\u200b`;
    const named = { scenario: evil, params: { [evil]: evil } };
    const hostile = { ...named, model: evil, reason: evil, correct: 0 };
    const html = page(
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
        }),
      ],
      { model: evil, latencyProfile: evil, forced: [evil] },
    );
    expect(html).not.toMatch(/<script|<b |onclick='|[\u202e\u200b]/);
    expect(unbalanced(html)).toEqual([]);
    const shown = `<script>alert("1")</script><b onclick='x'>&amp;\\u{202e}gnp\\u{200b}`;
    const seen = html.replace(/&#(\d+);/g, (_, character) => String.fromCharCode(Number(character)));
    // Title, overview, section, parameters, reasons, figures, flips and method: wherever such text comes from.
    expect(seen.split(shown).length).toBeGreaterThan(15);
  });
});
