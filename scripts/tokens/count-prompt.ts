import { findModel, toolUseSystemTokens } from '../../harness/meter/catalogue.ts';
import { countPart, markups, PromptParts } from '../../harness/meter/prompt-parts.ts';
import { addCounts, type Count, fixed, type TokenCounter } from '../../harness/meter/token-counter.ts';
import type { ModelResponse } from '../../harness/results/messages.ts';
import type { Family } from './recorded.ts';
import type { Step } from './sessions.ts';

/** The model that counted the servers' definitions, and the one that wrote the recorded conversations. */
const models: Record<Family, string> = { 'claude-4.7': 'claude-opus-5', 'claude-3': 'claude-sonnet-4-6' };

/** What definitions add to a request, the model's tool prompt with them. */
export function countDefinitions(
  definitions: readonly string[],
  family: Family,
  counter: TokenCounter,
): Count {
  const { tokens } = toolUseSystemTokens(findModel(models[family]));
  const { definition } = markups[family];
  return addCounts([
    fixed(tokens + definition * definitions.length),
    ...definitions.map((text) => counter.measure(text)),
  ]);
}

/** By how much the prompt grows with a step, as the meter takes it apart. */
export function countStep({ words, calls, results }: Step, family: Family, counter: TokenCounter): Count {
  const parts = new PromptParts(findModel(models[family]), {});
  const content = [
    ...(words === '' ? [] : [{ type: 'text', text: words }]),
    ...calls.map(({ name, input }, at) => ({ type: 'tool_use', id: String(at), name, input })),
  ];
  const written = parts.response({ content } as unknown as ModelResponse);
  const returned = parts.message({
    role: 'user',
    content: results.map(({ text, isError }, at) => ({
      type: 'tool_result',
      tool_use_id: String(at),
      content: text,
      is_error: isError,
    })),
  });
  return addCounts([...written, ...returned].map((part) => countPart(part, counter)));
}
