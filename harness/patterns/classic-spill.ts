import { callDeclared, declareAll, toolsByClassicName } from './classic.ts';
import { converse } from './conversation.ts';
import type { Pattern } from './pattern.ts';
import { longestShown, readResult, SpillFiles, searchResult, spillTools } from './spill.ts';

/**
 * As `classic`, as today's clients do it: a result beyond a size is saved, and the model is shown where, how long it is
 * and how it begins. It then reads or searches what it needs of it.
 */
export const classicSpill: Pattern = (task, context) => {
  const tools = toolsByClassicName(task.surface);
  const files = new SpillFiles();
  return converse(
    task,
    [...declareAll(tools), ...spillTools],
    async (use) => {
      if (use.name === readResult) return files.read(use.input as Parameters<SpillFiles['read']>[0]);
      if (use.name === searchResult) return files.search(use.input as Parameters<SpillFiles['search']>[0]);
      const result = await callDeclared(use, tools, context);
      if (result.isError || result.text.length <= longestShown) return result;
      return { isError: false, text: files.save(result.text, /^\s*[[{]/.test(result.text)) };
    },
    context,
  );
};
