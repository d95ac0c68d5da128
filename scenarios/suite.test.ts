import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../harness/json.ts';
import { openTrialServers } from '../harness/run/trial-servers.ts';
import { askGiven, askServers, askTruth } from '../harness/scenario/ask.ts';
import { resolveParams } from '../harness/scenario/find.ts';
import { type Grades, grade } from '../harness/scenario/grade.ts';
import { loadScenarios } from '../harness/scenario/load.ts';
import type { GradeContext, Scenario } from '../harness/scenario/scenario.ts';
import { serversOf } from '../harness/scenario/servers.ts';
import { type Tool, toToolResult, toValue } from '../harness/tools/mcp/surface.ts';
import { loadMockServer, parseOptions } from '../mock-servers/load.ts';
import { type OpenMock, openMock } from '../mock-servers/open-mock.ts';

const scenarios = await loadScenarios([]);
const { mocks: withMocks = [], real: withRealServers = [] } = Object.groupBy(scenarios, (scenario) =>
  Object.values(askServers(scenario, contextOf(scenario))).every((server) => 'mock' in server)
    ? 'mocks'
    : 'real',
);
const signal = new AbortController().signal;

function contextOf(scenario: Scenario, given: Record<string, string> = {}) {
  return { params: resolveParams(scenario, given), seed: 1 };
}

type Context = ReturnType<typeof contextOf>;

async function openServers(scenario: Scenario, context: Context): Promise<Record<string, OpenMock>> {
  const opened: Record<string, OpenMock> = {};
  for (const [name, server] of Object.entries(askServers(scenario, context))) {
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

async function play(scenario: Scenario, context: Context, mcp: unknown): Promise<Json> {
  let input: JsonObject = { ...context.params, ...askGiven(scenario, context) };
  let seen: Json = null;
  for (const { program, look } of scenario.steps) {
    if (look) input = { ...input, ...look(seen, input) };
    seen = JSON.parse(JSON.stringify(await program(mcp as never, input as never))) as Json;
  }
  return seen;
}

function statesOf(opened: Record<string, OpenMock>) {
  return Object.fromEntries(Object.entries(opened).map(([name, mock]) => [name, mock.state()]));
}

async function gradeIn(
  scenario: Scenario,
  context: Context,
  answer: Json,
  left: Pick<GradeContext, 'trialDir' | 'states'>,
): Promise<Grades> {
  const truth = await askTruth(scenario, context, { signal });
  return grade(scenario, { ...context, ...left, truth, answer: JSON.stringify(answer) }, { signal });
}

/** Plays a program over servers that are started for it, as in a trial. */
async function playOverRealServers(scenario: Scenario): Promise<Grades> {
  const context = contextOf(scenario);
  const { params, seed } = context;
  const places = { mcpConfigFile: undefined, folder: scenario.folder, env: {} };
  const servers = serversOf(scenario, { params, seed }, places);
  const { connections, directory, close } = await openTrialServers(
    { scenario, params, dataSeed: seed, servers },
    { timeouts: { connectMs: 60_000, callMs: 60_000 }, signal, interrupt: signal },
  );
  const entries = connections.surface.map(({ server, tools }) => {
    const call = (tool: Tool) => async (args: Record<string, unknown>) => {
      const { isError, text } = await connections.call(tool, args, signal);
      if (isError) throw new Error(text);
      return toValue(text);
    };
    return [server, Object.fromEntries(tools.map((tool) => [tool.identifier, call(tool)]))];
  });
  try {
    const answer = await play(scenario, context, Object.fromEntries(entries));
    const left = { trialDir: directory, states: await connections.states() };
    return await gradeIn(scenario, context, answer, left);
  } finally {
    await close();
  }
}

/** Plays a program over mock servers in this process. Returns what graders found wrong. */
async function playOverMocks(scenario: Scenario, context: Context) {
  const opened = await openServers(scenario, context);
  const answer = await play(scenario, context, toMcp(scenario, opened));
  const left = { trialDir: '', states: statesOf(opened) };
  const { grades } = await gradeIn(scenario, context, answer, left);
  return grades.filter(({ correct }) => !correct);
}

test.each(withMocks)('$name: what its program answers and leaves behind is right', async (scenario) => {
  expect(await playOverMocks(scenario, contextOf(scenario))).toEqual([]);
});

test.each([
  ['commerce-large-orders', 'minTotal', 'min'],
  ['commerce-lost-parcels', 'contacts', 'max'],
  ['helpdesk-triage', 'contacts', 'max'],
  ['crm-search-listing', 'query', 'procurement newsletter'],
] as const)('%s: what its program answers is right where %s is %s', async (name, param, value) => {
  const scenario = scenarios.find((each) => each.name === name);
  if (!scenario) throw new Error(`there is no ${name}`);
  const ends = { min: undefined, max: undefined, ...scenario.params[param] };
  const given = value === 'min' || value === 'max' ? String(ends[value]) : value;
  expect(await playOverMocks(scenario, contextOf(scenario, { [param]: given }))).toEqual([]);
});

test.each(withMocks)('$name: an answer without work is wrong', async (scenario) => {
  const context = contextOf(scenario);
  const left = { trialDir: '', states: statesOf(await openServers(scenario, context)) };
  for (const answer of [null, [], {}, 0]) {
    const { correct } = await gradeIn(scenario, context, answer, left);
    expect(correct, JSON.stringify(answer)).toBe(false);
  }
});

test.each(withRealServers.filter(({ name }) => name !== 'memory-lost-writes'))(
  '$name: what its program answers and leaves behind is right',
  async (scenario) => {
    const { grades } = await playOverRealServers(scenario);
    expect(grades.filter(({ correct }) => !correct)).toEqual([]);
  },
);

test('writes that are made at once are lost, and no call tells it', async () => {
  const scenario = withRealServers.find(({ name }) => name === 'memory-lost-writes');
  if (!scenario) throw new Error('there is no memory-lost-writes');
  const { grades } = await playOverRealServers(scenario);
  const verdicts = grades.map(({ grader, correct }) => [grader, correct]);
  expect(verdicts).toEqual([
    ['answer', true],
    ['memory', false],
  ]);
});

test.each(scenarios)('$name says what it stresses and who should win', ({ stresses, prediction }) => {
  expect(stresses).toBeDefined();
  expect(prediction).toBeDefined();
});
