import { describe, expect, test } from 'vitest';
import { workRecordSchema } from '../results/trace.ts';
import type { Connections } from '../tools/mcp/connections.ts';
import { createRedact } from '../tools/mcp/secrets.ts';
import type { Tool } from '../tools/mcp/surface.ts';
import { WorkRecorder, type WorkSettings } from '../tools/work-recorder.ts';
import { findUnequalWork, type TrialWork } from './find-unequal.ts';

const signal = new AbortController().signal;
const query = makeTool('query', true);
const reorder = makeTool('reorder', false);

function makeTool(name: string, readOnlyHint: boolean): Tool {
  return {
    server: 'stock',
    name,
    identifier: name,
    description: '',
    inputSchema: { type: 'object' },
    annotations: { readOnlyHint },
  };
}

type Asked = [tool: Tool, args: Record<string, unknown>, answer: string, isError?: boolean];

/** What is recorded of a trial that asks this, one call after another. */
async function record(calls: Asked[], settings: Partial<WorkSettings> = {}) {
  const recorder = new WorkRecorder({ directory: '/tmp/trial-1', volatile: undefined, ...settings });
  for (const [tool, args, text, isError = false] of calls) {
    const call: Connections['call'] = async () => ({ text, isError, isJson: !isError && /^[[{]/.test(text) });
    await recorder.watch({ call }).call(tool, args, signal);
  }
  return workRecordSchema.parse(recorder.read());
}

async function trial(
  variant: string,
  calls: Asked[],
  { repeat = 1, dataSeed = 1, isComputed = true, ...settings }: Partial<TrialWork & WorkSettings> = {},
): Promise<TrialWork> {
  return { variant, repeat, dataSeed, isComputed, work: await record(calls, settings) };
}

const short: Asked = [query, { below: 10 }, '[{"id":1,"stock":7},{"id":2,"stock":3}]'];
const none: Asked = [query, { below: 10 }, '[]'];
const order = (id: number, answer = `{"id":${id},"ordered":1}`): Asked => [reorder, { id }, answer];

describe('the same call in all trials of a scenario', () => {
  test('gives nothing to report where every result is the same', async () => {
    const work = [short, order(1), order(2), none] as Asked[];
    expect(findUnequalWork([await trial('classic', work), await trial('code', work)])).toEqual([]);
  });

  test('is named, with its arguments and the first part that differs', async () => {
    const trials = [await trial('classic', [short, order(1)]), await trial('code', [none])];
    expect(findUnequalWork(trials)).toEqual([
      {
        server: 'stock',
        tool: 'query',
        occurrence: 1,
        variants: ['classic', 'code'],
        difference:
          'asked with {"below":10}: [{"id":1,"stock":7},{"id":2,"stock":3}] and [] (39 and 2 bytes)',
      },
    ]);
  });

  test('is looked for in further trials of one variant, and in calls that the first trial did not make', async () => {
    const trials = [
      await trial('classic', [short]),
      await trial('code', [short, [query, { below: 99 }, '[1]']]),
      await trial('code', [short, [query, { below: 99 }, '[2]']], { repeat: 2 }),
    ];
    expect(findUnequalWork(trials)).toMatchObject([
      { tool: 'query', variants: ['code (trial 1)', 'code (trial 2)'] },
    ]);
  });

  test('may be asked in another order, and with its arguments in another order', async () => {
    const one: Asked[] = [
      [query, { a: 1, b: 2 }, '[1]'],
      [query, { a: 2 }, '[2]'],
    ];
    const other: Asked[] = [
      [query, { a: 2 }, '[2]'],
      [query, { b: 2, a: 1 }, '[1]'],
    ];
    expect(findUnequalWork([await trial('classic', one), await trial('code', other)])).toEqual([]);
  });

  test('that ended with an error differs from one with the same text', async () => {
    const trials = [
      await trial('classic', [[query, {}, 'locked']]),
      await trial('code', [[query, {}, 'locked', true]]),
    ];
    expect(findUnequalWork(trials)[0]?.difference).toContain('locked and error: locked');
  });

  test('is not compared across seeds of the data', async () => {
    const trials = [await trial('classic', [short]), await trial('classic', [none], { dataSeed: 2 })];
    expect(findUnequalWork(trials)).toEqual([]);
  });

  test('shows the surroundings of a difference deep in a long result, escaped and cut', async () => {
    const long = (end: string): Asked => [query, {}, JSON.stringify({ text: `${'x'.repeat(500)}${end}` })];
    const trials = [await trial('classic', [long('\u202eA')]), await trial('code', [long('B')])];
    const { difference = '' } = findUnequalWork(trials)[0] ?? {};
    expect(difference).toContain('…xxxxxxxxxxxxxxxxxxxx\\u{202e}A"}');
    expect(difference.length).toBeLessThan(300);
    const far = (end: string): Asked => [query, {}, `${'y'.repeat(5_000)}${end}`];
    expect(
      findUnequalWork([await trial('classic', [far('a')]), await trial('code', [far('bc')])])[0]?.difference,
    ).toBe('asked with {}: alike in their first 2,000 characters, 5,001 and 5,002 bytes');
  });
});

describe('after writes of the trial itself', () => {
  test('the same place in the same work is compared where decisions were computed', async () => {
    const classic = await trial('classic', [short, order(1), none]);
    const code = await trial('code', [short, order(1), [query, { below: 10 }, '[{"id":9,"stock":1}]']]);
    expect(findUnequalWork([classic, code])).toMatchObject([{ tool: 'query', occurrence: 2 }]);
  });

  test('a read that one trial made before its write and another after it is compared', async () => {
    const ahead = (answer: Asked) => trial('classic', [answer, order(1)]);
    const code = await trial('code', [order(1), none]);
    expect(findUnequalWork([await ahead(none), code])).toEqual([]);
    expect(findUnequalWork([await ahead(short), code])).toMatchObject([{ tool: 'query', occurrence: 1 }]);
  });

  test('a look that only one variant takes first is compared with reads before writes alone', async () => {
    const classic = await trial('classic', [order(1), none]);
    const code = await trial('code', [short, order(1), none]);
    expect(findUnequalWork([classic, code])).toEqual([]);
  });

  test('nothing is compared where trials asked more or less often', async () => {
    const classic = await trial('classic', [order(1), none, order(2), short]);
    const code = await trial('code', [order(1), order(2), short]);
    expect(findUnequalWork([classic, code])).toEqual([]);
  });

  test('a write that finds its work done is named', async () => {
    const trials = [await trial('classic', [order(1)]), await trial('code', [order(1, '{"ordered":0}')])];
    expect(findUnequalWork(trials)).toMatchObject([{ tool: 'reorder' }]);
  });

  test('sampled trials are compared up to their first write, and it', async () => {
    const sampled = { isComputed: false };
    const own: Asked[] = [short, order(1), none];
    const others: Asked[] = [short, order(1), short];
    expect(
      findUnequalWork([await trial('classic', own, sampled), await trial('code', others, sampled)]),
    ).toEqual([]);
    const late: Asked[] = [short, order(1, '{"ordered":0}')];
    expect(
      findUnequalWork([await trial('classic', own, sampled), await trial('code', late, sampled)]),
    ).toMatchObject([{ tool: 'reorder' }]);
    const leaked: Asked[] = [none];
    expect(
      findUnequalWork([await trial('classic', own, sampled), await trial('code', leaked, sampled)]),
    ).toMatchObject([{ tool: 'query' }]);
  });
});

describe('what may differ', () => {
  const answer = (id: string, at: string) =>
    `{"id":"${id}","items":[{"id":1,"at":"${at}"}],"note":"sent ${at}"}`;
  const trialsWith = async (volatile: (string | RegExp)[]) => {
    const settings = { volatile: { stock: { reorder: volatile } } };
    return [
      await trial('classic', [order(1, answer('a', '10:01'))], settings),
      await trial('code', [order(1, answer('b', '10:02'))], settings),
    ];
  };

  test.each<[string, (string | RegExp)[], number]>([
    ['names of fields and a pattern', ['id', 'at', /\d\d:\d\d/], 0],
    ['a path from the root', ['id', 'items[].at', 'note'], 0],
    ['too little', ['id', 'at'], 1],
    ['a path that leads elsewhere', ['items[].id', 'at', 'note'], 1],
  ])('is left out by %s', async (_, volatile, found) => {
    expect(findUnequalWork(await trialsWith(volatile))).toHaveLength(found);
  });

  test('a sampled trial that looked twice before its write is not held against a computed one that looked after it', async () => {
    const computed = await trial('schedule', [short, order(1), none]);
    const sampled = await trial('code', [short, short, order(1)], { isComputed: false });
    expect(findUnequalWork([computed, sampled])).toEqual([]);
    expect(findUnequalWork([sampled, computed])).toEqual([]);
    const other = await trial('code', [none, short, order(1)], { isComputed: false });
    expect(findUnequalWork([computed, other])).toHaveLength(1);
  });

  test("the name of the trial's own folder is no difference, in arguments nor in results", async () => {
    const inFolder = (folder: string): Asked[] => [[query, { path: `${folder}/a` }, `[FILE] ${folder}/a`]];
    const trials = [
      await trial('classic', inFolder('/tmp/one'), { directory: '/tmp/one' }),
      await trial('code', inFolder('/tmp/two'), { directory: '/tmp/two' }),
    ];
    expect(findUnequalWork(trials)).toEqual([]);
    expect(trials[0]?.work.calls[0]?.[1]).toBe(trials[1]?.work.calls[0]?.[1]);
  });
});

describe('the record of a trial', () => {
  test('keeps nothing of a secret that is longer than its mark, wherever the reading ends', async () => {
    const secret = `sk-${'0123456789'.repeat(90)}-end`;
    const redact = createRedact([{ value: secret, place: 'variable T' }]);
    const { texts } = await record([[query, {}, secret.repeat(20)]], { redact });
    expect(JSON.stringify(texts)).toContain('[redacted: variable T]');
    expect(JSON.stringify(texts)).not.toContain('0123456789');
  });

  test('takes calls in the order in which they were asked, however they are answered', async () => {
    const recorder = new WorkRecorder({ directory: '/none', volatile: undefined });
    const waiting: ((text: string) => void)[] = [];
    const { call } = recorder.watch({
      call: () =>
        new Promise((done) => waiting.push((text) => done({ text, isError: false, isJson: false }))),
    });
    const all = ['a', 'b', 'c'].map((id) => call(reorder, { id }, signal));
    for (const index of [2, 0, 1]) waiting[index]?.(`answer ${index}`);
    await Promise.all(all);
    const { calls, texts } = recorder.read();
    expect(calls.map(([, args, result]) => [texts[args], texts[result]])).toEqual([
      ['{"id":"a"}', 'answer 0'],
      ['{"id":"b"}', 'answer 1'],
      ['{"id":"c"}', 'answer 2'],
    ]);
    expect(calls.map(([, , , , written]) => written)).toEqual([false, true, true]);
  });

  test('stays small over thousands of calls with large results', async () => {
    const calls = Array.from(
      { length: 21_000 },
      (_, id): Asked => [query, { id }, `${'z'.repeat(3_000)}${id}`],
    );
    const work = await record(calls);
    expect(work.left).toBe(1_000);
    expect(work.calls).toHaveLength(20_000);
    expect(JSON.stringify(work).length).toBeLessThan(1_500_000);
    const changed = calls.map(([tool, args, text], id): Asked => [tool, args, id === 19_000 ? 'gone' : text]);
    const trials = [await trial('classic', calls), await trial('code', changed)];
    expect(findUnequalWork(trials)).toMatchObject([
      { tool: 'query', difference: expect.stringContaining('3,005 and 4 bytes, their text is not kept') },
    ]);
  });
});
