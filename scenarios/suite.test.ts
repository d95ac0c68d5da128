import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../harness/json.ts';
import { askGiven, askServers, askTruth } from '../harness/scenario/ask.ts';
import { grade } from '../harness/scenario/grade.ts';
import { loadScenarios } from '../harness/scenario/load.ts';
import { resolveParams } from '../harness/scenario/params.ts';
import type { Scenario } from '../harness/scenario/scenario.ts';
import { toToolResult, toValue } from '../harness/tools/mcp/surface.ts';
import { loadMockServer, parseOptions } from '../mock-servers/load.ts';
import { type OpenMock, openMock } from '../mock-servers/open-mock.ts';

const scenarios = await loadScenarios([]);
const withMocks = scenarios.filter((scenario) =>
  Object.values(askServers(scenario, contextOf(scenario))).every((server) => 'mock' in server),
);
const signal = new AbortController().signal;

function contextOf(scenario: Scenario) {
  return { params: resolveParams(scenario, {}), seed: 1 };
}

async function openServers(scenario: Scenario): Promise<Record<string, OpenMock>> {
  const opened: Record<string, OpenMock> = {};
  for (const [name, server] of Object.entries(askServers(scenario, contextOf(scenario)))) {
    if (!('mock' in server)) throw new Error(`${scenario.name}: ${name} is no mock server`);
    const mock = await loadMockServer(server.mock);
    opened[name] = openMock(mock, parseOptions(mock, server.options ?? {}));
  }
  return opened;
}

/** What programs get for `mcp`: tools that answer as they do in a run, without processes in between. */
function toMcp({ tools }: Scenario, opened: Record<string, OpenMock>): unknown {
  const entries = Object.entries(opened).map(([name, mock]) => {
    const call = (tool: string) => async (args: Record<string, unknown>) => {
      if (tools && !tools[name]?.includes(tool)) throw new Error(`${name}.${tool} is not granted`);
      const { isError, text } = toToolResult(mock.call(tool, structuredClone(args)));
      if (isError) throw new Error(text);
      return toValue(text);
    };
    return [name, Object.fromEntries(mock.definitions.map((tool) => [tool.name, call(tool.name)]))];
  });
  return Object.fromEntries(entries);
}

async function play(scenario: Scenario, mcp: unknown): Promise<Json> {
  const context = contextOf(scenario);
  let input: JsonObject = { ...context.params, ...askGiven(scenario, context) };
  let seen: Json = null;
  for (const { program, look } of scenario.steps) {
    if (look) input = { ...input, ...look(seen, input) };
    seen = JSON.parse(JSON.stringify(await program(mcp as never, input as never))) as Json;
  }
  return seen;
}

async function gradeAnswer(scenario: Scenario, answer: Json, opened: Record<string, OpenMock>) {
  const context = contextOf(scenario);
  const states = Object.fromEntries(Object.entries(opened).map(([name, mock]) => [name, mock.state()]));
  const truth = await askTruth(scenario, context, { signal });
  const given = { ...context, trialDir: '', truth, answer: JSON.stringify(answer), states };
  return grade(scenario, given, { signal });
}

test.each(withMocks)('$name: what its program answers and leaves behind is right', async (scenario) => {
  const opened = await openServers(scenario);
  const { grades } = await gradeAnswer(scenario, await play(scenario, toMcp(scenario, opened)), opened);
  expect(grades.filter(({ correct }) => !correct)).toEqual([]);
});

test.each(withMocks)('$name: an answer without work is wrong', async (scenario) => {
  const opened = await openServers(scenario);
  for (const answer of [null, [], {}, 0]) {
    expect((await gradeAnswer(scenario, answer, opened)).correct, JSON.stringify(answer)).toBe(false);
  }
});

test.each(scenarios)('$name says what it stresses and who should win', ({ stresses, prediction }) => {
  expect(stresses).toBeDefined();
  expect(prediction).toBeDefined();
});
