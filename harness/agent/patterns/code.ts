import type { ToolUseBlock } from '../../results/messages.ts';
import { declarations } from '../../tools/browse/declaration.ts';
import { createDirectory, type Directory } from '../../tools/browse/directory.ts';
import { browseTools, codeTools, runCode, runCodeTool } from './code-tools.ts';
import { converse, type Executed } from './converse.ts';
import type { Pattern } from './pattern.ts';
import { runProgram, showEnd } from './run-program.ts';

/** The model writes programs that call the tools; only what they return or print enters the context. */
export const code: Pattern = (task, context) => {
  const directory = createDirectory(task.surface);
  return converse(
    task,
    codeTools,
    async (use) => {
      if (use.name === browseTools) return browse(use, directory);
      if (use.name !== runCode) return unknownTool(use);
      return withSource(use, async (source) => showEnd(await runProgram(source, task.surface, context)));
    },
    context,
  );
};

/** As `code`, with nothing to discover: the description of `run_code` contains the declarations of all tools. */
export const codeTyped: Pattern = (task, context) =>
  converse(
    task,
    [runCodeTool({ declarations: declarations(task.surface) })],
    async (use) => {
      if (use.name !== runCode) return unknownTool(use);
      return withSource(use, async (source) => showEnd(await runProgram(source, task.surface, context)));
    },
    context,
  );

/** Answers a use of `browse_tools` with what is at its path. */
export function browse(use: ToolUseBlock, directory: Directory): Executed {
  const { path } = use.input as { path?: unknown };
  return typeof path === 'string'
    ? { text: directory.browse(path), isError: false }
    : { text: 'path: expected a string such as "/"', isError: true };
}

/** Hands on the program of a use of `run_code`, or says what is wrong with its input. */
export async function withSource(
  use: ToolUseBlock,
  run: (source: string) => Promise<Executed>,
): Promise<Executed> {
  const { code: source } = use.input as { code?: unknown };
  return typeof source === 'string' ? run(source) : { text: 'code: expected a string', isError: true };
}

export function unknownTool(use: ToolUseBlock): Executed {
  return {
    text: `There is no tool "${use.name}" here. Functions of MCP servers are called from a program: use ${runCode}.`,
    isError: true,
  };
}
