import { createDirectory } from '../directory/directory.ts';
import type { Json } from '../json.ts';
import { DEFAULT_LIMITS } from '../sandbox/limits.ts';
import type { ProgramEnd } from '../sandbox/sandbox.ts';
import { browse, unknownTool, withSource } from './code.ts';
import { browseTool, browseTools, runCode, runCodeTool } from './code-tools.ts';
import { converse } from './conversation.ts';
import type { Pattern, PatternContext } from './pattern.ts';
import { runProgram, type Surroundings, showEnd } from './run-program.ts';

/** No server of a scenario can have this name: theirs have no two underscores in a row. */
const stateServer = '__session';
const stateBytes = 8 * 1024 ** 2;

/**
 * As `code`, with an object `state` that outlives programs. Every program still gets a fresh isolate: the state travels as
 * JSON, in through a call that the wrapping makes and out with the returned value, so what is no JSON is not kept. A
 * program that fails leaves it unchanged.
 */
export const codeSession: Pattern = (task, context) => {
  const directory = createDirectory(task.surface);
  const session = new Session(context);
  return converse(
    task,
    [browseTool, runCodeTool({ session: true })],
    async (use) => {
      if (use.name === browseTools) return browse(use, directory);
      if (use.name !== runCode) return unknownTool(use);
      return withSource(use, async (source) =>
        showEnd(await runProgram(source, task.surface, context, session)),
      );
    },
    context,
  );
};

type State = { [key: string]: Json } & { returned: Json[] };

class Session implements Surroundings {
  readonly server: Surroundings['server'] = {
    name: stateServer,
    functions: ['load'],
    call: () => ({ ok: true, valueJson: JSON.stringify(this.#state), exempt: true }),
  };
  readonly limits: Surroundings['limits'];
  readonly #valueBytes: number;
  readonly #calls: number;
  #state: State = { returned: [] };

  constructor({ programLimits }: PatternContext) {
    this.#valueBytes = programLimits.valueBytes ?? DEFAULT_LIMITS.valueBytes;
    this.#calls = programLimits.calls ?? DEFAULT_LIMITS.calls;
    // Loading the state is a call too, and returning it is not the model's doing.
    this.limits = { valueBytes: this.#valueBytes + stateBytes, calls: this.#calls + 1 };
  }

  /** Stands before the program on its first line, so that the lines of errors stay the model's own. */
  readonly #before =
    `const state = await mcp.${stateServer}.load({}); const returned_ = await (async () => {`;

  wrap(source: string): string {
    return `${this.#before}${source}\n})(); return { value: returned_, state };`;
  }

  /** Keeps the state that a program left, and gives its end as if it had run by itself. */
  unwrap(end: ProgramEnd): ProgramEnd {
    if (end.status === 'call_limit') {
      const message = `The program made more than the ${this.#calls} calls that are allowed. Ask for more with each call.`;
      return { ...end, error: { name: end.error.name, message } };
    }
    if (end.status !== 'ok') {
      const { line, column } = end.error;
      if (line !== 1 || column === undefined) return end;
      return { ...end, error: { ...end.error, column: Math.max(1, column - this.#before.length) } };
    }
    const { value, state } = JSON.parse(end.valueJson ?? '{}') as { value?: Json; state?: State };
    const valueJson = value === undefined ? undefined : JSON.stringify(value);
    const bytes = Buffer.byteLength(valueJson ?? '');
    if (bytes > this.#valueBytes) {
      const { valueJson: _, status: __, ...rest } = end;
      const message = `The returned value has ${bytes} bytes of JSON; at most ${this.#valueBytes} are allowed.`;
      return { ...rest, status: 'output_limit', error: { name: 'OutputLimit', message } };
    }
    const earlier = this.#state.returned;
    this.#state = { ...state, returned: value === undefined ? earlier : [...earlier, value] };
    return { ...end, valueJson };
  }
}
