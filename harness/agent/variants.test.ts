import { describe, expect, test } from 'vitest';
import type { Json } from '../json.ts';
import { createInProcessSandbox } from '../sandbox/testing/in-process.ts';
import { runScripted, type ScriptedRun, type TestTool, tokensOf } from './patterns/testing/run-scripted.ts';
import { listVariants } from './variants.ts';

const sandbox = createInProcessSandbox();

const note = (id: unknown) => ({ id: Number(id), text: `note number ${id} about the weather` });

const tools: TestTool[] = [
  { name: 'read_note', description: 'Reads one note.', answer: ({ id }) => note(id) },
  { name: 'list_notes', description: 'Lists ids.', answer: () => ({ ids: [1, 2, 3] }) },
  { name: 'mark_note', description: 'Marks a note.', answer: ({ id }) => ({ marked: Number(id) }) },
  ...Array.from({ length: 8 }, (_, index) => ({
    name: `unrelated_${index}`,
    description: 'Does something else entirely.',
    answer: (): Json => null,
  })),
];

/** Lists, then reads: the second batch of calls depends on the first. */
const listAndRead = {
  tools,
  program: `async function program(mcp) {
    const { ids } = await mcp.notes.list_notes({});
    const read = await Promise.all(ids.map((id) => mcp.notes.read_note({ id })));
    return read.map(({ text }) => text.length);
  }`,
};

/** Reads two notes, which are judged, then marks the chosen one. */
async function readBoth() {}
async function markChosen() {}
const readAndMark = {
  tools,
  program: `async function readBoth(mcp, { ids }) {
    return Promise.all(ids.map((id) => mcp.notes.read_note({ id })));
  }
  async function markChosen(mcp, { chosen }) {
    return mcp.notes.mark_note({ id: chosen.id });
  }`,
  steps: [
    { program: readBoth },
    { look: (seen: Json) => ({ chosen: (seen as Json[])[1] ?? null }), program: markChosen },
  ],
  input: { ids: [4, 5] },
};

const answer = ({ outcome }: ScriptedRun) =>
  outcome.status === 'completed' ? JSON.parse(outcome.answer) : outcome;
const toolNames = ({ requests }: ScriptedRun) =>
  requests[0]?.tools?.map((tool) => ('name' in tool ? tool.name : ''));
const uses = ({ requests }: ScriptedRun) =>
  (requests.at(-1)?.messages ?? []).flatMap(({ role, content }) =>
    role === 'assistant' && Array.isArray(content)
      ? content.flatMap((block) => (block.type === 'tool_use' ? [block] : []))
      : [],
  );

describe.each(listVariants().map(({ name }) => name))('%s', (name) => {
  test('makes the same calls and comes to the same answer', async () => {
    const [first, second] = await Promise.all([
      runScripted(name, listAndRead, sandbox),
      runScripted(name, readAndMark, sandbox),
    ]);
    expect(answer(first)).toEqual([1, 2, 3].map((id) => note(id).text.length));
    expect(first.calls).toEqual(['list_notes', 'read_note', 'read_note', 'read_note']);
    expect(answer(second)).toEqual({ marked: 5 });
    expect(second.calls).toEqual(['read_note', 'read_note', 'mark_note']);
  });
});

describe('a reference program with functions beside it', () => {
  const program = `const of = (read) => read.text.length;

async function program(mcp, { ids }) {
  const read = await Promise.all(ids.map((id) => mcp.notes.read_note({ id })));
  return read.map(of);
}`;

  test.each(['classic', 'code'])('runs as one in %s, and fails with the line of the file', async (name) => {
    const input = { ids: [1, 2] };
    const run = await runScripted(name, { tools, program, input }, sandbox);
    expect(answer(run)).toEqual([1, 2].map((id) => note(id).text.length));
    const failing = program.replace('read.text.length', 'read.text.lines.length');
    const { outcome } = await runScripted(name, { tools, program: failing, input }, sandbox);
    expect(outcome).toMatchObject({
      status: 'model_stopped',
      reason: expect.stringMatching(/^The reference program failed: .*TypeError: .* \(program\.ts:1\)$/),
    });
  });
});

describe('classic-search', () => {
  test('sends every definition deferred and pays, as discovery, for those alone that a search found', async () => {
    const [search, classic] = await Promise.all([
      runScripted('classic-search', listAndRead, sandbox),
      runScripted('classic', listAndRead, sandbox),
    ]);
    const deferred = search.requests[0]?.tools?.filter(
      (tool) => 'defer_loading' in tool && tool.defer_loading,
    );
    expect(deferred).toHaveLength(tools.length);
    expect(tokensOf(search, 'tool_definitions')).toBeLessThan(tokensOf(classic, 'tool_definitions') / 2);
    expect(tokensOf(search, 'discovery')).toBeGreaterThan(200);
    expect(search.requests).toHaveLength(classic.requests.length + 1);
  });

  test('loads a definition without invalidating the prefix that is cached', async () => {
    const search = await runScripted('classic-search', listAndRead, sandbox);
    const reread = search.reading.ledger.filter(
      (row) => row.direction === 'input' && row.category === 'instructions' && row.history === 'resent',
    );
    expect(reread.every((row) => 'cache' in row && row.cache === 'cache_read')).toBe(true);
  });
});

test('code-typed declares everything in the description of run_code and discovers nothing', async () => {
  const run = await runScripted('code-typed', listAndRead, sandbox);
  expect(toolNames(run)).toEqual(['run_code']);
  expect(JSON.stringify(run.requests[0]?.tools)).toContain('unrelated_7');
  expect(tokensOf(run, 'discovery')).toBe(0);
  expect(run.reading.roundTrips).toBe(2);
});

describe('hybrid', () => {
  test('makes calls directly where one response holds all of a step, and writes a program otherwise', async () => {
    const [few, dependent] = await Promise.all([
      runScripted('hybrid', readAndMark, sandbox),
      runScripted('hybrid', listAndRead, sandbox),
    ]);
    expect(uses(few).map(({ name }) => name)).toEqual([
      'notes__read_note',
      'notes__read_note',
      'notes__mark_note',
    ]);
    expect(uses(dependent).map(({ name }) => name)).toEqual(['browse_tools', 'browse_tools', 'run_code']);
  });

  test('declares both kinds of tools', async () => {
    const run = await runScripted('hybrid', readAndMark, sandbox);
    expect(toolNames(run)).toHaveLength(tools.length + 2);
  });
});

describe('calls at once', () => {
  const ids = Array.from({ length: 13 }, (_, id) => id);
  const readAll = {
    tools,
    input: { ids },
    program: `async function program(mcp, { ids }) {
      const read = await Promise.all(ids.map((id) => mcp.notes.read_note({ id })));
      return read.map(({ text }) => text.length);
    }`,
  };

  test('billed again one to a message cost what a client pays that asks for one at a time', async () => {
    const [run, serial] = [
      await runScripted('classic', readAll, sandbox),
      await runScripted('classic-serial', readAll, sandbox),
    ];
    const { assumed } = run.otherwise ?? {};
    expect(assumed?.oneCall).toMatchObject({
      costUsd: serial.reading.costUsd,
      billed: serial.reading.tokens.billed,
      modelledMs: serial.reading.modelledMs,
    });
    expect(serial.otherwise?.assumed.oneCall?.billed).toBe(serial.reading.tokens.billed);
    // Both know that all thirteen were ready at once.
    expect(serial.otherwise?.assumed.allCalls).toEqual(assumed?.allCalls);
    expect(assumed?.allCalls?.billed).toBeLessThan(run.reading.tokens.billed);
  });

  test('and the conversation billed again as it was is the bill', async () => {
    for (const variant of ['classic', 'classic-search', 'code', 'code-typed', 'hybrid']) {
      const { reading, otherwise } = await runScripted(variant, listAndRead, sandbox);
      const same = otherwise?.sizes.find(({ factor }) => factor === 1)?.results;
      expect(same).toMatchObject({ costUsd: reading.costUsd, billed: reading.tokens.billed });
    }
  });
});
