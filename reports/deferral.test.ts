import { describe, expect, test } from 'vitest';
import { findModel } from '../harness/meter/catalogue.ts';
import { type Surroundings, weighDeferrals } from '../harness/meter/deferral.ts';
import { describeDeferral } from './tools.ts';

const sonnet = findModel('claude-sonnet-5');
const about = { model: sonnet.id, method: 'estimated', unreached: [] };

function describeFor(tools: number, changed: Partial<Surroundings> = {}): string {
  const deferral = weighDeferrals(
    { model: sonnet, definition: 400, prompt: 2_000, searchTool: 100, found: 5, ...changed },
    tools,
  );
  return describeDeferral(deferral, about);
}

describe('whether deferring pays, in words', () => {
  test('fits 80 columns for one tool and for the largest servers', () => {
    for (const text of [describeFor(1), describeFor(309), describeFor(309, { definition: 2_000 })]) {
      expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
    }
  });

  test('shows both where it saves and where it costs more, and the share of the window', () => {
    const text = describeFor(40);
    expect(text).toContain('40 definitions take 16,000 tokens, 1.6 % of the window');
    expect(text).toMatch(/^\| +1 \| +−\$[\d.]+ /m);
    expect(text).toMatch(/^\| +10 \| +\+\$[\d.]+ /m);
    expect(text).toMatch(
      /advises to defer beyond 1–5 % of the window\.\nHere it pays from 0\.\d % to \d\.\d % on/,
    );
  });

  test('counts in tokens where the model has no price, and says so', () => {
    const text = describeFor(40, { model: { ...sonnet, prices: [] } });
    expect(text).toContain('billed tokens');
    expect(text).not.toContain('$');
  });

  test('of no tools says that there is nothing to defer', () => {
    expect(describeFor(0)).toContain('There is nothing to defer.');
  });

  test('names the servers that could not be asked', () => {
    const deferral = weighDeferrals(
      { model: sonnet, definition: 400, prompt: 0, searchTool: 0, found: 5 },
      1,
    );
    const unreached = [{ server: 'gone', error: 'It did not start.' }];
    expect(describeDeferral(deferral, { ...about, unreached })).toContain(
      'Not measured: gone. It did not start.',
    );
  });
});
