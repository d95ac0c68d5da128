import { expect, test } from 'vitest';
import type { JsonObject } from '../../json.ts';
import { createInProcessSandbox } from '../../sandbox/testing/in-process.ts';
import type { Surface } from '../../tools/mcp/surface.ts';
import { SchedulePlayer, Translation } from './player.ts';
import { findLevels, type MadeCall, type RunCounterfactual } from './schedule.ts';
import { type LeftSchedule, openStep } from './scripted-model.ts';

const own = { directory: '/none', volatile: new Map() };
const step = (n: number): MadeCall => ({
  server: 'shop',
  tool: 'step',
  args: { n },
  writes: false,
  result: { ok: true, valueJson: `{"n":${n + 1}}` },
});

test('a chain that takes too long is scheduled from its start for as long as it may take', async () => {
  const calls = Array.from({ length: 10 }, (_, n) => step(n));
  const shapes: string[] = [];
  const run: RunCounterfactual = async (shape, answered) => {
    shapes.push(shape);
    const isConclusive = shape !== 'waiting';
    return { asked: new Set([answered.size]), isConclusive, standIns: shape, work: 10 };
  };
  const levels = await findLevels(calls, run, { pinned: new Set(), mostWork: 80 });
  expect(levels.map((level) => level.map(({ args }) => args))).toEqual([0, 1, 2, 3].map((n) => [{ n }]));
  // One run with foreign results shows that nothing else can be asked for.
  expect(shapes).toEqual([0, 1, 2, 3].flatMap(() => ['waiting', 'first']));
});

test('a program that cannot be run again has no schedule, and is not tried call by call', async () => {
  const calls = Array.from({ length: 1_000 }, (_, n) => step(n));
  let runs = 0;
  const run: RunCounterfactual = async () => {
    runs += 1;
    return { asked: new Set(), isConclusive: false, standIns: '', work: 0 };
  };
  expect(await findLevels(calls, run, { pinned: new Set(), mostWork: 1_000_000 })).toEqual([]);
  expect(runs).toBe(1);
});

/** Plays a chain of three calls by these levels; gives what was asked for, and where the schedule was left. */
async function play(levels: JsonObject[][], cut?: string) {
  const surface = [{ server: 'shop', tools: [{ identifier: 'step' }] }] as unknown as Surface;
  const body = `
    let n = 0;
    for (let time = 0; time < 3; time += 1) n = (await mcp.shop.step({ n })).n;
    return n;`;
  const plan = {
    ...{ modelId: 'model', steps: [], input: {}, surface, cpuMs: undefined, own },
    sources: [{ body, input: undefined, lines: [] }],
  };
  const { signal } = new AbortController();
  const program = await openStep(plan, createInProcessSandbox(), 0, {}, signal);
  const asked: unknown[] = [];
  const left: LeftSchedule[] = [];
  const player = new SchedulePlayer(program, {
    levels: levels.map((level) => level.map((args) => ({ server: 'shop', tool: 'step', args }))),
    translation: new Translation('/none', own),
    cut,
    onLeave: (each) => left.push(each),
  });
  let returned = await player.answer([], signal);
  while (returned === undefined) {
    const { calls } = player.ask(10);
    asked.push(calls.map((call) => call.own.args.n));
    const results = calls.map((call) => {
      const text = `{"n":${Number(call.own.args.n) + 1}}`;
      return { call, text, result: { ok: true as const, valueJson: text } };
    });
    returned = await player.answer(results, signal);
  }
  return { asked, left, returned };
}

test.each<[string, JsonObject[][], string | undefined, unknown[], LeftSchedule[]]>([
  ['is followed to its end', [[{ n: 0 }], [{ n: 1 }], [{ n: 2 }]], undefined, [[0], [1], [2]], []],
  [
    'that was cut off is followed as far as it goes',
    [[{ n: 0 }], [{ n: 1 }]],
    'it takes too long',
    [[0], [1], [2]],
    [{ calls: 2, because: 'it takes too long' }],
  ],
  [
    'is left where the program asks for something else',
    [[{ n: 0 }], [{ n: 5 }]],
    undefined,
    [[0], [1], [2]],
    [
      {
        calls: 1,
        because: 'shop.step was asked for with other arguments than when the schedule was found',
      },
    ],
  ],
  [
    'was no good where the program ends without its calls',
    [[{ n: 0 }, { n: 7 }], [{ n: 1 }], [{ n: 2 }]],
    undefined,
    [[0, 7], [1], [2]],
    [{ calls: 4, because: 'the program ended without calls that it made before' }],
  ],
])('a schedule %s', async (_, levels, cut, asked, left) => {
  expect(await play(levels, cut)).toEqual({ asked, left, returned: '3' });
});
