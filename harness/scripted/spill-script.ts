import type { Model } from '../model/model.ts';
import { longestShown, readNotice, readResult } from '../patterns/spill.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { createClassicScript, type Received } from './classic-script.ts';
import { resultText, toolResults } from './messages.ts';
import type { Play, Prompt, Stage } from './play.ts';
import type { Script } from './script.ts';

/**
 * The classic model where long results are saved instead of shown. It cannot know which part of a result its program is
 * going to use, so it reads all of every one, in parts as long as allowed: what it works with came back in the conversation.
 */
export function createSpillScript(script: Script, sandbox: Sandbox, maxParallelCalls: number): Model {
  const complete = (stage: Stage, prompt: Prompt, results: Received[]) =>
    readSpilled(stage, prompt, results, maxParallelCalls);
  return createClassicScript(script, sandbox, { maxParallelCalls, complete });
}

async function* readSpilled(
  stage: Stage,
  first: Prompt,
  results: Received[],
  maxParallelCalls: number,
): Play<Received[]> {
  let prompt = first;
  const completed: Received[] = [];
  for (const result of results) {
    const spilled = result.isError ? undefined : readNotice(result.text);
    if (!spilled) {
      completed.push(result);
      continue;
    }
    const { path, characters } = spilled;
    const offsets = Array.from(
      { length: Math.ceil(characters / longestShown) },
      (_, part) => part * longestShown,
    );
    let text = '';
    while (offsets.length > 0) {
      prompt = yield offsets
        .splice(0, maxParallelCalls)
        .map((offset) => stage.use(readResult, { path, offset, limit: longestShown }).block);
      text += toolResults(prompt.request).map(resultText).join('');
    }
    completed.push({ ...result, text });
  }
  return { prompt, came: completed };
}
