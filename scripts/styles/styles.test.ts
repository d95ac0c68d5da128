import { describe, expect, test } from 'vitest';
import { createInProcessSandbox } from '../../harness/sandbox/testing/in-process.ts';
import { loadScenarios } from '../../harness/scenario/load.ts';
import { makeFolder } from '../../harness/testing/command-line.ts';
import { planInStyle, restyle } from './restyle.ts';

const sandbox = createInProcessSandbox();

describe('a program in another style', () => {
  test('does the same with each item of a list, and with calls that are written out', () => {
    const body =
      'const a = await Promise.all(xs.map(async (x: number) => Promise.all([f(x), g(x)])));\nreturn a;';
    const [, first, second] = restyle(body, 'loop')?.split(/^(?=const a)|^(?=return a)/m) ?? [];
    expect(first).toBe(
      'const a = await inStyle(xs, async (x: number) => inStyle([() => f(x), () => g(x)], (call) => call()));\n',
    );
    expect(second).toBe('return a;');
  });

  test('is none where nothing is asked at the same time', () => {
    expect(restyle('for (const x of xs) await f(x);', 'loop')).toBeUndefined();
  });
});

test('a bundled workflow asks for the same calls together, in whichever style its program is written', async () => {
  const [scenario] = await loadScenarios(['crm-tag-cleanup']);
  if (!scenario) throw new Error('There is no crm-tag-cleanup.');
  const planned = [];
  for (const style of ['all at once', 'loop', 'all at once, the last first']) {
    planned.push(
      await planInStyle(scenario, style, { sandbox, folder: makeFolder({}), params: { contacts: '60' } }),
    );
  }
  expect(planned[0]).toContain('"played":"ahead"');
  expect(planned[0]?.match(/untag_contact/g)?.length).toBeGreaterThan(2);
  expect(new Set(planned).size).toBe(1);
});
