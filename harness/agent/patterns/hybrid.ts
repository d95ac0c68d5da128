import { createDirectory } from '../../tools/browse/directory.ts';
import { callDeclared, declareAll, toolsByClassicName } from './classic.ts';
import { browse, withSource } from './code.ts';
import { browseTools, codeTools, runCode } from './code-tools.ts';
import { converse } from './converse.ts';
import type { Pattern } from './pattern.ts';
import { runProgram, showEnd } from './run-program.ts';

/**
 * Both kinds of tools: every tool declared for direct calls, and programs beside them. The model chooses step by step, and
 * pays for the definitions of both.
 */
export const hybrid: Pattern = (task, context) => {
  const tools = toolsByClassicName(task.surface);
  const directory = createDirectory(task.surface);
  return converse(
    task,
    [...declareAll(tools), ...codeTools],
    async (use) => {
      if (use.name === browseTools) return browse(use, directory);
      if (use.name !== runCode) return callDeclared(use, tools, context);
      return withSource(use, async (source) => showEnd(await runProgram(source, task.surface, context)));
    },
    context,
  );
};
