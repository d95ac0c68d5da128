import type { ContentBlock } from '@anthropic-ai/sdk/resources/messages';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Model } from '../model/model.ts';
import { createSandbox } from '../sandbox/create.ts';
import type { Sandbox, SandboxLimits } from '../sandbox/sandbox.ts';
import { resultText, scripted, text, toolResults, toolUse } from '../scripted/messages.ts';
import { codeSession } from './code-session.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox({});
});
afterAll(() => sandbox.close());

/** Runs these programs one after the other in one session; gives what the model was shown of each. */
async function runAll(programs: string[], programLimits: Partial<SandboxLimits> = {}): Promise<string[]> {
  const shown: string[] = [];
  const left = [...programs];
  const model: Model = scripted(
    'test',
    async () => undefined,
    async (request): Promise<ContentBlock[]> => {
      shown.push(...toolResults(request).map(resultText));
      const code = left.shift();
      return [code === undefined ? text('done') : toolUse(`toolu_${left.length}`, 'run_code', { code })];
    },
  );
  await codeSession(
    { text: 'Do it.', surface: [] },
    {
      model,
      sandbox,
      programLimits,
      limits: { roundTrips: 100, outputTokens: 1000 },
      onProgram: () => undefined,
      callTool: () => Promise.reject(new Error('there are no tools')),
      signal: new AbortController().signal,
    },
  );
  return shown;
}

test('keeps what a program put into state, and what it returned, for the next one', async () => {
  const shown = await runAll([
    'state.seen = [1, 2]; return { first: true };',
    'state.seen.push(3); return state.seen; // the last line may be a comment',
    'return state;',
  ]);
  expect(shown[1]).toBe('[1,2,3]');
  expect(JSON.parse(shown[2] ?? '')).toEqual({ seen: [1, 2, 3], returned: [{ first: true }, [1, 2, 3]] });
});

test('leaves the state as it was where a program fails, and places the error in the program', async () => {
  const shown = await runAll(['state.n = 1;', 'state.n = 2;\nthrow new Error("no");', 'return state.n;']);
  expect(shown[0]).toBe('undefined (the program returned nothing)');
  expect(shown[1]).toMatch(/^guest_error: Error: no \(line 2, column \d+\)/);
  expect(shown[2]).toBe('1');
  const [first] = await runAll(['throw new Error("x")']);
  expect(first).toContain('(line 1, column 7)');
});

test('allows a value of as many bytes as without a session, whatever the state holds', async () => {
  const limits = { valueBytes: 1000 };
  const shown = await runAll(
    [
      'state.big = "x".repeat(100_000); return "small";',
      'return "y".repeat(2_000);',
      'return state.big.length;',
    ],
    limits,
  );
  expect(shown).toEqual(['"small"', expect.stringContaining('output_limit'), '100000']);
});
